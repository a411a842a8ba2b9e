import * as pulumi from "@pulumi/pulumi";
import { isBatched } from "../dispatch-args.ts";
import type { Statement } from "../policy.ts";
import type { QueuedParts } from "../queued-dispatch.ts";
import { useKey, useKeyForObjects, useTableUnderKey } from "../security/key-use.ts";
import { publishUnderKey, receiveUnderKey, sendUnderKey } from "../security/messages.ts";

/** What the dispatcher may do: enter files, start their executions, and tell of those that it does not take on. */
export const dispatcherStatements = (parts: QueuedParts): readonly Statement[] => [
  receive("ReceiveArrivals", parts.arrivals.arn),
  ...receiveUnderKey(parts.encryption, "DecryptArrivals", parts.arrivals),
  ...startUnits(parts),
  ...(isBatched(parts) ? keepBatches(parts) : []),
  // Batches' files are rejected here; versions are superseded here.
  ...(isBatched(parts) || isOrdered(parts) ? tell(parts) : []),
];

/** What the recorder may do: note how files ended, and start what waits for them. */
export const recorderStatements = (parts: QueuedParts): readonly Statement[] => [
  receive("ReceiveOutcomes", parts.outcomes.arn),
  ...startUnits(parts),
  ...askExecutions(parts),
  ...(parts.jobName === undefined ? [] : readOutcomes(parts)),
  ...(isBatched(parts) ? keepFailures(parts) : []),
  // The next version of a key is taken on once the one before it has ended.
  ...(isBatched(parts) && isOrdered(parts) ? keepBatches(parts) : []),
  ...(isOrdered(parts) ? tell(parts) : []),
];

const isOrdered = ({ dispatch }: QueuedParts): boolean => dispatch.order === "per-key";

const receive = (sid: string, queueArn: pulumi.Input<string>): Statement => ({
  sid,
  actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
  resources: [queueArn],
});

/** Both start executions: whichever sees first that one may. */
const startUnits = (parts: QueuedParts): readonly Statement[] => {
  const { stateMachine, ledger, outcomes, encryption } = parts;
  return [
    {
      sid: "KeepLedger",
      actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:Query"],
      resources: [ledger.arn],
    },
    ...useTableUnderKey(encryption, ledger),
    { sid: "StartExecution", actions: ["states:StartExecution"], resources: [stateMachine.arn] },
    { sid: "Remind", actions: ["sqs:SendMessage"], resources: [outcomes.arn] },
    ...sendUnderKey(encryption, "EncryptReminder", outcomes),
  ];
};

const tell = ({ results, encryption }: QueuedParts): readonly Statement[] => [
  { sid: "Notify", actions: ["sns:Publish"], resources: [results.arn] },
  ...publishUnderKey(encryption, "EncryptNotice", results),
];

/** A file may fail in a batch that succeeds. */
const keepFailures = ({ failures, encryption }: QueuedParts): readonly Statement[] => [
  { sid: "KeepFailure", actions: ["sqs:SendMessage"], resources: [failures.arn] },
  ...sendUnderKey(encryption, "EncryptFailure", failures),
];

/** What a batch was to have, and what it has. */
const keepBatches = ({ output, encryption }: QueuedParts): readonly Statement[] => [
  {
    sid: "KeepBatches",
    actions: ["s3:GetObject", "s3:PutObject"],
    resources: [pulumi.interpolate`${output.arn}/proposals/*`, pulumi.interpolate`${output.arn}/manifests/*`],
  },
  ...useKeyForObjects(encryption, {
    sid: "EncryptBatches",
    actions: ["kms:GenerateDataKey", "kms:Decrypt"],
    bucketArns: [output.arn],
  }),
];

/**
 * What the one job says of its files, and which of them a batch has: one may still be under way when batches are given up.
 */
const readOutcomes = (parts: QueuedParts): readonly Statement[] => {
  const { output, encryption } = parts;
  return [
    {
      sid: "ReadOutcomes",
      actions: ["s3:GetObject"],
      resources: [pulumi.interpolate`${output.arn}/manifests/*`, pulumi.interpolate`${output.arn}/summary/*`],
    },
    // That an object is not there is told only to whom its bucket may be listed by.
    { sid: "ListOutput", actions: ["s3:ListBucket"], resources: [output.arn] },
    // Whoever writes batches may decrypt what is there.
    ...(isBatched(parts) && isOrdered(parts)
      ? []
      : useKeyForObjects(encryption, { sid: "DecryptOutcomes", actions: ["kms:Decrypt"], bucketArns: [output.arn] })),
  ];
};

const askExecutions = ({ stateMachine, account, encryption }: QueuedParts): readonly Statement[] => [
  {
    sid: "AskExecution",
    actions: ["states:DescribeExecution"],
    resources: [
      pulumi.interpolate`arn:${account.partition}:states:${account.region}:${account.id}:execution:${stateMachine.name}:*`,
    ],
  },
  ...useKey(encryption, {
    sid: "DecryptExecution",
    actions: ["kms:Decrypt"],
    conditions: { StringEquals: { "kms:EncryptionContext:aws:states:stateMachineArn": stateMachine.arn } },
  }),
];

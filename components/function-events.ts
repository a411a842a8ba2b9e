import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";
import { sendUnderKey } from "./security/messages.ts";

/** Has EventBridge call a function with each event that a rule sees. */
export const callOnEvent = (
  name: string,
  rule: aws.cloudwatch.EventRule,
  lambda: aws.lambda.Function,
  parent: pulumi.Resource,
): void => {
  const permission = new aws.lambda.Permission(
    name,
    {
      action: "lambda:InvokeFunction",
      function: lambda.name,
      principal: "events.amazonaws.com",
      // The account is part of the rule's ARN.
      sourceArn: rule.arn,
    },
    { parent },
  );
  new aws.cloudwatch.EventTarget(name, { rule: rule.name, arn: lambda.arn }, { parent, dependsOn: permission });
};

/** As long as Lambda tries events again that it could not hand over. */
const longestAgeSeconds = 6 * 60 * 60;

/** An event that the function fails on is tried twice more; then `destination` has it: the ARN of a queue or a topic. */
export const keepFailedEvents = (
  name: string,
  lambda: aws.lambda.Function,
  { destination, maximumEventAgeInSeconds = longestAgeSeconds }: FailedEvents,
  parent: pulumi.Resource,
): void => {
  new aws.lambda.FunctionEventInvokeConfig(
    name,
    {
      functionName: lambda.name,
      maximumRetryAttempts: 2,
      maximumEventAgeInSeconds,
      destinationConfig: { onFailure: { destination } },
    },
    { parent },
  );
};

interface FailedEvents {
  readonly destination: pulumi.Input<string>;
  /** Seconds after which an event is given up that could not be handed over. @default 21600, the most that there is */
  readonly maximumEventAgeInSeconds?: number;
}

/** What a function's role needs so that Lambda can keep its failed events in a queue. */
export const mayKeepFailedEvents = (queue: aws.sqs.Queue, encryption: Encryption | undefined): readonly Statement[] => [
  { sid: "KeepFailedEvent", actions: ["sqs:SendMessage"], resources: [queue.arn] },
  ...sendUnderKey(encryption, "EncryptFailedEvent", queue),
];

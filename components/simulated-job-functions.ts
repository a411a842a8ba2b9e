import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { LambdaFunction, type LambdaFunctionArgs } from "./lambda-function.ts";
import type { Statement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";
import { useTableUnderKey } from "./security/key-use.ts";

/** What the functions of a simulated job have in common. */
export interface JobFunctionParts {
  readonly runs: aws.dynamodb.Table;
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  readonly standIn?: aws.lambda.Function;
  readonly logRetentionDays: number;
  readonly encryption: Encryption | undefined;
}

type Create = (name: string, parts: JobFunctionParts, parent: pulumi.Resource) => aws.lambda.Function;

export const createStart: Create = (name, parts, parent) =>
  createFunction(
    `${name}-start`,
    {
      entry: new URL("../functions/start-job-run.ts", import.meta.url),
      description: "Answers as glue:StartJobRun",
      statements: [writeRuns(parts.runs)],
      timeoutSeconds: 30,
    },
    parts,
    parent,
  );

export const createGet: Create = (name, parts, parent) =>
  createFunction(
    `${name}-get`,
    {
      entry: new URL("../functions/get-job-run.ts", import.meta.url),
      description: "Answers as glue:GetJobRun",
      statements: [updateRuns(parts.runs), ...invokeStandIn(parts)],
      // It waits for the stand-in.
      timeoutSeconds: 900,
    },
    parts,
    parent,
  );

export const createStop: Create = (name, parts, parent) =>
  createFunction(
    `${name}-stop`,
    {
      entry: new URL("../functions/batch-stop-job-run.ts", import.meta.url),
      description: "Answers as glue:BatchStopJobRun",
      statements: [updateRuns(parts.runs)],
      timeoutSeconds: 30,
    },
    parts,
    parent,
  );

export const createList: Create = (name, parts, parent) =>
  createFunction(
    `${name}-list`,
    {
      entry: new URL("../functions/get-job-runs.ts", import.meta.url),
      description: "Answers as glue:GetJobRuns",
      // A run that came to its end unseen is seen now: its work is done first.
      statements: [listRuns(parts.runs), ...invokeStandIn(parts)],
      timeoutSeconds: 900,
    },
    parts,
    parent,
  );

export const createRun: Create = (name, parts, parent) =>
  createFunction(
    `${name}-run`,
    {
      entry: new URL("../functions/start-job-run-sync.ts", import.meta.url),
      description: "Answers as glue:startJobRun.sync",
      statements: [writeRuns(parts.runs), ...invokeStandIn(parts)],
      // As long as a function may live: it waits for the run's end.
      timeoutSeconds: 900,
    },
    parts,
    parent,
  );

const createFunction = (
  name: string,
  args: Pick<LambdaFunctionArgs, "entry" | "description" | "statements" | "timeoutSeconds">,
  { runs, environment, logRetentionDays, encryption }: JobFunctionParts,
  parent: pulumi.Resource,
): aws.lambda.Function => {
  const statements = [...args.statements, ...useTableUnderKey(encryption, runs)];
  return new LambdaFunction(name, { ...args, statements, environment, logRetentionDays, encryption }, { parent })
    .function;
};

const writeRuns = (runs: aws.dynamodb.Table): Statement => ({
  sid: "WriteRuns",
  actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"],
  resources: [runs.arn],
});

export const listRuns = (runs: aws.dynamodb.Table): Statement => ({
  sid: "ListRuns",
  actions: ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query"],
  resources: [runs.arn],
});

export const updateRuns = (runs: aws.dynamodb.Table): Statement => ({
  sid: "UpdateRuns",
  actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
  resources: [runs.arn],
});

export const invokeStandIn = ({ standIn }: JobFunctionParts): readonly Statement[] =>
  standIn === undefined ? [] : [{ sid: "InvokeStandIn", actions: ["lambda:InvokeFunction"], resources: [standIn.arn] }];

import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, ListExecutionsCommand, type ExecutionStatus } from "@aws-sdk/client-sfn";
import { executionName } from "../../../functions/lib/execution-name.ts";
import type { Clients } from "./deployed.ts";
import type { Outputs } from "../engine.ts";

export interface FileToLand {
  readonly key: string;
  readonly body: string | Uint8Array;
}

/** What became of a file on a deployed stack. */
export interface LandedFile {
  readonly name: string;
  readonly arn: string;
  readonly status: ExecutionStatus;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly cause?: string;
}

type Target = Readonly<Pick<Outputs, string>>;

/** Uploads a file as a user would; gives the ARN that its execution has, now or soon. */
export async function upload(clients: Clients, outputs: Target, { key, body }: FileToLand): Promise<string> {
  const bucket = outputs.landingBucket;
  const { VersionId: versionId, ETag } = await clients.s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }),
  );
  if (bucket === undefined || versionId === undefined) throw new Error(`${key}: no version id (ETag ${ETag ?? "–"})`);
  return arnOf(outputs, executionName({ bucket, key, versionId, sequencer: "" }));
}

export const arnOf = ({ stateMachineArn = "" }: Target, name: string): string =>
  `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;

/** Waits until an execution has ended. */
export async function ended(clients: Clients, executionArn: string, seconds = 60): Promise<LandedFile> {
  return eventually(`the end of ${executionArn}`, seconds, async () => {
    const execution = await clients.stepFunctions
      .send(new DescribeExecutionCommand({ executionArn }))
      .catch((error: unknown) => {
        if (error instanceof Error && error.name === "ExecutionDoesNotExist") return undefined;
        throw error;
      });
    if (execution?.status === undefined || execution.status === "RUNNING") return undefined;
    const { name = "", status, output, error, cause } = execution;
    return {
      name,
      arn: executionArn,
      status,
      ...(output === undefined ? {} : { output: JSON.parse(output) as Record<string, unknown> }),
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    };
  });
}

/** Uploads a file and waits for what becomes of it. */
export async function fileIn(clients: Clients, outputs: Target, file: FileToLand): Promise<LandedFile> {
  return ended(clients, await upload(clients, outputs, file));
}

/** The names of all executions there are or have been. */
export async function executionsOf(clients: Clients, { stateMachineArn }: Target): Promise<readonly string[]> {
  const names: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await clients.stepFunctions.send(new ListExecutionsCommand({ stateMachineArn, nextToken }));
    names.push(...(page.executions ?? []).map(({ name = "" }) => name));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return names;
}

/** Looks until there is something to see. */
export async function eventually<T>(what: string, seconds: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error(`${what} was not seen within ${seconds} s`);
    await sleep(100);
  }
}

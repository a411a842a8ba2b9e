import { InvokeCommand } from "@aws-sdk/client-lambda";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { encodedKey } from "../../../cli/deployed/backfill/records.ts";
import { executionName } from "../../../functions/lib/execution-name.ts";
import { inputOf } from "./executions.ts";
import { arnOf, type FileToLand } from "./files.ts";
import type { Clients } from "./deployed.ts";
import type { Outputs } from "../engine.ts";
import { s3Record } from "../s3-events.ts";

/** What the dispatcher tells of an event. */
export interface DispatchAnswer {
  readonly started: number;
  readonly already: number;
  readonly ignored: number;
}

/** Brings an event to the dispatcher as Lambda would, and waits for its answer. */
export async function dispatched(
  clients: Clients,
  { dispatcherName }: Outputs,
  ...records: readonly object[]
): Promise<DispatchAnswer> {
  const Payload = JSON.stringify({ Records: records });
  const answer = await clients.lambda.send(new InvokeCommand({ FunctionName: dispatcherName, Payload }));
  const text = answer.Payload?.transformToString() ?? "";
  if (answer.FunctionError !== undefined) throw new Error(`the dispatcher failed: ${text}`);
  return JSON.parse(text) as DispatchAnswer;
}

/** The record of an execution's file, as S3 may deliver it again at any time. */
export async function recordOf(clients: Clients, executionArn: string): Promise<object> {
  const { bucket, key, versionId, size, sequencer } = (await inputOf(clients, executionArn)).arguments;
  return s3Record({ bucket, key: encodedKey(key), versionId, size, sequencer });
}

/** A file that its bucket has told nobody of. */
export interface SilentFile {
  readonly record: object;
  /** Of the execution that the record leads to. */
  readonly arn: string;
}

/** Uploads a file of which no event is delivered, because it is outside of the landing prefix. */
export async function uploadSilently(
  clients: Clients,
  outputs: Outputs,
  { key, body }: FileToLand,
): Promise<SilentFile> {
  const { landingBucket: bucket = "" } = outputs;
  const { VersionId: versionId = "" } = await clients.s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: `elsewhere/${key}`, Body: body }),
  );
  const object = { bucket, key: `elsewhere/${key}`, versionId, sequencer: "0055AED6DCD90281E5" };
  return {
    record: s3Record({ ...object, key: encodedKey(object.key), size: Buffer.byteLength(body) }),
    arn: arnOf(outputs, executionName(object)),
  };
}

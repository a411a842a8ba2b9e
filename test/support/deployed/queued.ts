import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { LedgerTable } from "../../../cli/deployed/ledger-table.ts";
import type { FileEntry } from "../../../functions/lib/queued/file-entry.ts";
import type { Manifest } from "../../../functions/lib/queued/manifest.ts";
import { s3Record } from "../s3-events.ts";
import { eventually, executionsOf } from "./files.ts";
import type { Clients } from "./deployed.ts";
import type { Outputs } from "../engine.ts";

/** Where a stack of queued files is. */
interface QueuedStack {
  readonly clients: Clients;
  readonly outputs: Outputs;
}

/** What the ledger has, by key. */
export async function entriesOf({ clients, outputs }: QueuedStack): Promise<ReadonlyMap<string, FileEntry>> {
  const entries = new Map<string, FileEntry>();
  for await (const entry of new LedgerTable(clients.dynamodb, outputs.ledgerTable ?? "").scan())
    entries.set(entry.file.key, entry);
  return entries;
}

/** The entries of these keys, once all are there and have come to their ends. */
export const endedEntries = (
  stack: QueuedStack,
  keys: readonly string[],
  seconds = 120,
): Promise<readonly FileEntry[]> =>
  eventually(`the end of ${keys.length} files`, seconds, async () => {
    const entries = await entriesOf(stack);
    const found = keys.map((key) => entries.get(key)).filter((entry) => entry?.endedAt !== undefined);
    return found.length === keys.length ? found.filter((entry) => entry !== undefined) : undefined;
  });

/** The entry of a key, once it is as wanted. */
export const entryWith = (
  stack: QueuedStack,
  key: string,
  isWanted: (entry: FileEntry) => boolean,
  seconds = 60,
): Promise<FileEntry> =>
  eventually(`the entry of ${key}`, seconds, async () => {
    const entry = (await entriesOf(stack)).get(key);
    return entry !== undefined && isWanted(entry) ? entry : undefined;
  });

/** How often each key was in an execution: in the manifest of a batch. */
export async function timesTaken({ clients, outputs }: QueuedStack): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  const manifests = await clients.s3.send(
    new ListObjectsV2Command({ Bucket: outputs.outputBucket, Prefix: "manifests/" }),
  );
  const started = new Set(await executionsOf(clients, outputs));
  for (const { Key = "" } of manifests.Contents ?? []) {
    if (!started.has(Key.replace("manifests/", "").replace(/\.json$/, ""))) continue;
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: outputs.outputBucket, Key }));
    const { files } = JSON.parse((await Body?.transformToString()) ?? "") as Manifest;
    for (const { key } of files) times.set(key, (times.get(key) ?? 0) + 1);
  }
  return times;
}

/** A landed file, as a notification tells of it. */
export interface Notified {
  readonly key: string;
  readonly versionId: string;
  readonly size: number;
  readonly sequencer: string;
}

/** Sends notifications as S3 does, each in a message of its own, in this order. */
export async function notify({ clients, outputs }: QueuedStack, files: readonly Notified[]): Promise<void> {
  const { landingBucket: bucket = "", arrivalQueueUrl: QueueUrl } = outputs;
  for (let from = 0; from < files.length; from += 10) {
    const Entries = files.slice(from, from + 10).map((file, index) => {
      const key = encodeURIComponent(file.key).replaceAll("%2F", "/");
      return { Id: String(index), MessageBody: JSON.stringify({ Records: [s3Record({ ...file, bucket, key })] }) };
    });
    await clients.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** Has Lambda read a queue, or read it no more. */
export async function readQueue({ clients }: QueuedStack, queue: RegExp, Enabled: boolean): Promise<void> {
  const { EventSourceMappings = [] } = await clients.lambda.send(new ListEventSourceMappingsCommand({}));
  for (const { UUID, EventSourceArn = "" } of EventSourceMappings) {
    if (queue.test(EventSourceArn)) await clients.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
  }
}

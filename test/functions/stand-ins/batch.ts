import type { S3 } from "../../../functions/lib/aws.ts";
import {
  manifestKey,
  outcomesKey,
  type FileOutcome,
  type ManifestFile,
} from "../../../functions/lib/queued/manifest.ts";
import { createHandler, type Summary } from "../../../functions/stand-ins/process-csv.ts";
import { Buckets } from "./buckets.ts";
import { readParquet } from "./parquet-reader.ts";

const EXECUTION = "batch-1";
const MANIFEST = `s3://out/${manifestKey(EXECUTION)}`;

/** S3 that refuses to give some objects, and remembers how much of what has landed was being read at once. */
class WatchedBuckets extends Buckets {
  readonly refused = new Map<string, Error>();
  mostAtOnce = 0;
  mostBytesAtOnce = 0;
  #open = 0;
  #openBytes = 0;

  override async getObject(input: Parameters<S3["getObject"]>[0]): ReturnType<S3["getObject"]> {
    const refusal = this.refused.get(input.Key);
    if (refusal !== undefined) throw refusal;
    const content = await super.getObject(input);
    if (input.Bucket !== "landing") return content;
    return { ...content, Body: this.#watched(content.Body, content.ContentLength) };
  }

  async *#watched(body: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
    this.#open++;
    this.#openBytes += length;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open);
    this.mostBytesAtOnce = Math.max(this.mostBytesAtOnce, this.#openBytes);
    yield* body;
    this.#open--;
    this.#openBytes -= length;
  }
}

export const s3Error = (name: string, message: string): Error => Object.assign(new Error(message), { name });

interface Landed {
  readonly content?: string | Uint8Array;
  readonly key?: string;
  readonly versionId?: string;
  /** As the manifest has it. @default the content's */
  readonly size?: number;
}

interface Batch {
  readonly s3: WatchedBuckets;
  readonly run: (args?: Readonly<Record<string, string>>) => Promise<Summary>;
  readonly outcomes: () => readonly FileOutcome[];
}

/** A batch of files by name; those without content are gone. */
export function batchOf(files: Readonly<Record<string, Landed>>): Batch {
  const s3 = new WatchedBuckets(64 * 1024, 1000);
  const listed = Object.entries(files).map(([name, { content, key = `in/${name}.csv`, versionId = "null", size }]) => {
    const bytes = content === undefined ? undefined : Buffer.from(content);
    const version = versionId === "null" ? "" : `@${versionId}`;
    if (bytes !== undefined) s3.objects.set(`landing/${key}${version}`, bytes);
    const file: ManifestFile = {
      name,
      bucket: "landing",
      key,
      versionId,
      size: size ?? bytes?.length ?? 10,
      sequencer: "1",
      generation: 0,
    };
    return file;
  });
  s3.objects.set(`out/${manifestKey(EXECUTION)}`, Buffer.from(JSON.stringify({ files: listed })));
  const handler = createHandler({ s3, log: () => undefined });
  const run: Batch["run"] = (args) =>
    handler(
      {
        JobName: "process-csv",
        JobRunId: "jr_1",
        Arguments: {
          "--bucket": "out",
          "--key": manifestKey(EXECUTION),
          "--version_id": "null",
          "--output_bucket": "out",
          "--execution_name": EXECUTION,
          "--manifest": MANIFEST,
          ...args,
        },
      },
      { awsRequestId: "request-1" },
    );
  const outcomes = (): readonly FileOutcome[] =>
    (s3.text(`out/${outcomesKey(EXECUTION)}`) ?? "")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as FileOutcome);
  return { s3, run, outcomes };
}

export const written = (s3: Buckets): readonly string[] =>
  [...s3.objects.keys()].filter((name) => name.startsWith("out/") && !name.startsWith("out/manifests/")).sort();

export const sorted = (objects: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> =>
  new Map([...objects].sort());

/** From the so manyth call on nothing is answered and nothing is done any more; until it is revived. */
export function dieAt(s3: Buckets, call: number): () => void {
  let calls = 0;
  let isAlive = true;
  const names = ["getObject", "putObject", "deleteObject", "listObjectsV2"] as const;
  const own = names.map((name) => [name, s3[name].bind(s3) as (input: never) => Promise<never>] as const);
  for (const [name, answer] of own) {
    s3[name] = (input: never): Promise<never> => {
      isAlive &&= ++calls < call;
      return isAlive ? answer(input) : Promise.reject(new Error("dead"));
    };
  }
  return () => {
    for (const [name, answer] of own) s3[name] = answer;
  };
}

export const table = (s3: Buckets, file: string): ReturnType<typeof readParquet> =>
  readParquet(s3.objects.get(`out/processed/execution=${EXECUTION}/file=${file}/part-00000.parquet`) ?? Buffer.of());

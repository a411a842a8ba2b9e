import type { Kinesis, S3 } from "../../../functions/lib/aws.ts";
import { readParquet } from "../../../functions/lib/parquet/read-parquet.ts";
import { Buckets } from "../../../test/functions/stand-ins/buckets.ts";
import type { Manifest } from "../lib/manifests.ts";

type Objects = ReadonlyMap<string, Uint8Array>;

/** Waits until a call may be made. */
export type Turn = (call: string) => Promise<unknown>;

/** Storage in memory that knows conditional writes, waits for its turn before each call, and keeps how it was after each. */
export class Storage implements S3 {
  readonly #buckets = new Buckets();
  readonly #turn: Turn;
  readonly history: Objects[] = [];

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  get objects(): Objects {
    return this.#buckets.objects;
  }

  async getObject(input: Parameters<S3["getObject"]>[0]): ReturnType<S3["getObject"]> {
    await this.#turn(`get ${input.Bucket}/${input.Key}`);
    return this.#buckets.getObject(input);
  }

  async putObject(input: Parameters<S3["putObject"]>[0]): Promise<object> {
    await this.#turn(`put ${input.Bucket}/${input.Key}`);
    if (input.IfNoneMatch === "*" && this.objects.has(`${input.Bucket}/${input.Key}`)) {
      throw Object.assign(new Error(input.Key), { name: "PreconditionFailed" });
    }
    return this.#changed(this.#buckets.putObject(input));
  }

  async deleteObject(input: Parameters<S3["deleteObject"]>[0]): Promise<object> {
    await this.#turn(`delete ${input.Bucket}/${input.Key}`);
    return this.#changed(this.#buckets.deleteObject(input));
  }

  async copyObject(input: Parameters<S3["copyObject"]>[0]): Promise<object> {
    await this.#turn(`copy ${input.Bucket}/${input.Key}`);
    return this.#changed(this.#buckets.copyObject(input));
  }

  async listObjectsV2(input: Parameters<S3["listObjectsV2"]>[0]): ReturnType<S3["listObjectsV2"]> {
    await this.#turn(`list ${input.Bucket}/${input.Prefix}`);
    const start = `${input.Bucket}/${input.Prefix}`;
    const found = [...this.objects.keys()].filter((name) => name.startsWith(start)).sort();
    return { Contents: found.map((name) => ({ Key: name.slice(input.Bucket.length + 1) })) };
  }

  #changed(answer: Promise<object>): Promise<object> {
    this.history.push(new Map(this.objects));
    return answer;
  }
}

/** A stream of one shard that is read and never written. */
export const streamOf = (texts: readonly string[]): Kinesis => {
  const numbered = (index: number): string => String(index).padStart(6, "0");
  return {
    putRecords: () => Promise.reject(new Error("nobody writes here")),
    listShards: () => Promise.resolve({ Shards: [{ ShardId: "s" }] as never }),
    getShardIterator: ({ StartingSequenceNumber: after }) =>
      Promise.resolve({ ShardIterator: after === undefined ? "0" : String(Number(after) + 1) }),
    getRecords: ({ ShardIterator, Limit = texts.length }) => {
      const from = Number(ShardIterator);
      const Records = texts.slice(from, from + Limit).map((text, index) => ({
        Data: Buffer.from(text),
        SequenceNumber: numbered(from + index),
        PartitionKey: "p",
      }));
      const next = from + Records.length;
      return Promise.resolve({
        Records,
        NextShardIterator: String(next),
        MillisBehindLatest: next < texts.length ? 1 : 0,
      });
    },
  };
};

export interface Counted {
  readonly id: string;
  readonly day: string;
  readonly by: string;
}

/** The payments that count, by the readers' rule. */
export const countedIn = async (objects: Objects): Promise<readonly Counted[]> => {
  const last = new Map<string, Manifest>();
  for (const [name, content] of [...objects].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!name.includes("/manifests/")) continue;
    const manifest = JSON.parse(Buffer.from(content).toString("utf8")) as Manifest;
    last.set(manifest.day, manifest);
  }
  const loaded = [...last.values()].map(({ day, file }) => ({ name: file.slice("s3://".length), day }));
  const open = filesOf(objects, "live").filter(({ day }) => !last.has(day));
  const counted: Counted[] = [];
  for (const { name, day } of [...loaded, ...open]) {
    for (const row of await rowsIn(objects, name)) counted.push({ ...row, day });
  }
  return counted;
};

/** The ids in the files of the stream, whether they count or wait for a load. */
export const streamedIn = async (objects: Objects): Promise<readonly string[]> => {
  const files = [...filesOf(objects, "live"), ...filesOf(objects, "late")];
  return (await Promise.all(files.map(({ name }) => rowsIn(objects, name)))).flat().map(({ id }) => id);
};

const filesOf = (objects: Objects, folder: string): readonly { readonly name: string; readonly day: string }[] =>
  [...objects.keys()].flatMap((name) => {
    const [, day] = new RegExp(`^stream/${folder}/day=([^/]+)/`).exec(name) ?? [];
    return day === undefined ? [] : [{ name, day }];
  });

const read = new WeakMap<Uint8Array, Promise<readonly Omit<Counted, "day">[]>>();

const rowsIn = (objects: Objects, name: string): Promise<readonly Omit<Counted, "day">[]> => {
  const content = objects.get(name);
  if (content === undefined) throw new Error(`${name} is read and not there`);
  const rows =
    read.get(content) ??
    readParquet(content).then((found) =>
      found.map(({ payment_id: id, told_by: by = "stream" }) => ({ id: String(id), by: String(by) })),
    );
  read.set(content, rows);
  return rows;
};

import type { S3 } from "../aws.ts";

/** How far each shard has been read: the number of the last record. */
export type Offsets = Readonly<Record<string, string>>;

/** What a batch has left for the next one. */
export interface Commit<State> {
  /** From 0. */
  readonly batch: number;
  readonly offsets: Offsets;
  readonly state: State;
}

/**
 * A query's checkpoint in S3, in the manner of Spark's: before a batch is worked on, `offsets/N` says what belongs to it;
 * when it is done, `commits/N` says so and holds the state. Both are written once and never again, so a batch that is
 * repeated after a failure has the same records, and of two that do the same one only is counted.
 */
export class Checkpoint<State> {
  readonly #s3: S3;
  readonly #bucket: string;
  readonly #prefix: string;

  /** @param location `s3://bucket/prefix/`, of one query alone */
  constructor(s3: S3, location: string) {
    const [, bucket, prefix] = /^s3:\/\/([^/]+)\/(.+\/)$/.exec(location) ?? [];
    if (bucket === undefined || prefix === undefined) {
      throw new Error(`--checkpoint_location must be s3://bucket/prefix/, got ${location}`);
    }
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  /** What the last batch has left. Undefined: there was none. */
  async latest(): Promise<Commit<State> | undefined> {
    const keys = await this.#keys("commits/");
    const last = keys.toSorted().at(-1);
    return last === undefined ? undefined : ((await this.#read(last)) as Commit<State>);
  }

  /** Where a batch ends that was begun and not committed. Undefined: it was not begun. */
  async planned(batch: number): Promise<Offsets | undefined> {
    const [key] = await this.#keys(`offsets/${numbered(batch)}`);
    return key === undefined ? undefined : ((await this.#read(key)) as Offsets);
  }

  /** Says where a batch ends. False: somebody else has said so before. */
  plan(batch: number, offsets: Offsets): Promise<boolean> {
    return this.#writeOnce(`offsets/${numbered(batch)}`, offsets);
  }

  /** Ends a batch. False: somebody else has ended it. */
  async commit(commit: Commit<State>): Promise<boolean> {
    if (!(await this.#writeOnce(`commits/${numbered(commit.batch)}`, commit))) return false;
    // The one before is kept: who lists commits while this one is written must find one.
    for (const folder of commit.batch < 2 ? [] : ["offsets/", "commits/"]) {
      await this.#s3.deleteObject({
        Bucket: this.#bucket,
        Key: `${this.#prefix}${folder}${numbered(commit.batch - 2)}`,
      });
    }
    return true;
  }

  async #writeOnce(name: string, value: unknown): Promise<boolean> {
    try {
      await this.#s3.putObject({
        Bucket: this.#bucket,
        Key: this.#prefix + name,
        Body: Buffer.from(JSON.stringify(value)),
        ContentType: "application/json",
        IfNoneMatch: "*",
      });
      return true;
    } catch (error) {
      // A conflict is another write of it that is going on.
      if (error instanceof Error && ["PreconditionFailed", "ConditionalRequestConflict"].includes(error.name))
        return false;
      throw error;
    }
  }

  async #keys(start: string): Promise<readonly string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.#s3.listObjectsV2({
        Bucket: this.#bucket,
        Prefix: this.#prefix + start,
        ...(token !== undefined && { ContinuationToken: token }),
      });
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  }

  async #read(Key: string): Promise<unknown> {
    const { Body } = await this.#s3.getObject({ Bucket: this.#bucket, Key });
    const pieces: Uint8Array[] = [];
    for await (const piece of Body) pieces.push(piece);
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  }
}

const numbered = (batch: number): string => `${String(batch).padStart(10, "0")}.json`;

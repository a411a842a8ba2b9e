import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rm, stat, utimes } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ListObjectsOutput } from "../services/list-objects.ts";
import { readablePath } from "../services/disk-paths.ts";
import type { GetObjectOutput } from "../services/s3-api.ts";
import { ServiceError } from "../services/service.ts";
import type { ScriptCloud, ScriptRun } from "./script-run.ts";

/**
 * The buckets as folders, for Spark, which wants a file system. The objects that the run's role may read are copied into
 * the folders before the run; what Spark changes there becomes objects again, by the role's permissions, whenever the
 * buckets are looked at and when the run ends.
 */
export class StagedBuckets {
  readonly folders: Readonly<Record<string, string>>;
  readonly #cloud: ScriptCloud;
  readonly #role: ScriptRun["role"];
  /** What is the same in the folder and in the bucket, by the file's path. */
  readonly #known = new Map<string, string>();
  #turn: Promise<void> = Promise.resolve();

  constructor(folder: string, { cloud, role }: Pick<ScriptRun, "cloud" | "role">) {
    this.#cloud = cloud;
    this.#role = role;
    this.folders = Object.fromEntries(cloud.buckets.map((bucket) => [bucket, join(folder, bucket)]));
  }

  /** Copies what is there. */
  async fill(): Promise<void> {
    for (const [bucket, folder] of Object.entries(this.folders)) {
      await mkdir(folder, { recursive: true });
      for await (const key of this.#keys(bucket)) await this.fetch(bucket, key);
    }
  }

  /** Copies an object, if the role may read it and its key can be a path. */
  fetch(bucket: string, key: string): Promise<void> {
    return this.#inTurn(() => this.#fetch(bucket, key));
  }

  async #fetch(bucket: string, key: string): Promise<void> {
    const path = this.#pathOf(bucket, key);
    if (path === undefined) return;
    try {
      const { Body, LastModified } = (await this.#call("getObject", { Bucket: bucket, Key: key })) as GetObjectOutput;
      await mkdir(dirname(path), { recursive: true });
      // A checksum of what was there before would be taken for this one's.
      await rm(join(dirname(path), `.${key.split("/").at(-1) ?? ""}.crc`), { force: true });
      await pipeline(Body, createWriteStream(path));
      await utimes(path, LastModified, LastModified);
      this.#known.set(path, await markOf(path));
    } catch (error) {
      // Spark finds nothing there, as it would in a bucket where it may not look; nor can a file be a folder too.
      if (!(error instanceof ServiceError) && !isPathClash(error)) throw error;
    }
  }

  /** Forgets an object that was deleted from its bucket. */
  drop(bucket: string, key: string): Promise<void> {
    return this.#inTurn(async () => {
      const path = this.#pathOf(bucket, key);
      if (path === undefined) return;
      this.#known.delete(path);
      await rm(path, { force: true });
    });
  }

  /** Makes objects of what Spark has written, and deletes those that it has deleted. */
  publish(): Promise<void> {
    return this.#inTurn(() => this.#publish());
  }

  /** Does so if the object is not what its file is by now: to look at one file takes no longer where there are many. */
  async publishChanged(bucket: string, key: string): Promise<void> {
    const path = this.#pathOf(bucket, key);
    if (path === undefined) return;
    const mark = await markOf(path).catch(() => undefined);
    if (mark !== this.#known.get(path)) await this.publish();
  }

  /** One after the other: a file that is half copied would be taken for one that Spark has written. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #publish(): Promise<void> {
    const there = new Set<string>();
    const changed: string[] = [];
    for (const folder of Object.values(this.folders)) {
      for (const path of await filesBelow(folder)) {
        there.add(path);
        if (this.#known.get(path) !== (await markOf(path))) changed.push(path);
      }
    }
    for (const path of [...this.#known.keys()].filter((known) => !there.has(known)).sort()) {
      await this.#call("deleteObject", this.#objectAt(path));
      this.#known.delete(path);
    }
    for (const path of changed.sort()) {
      const mark = await markOf(path);
      await this.#call("putObject", { ...this.#objectAt(path), Body: createReadStream(path) });
      this.#known.set(path, mark);
    }
  }

  async *#keys(bucket: string): AsyncGenerator<string> {
    let token: string | undefined;
    do {
      const input = { Bucket: bucket, ...(token !== undefined && { ContinuationToken: token }) };
      const page = (await this.#cloud.owner("s3", "listObjectsV2", input)) as ListObjectsOutput;
      for (const { Key } of page.Contents ?? []) yield Key;
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  #call(operation: string, input: unknown): Promise<unknown> {
    return this.#cloud.api.call(this.#role, "s3", operation, input);
  }

  #pathOf(bucket: string, key: string): string | undefined {
    const folder = this.folders[bucket];
    const path = readablePath(key);
    // What is never published is not staged either, or it would count as deleted.
    if (folder === undefined || path === undefined || path.split("/").some(isTemporary)) return undefined;
    return join(folder, path);
  }

  #objectAt(path: string): { readonly Bucket: string; readonly Key: string } {
    for (const [Bucket, folder] of Object.entries(this.folders)) {
      if (path.startsWith(folder + sep)) return { Bucket, Key: relative(folder, path).split(sep).join("/") };
    }
    throw new Error(`${path} is in no bucket's folder`);
  }
}

/** All files but what Hadoop's committers have not committed yet, and the checksums that it keeps beside local files. */
const filesBelow = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !relative(folder, path).split(sep).some(isTemporary));
};

const isTemporary = (part: string): boolean =>
  part === "_temporary" || /^\..*\.(crc|tmp)$/.test(part) || part.startsWith(".spark-staging");

const markOf = async (path: string): Promise<string> => {
  const { ino, size, mtimeMs } = await stat(path);
  return `${ino} ${size} ${mtimeMs}`;
};

const isPathClash = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  ["EISDIR", "ENOTDIR", "EEXIST", "ENAMETOOLONG"].includes(String(error.code));

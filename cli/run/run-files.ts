import { createReadStream } from "node:fs";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import type { FileEntry } from "../../functions/lib/queued/file-entry.ts";
import { createCloud, type Cloud } from "../../local/cloud.ts";
import { RealClock, VirtualClock } from "../../local/clock.ts";
import type { ScriptEngine } from "../../local/engine/script-run.ts";
import type { Observer } from "../../local/events.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { DiskStorage } from "../../local/services/disk-storage.ts";
import type { Blob } from "../../local/services/storage.ts";
import type { NotHonoured } from "../../local/services/kinds.ts";
import { readFileEntries } from "./file-entries.ts";
import type { StoredObject } from "./report.ts";
import type { Work } from "./work.ts";

/** When the virtual clock starts: the same moment always, so that the same seed gives the same history. */
const VIRTUAL_START = Date.UTC(2026, 0, 1);

export interface RunOptions {
  readonly graph: ResourceGraph;
  readonly work: Work;
  /** Folder on disk for the buckets. */
  readonly out: string;
  readonly clock: "virtual" | "real";
  /** The wall's clock. */
  readonly now: () => number;
  readonly simulation: Simulation;
  /** Runs the jobs' scripts. @default their stand-ins do their work */
  readonly engine?: ScriptEngine;
  readonly observe: Observer;
  /** Called for each piece of content that is read, uploads included. */
  readonly onPiece: () => void;
  /** Called when the cloud is up, before the first upload or start. */
  readonly onReady: (notHonoured: readonly NotHonoured[]) => void;
}

/** What is left of a run. */
export interface RunResult {
  readonly objects: readonly StoredObject[];
  /** Of files that waited in a queue. */
  readonly entries: readonly FileEntry[];
}

/** Builds the embedded cloud, uploads the files, starts the executions and lets it run until nothing is left to do. */
export async function runFiles(options: RunOptions): Promise<RunResult> {
  const { graph, simulation, observe, onPiece } = options;
  const clock = options.clock === "virtual" ? new VirtualClock(VIRTUAL_START) : new RealClock(options.now);
  const storage = new WatchedStorage(options.out, onPiece);
  const cloud = await createCloud(graph, {
    clock,
    storage,
    simulation,
    seed: simulation.seed,
    observer: observe,
    ...(options.engine !== undefined && { engine: options.engine }),
  });
  options.onReady(cloud.notHonoured);
  const { uploads, starts } = options.work;
  const uploaded = uploads.map(({ path, bucket, key }) =>
    cloud.asUser.putObject({ Bucket: bucket, Key: key, Body: contentOf(path, onPiece) }),
  );
  const started = starts.map(({ input, ...start }) =>
    cloud.asUser.startExecution({ ...start, input: JSON.stringify(input) }),
  );
  await Promise.all([...uploaded, ...started, cloud.settle()]);
  return { objects: await listObjects(cloud, graph), entries: await readFileEntries(cloud, graph) };
}

/** Opens the file only when it is its turn: there may be more files than may be open at once. */
async function* contentOf(path: string, onPiece: () => void): AsyncGenerator<Uint8Array> {
  for await (const piece of createReadStream(path) as AsyncIterable<Uint8Array>) {
    onPiece();
    yield piece;
  }
}

/** Tells of each piece that is read: while a large file is processed nothing else gets its turn, not even a timer. */
class WatchedStorage extends DiskStorage {
  readonly #onPiece: () => void;

  constructor(folder: string, onPiece: () => void) {
    super(folder);
    this.#onPiece = onPiece;
  }

  override async *read(blob: Blob): AsyncGenerator<Uint8Array> {
    for await (const piece of super.read(blob)) {
      this.#onPiece();
      yield piece;
    }
  }
}

/** All current objects of all buckets, with where they are on disk. */
async function listObjects(cloud: Cloud, graph: ResourceGraph): Promise<readonly StoredObject[]> {
  const buckets = graph.resources
    .filter(({ type }) => type === "aws:s3/bucket:Bucket")
    .map(({ properties }) => properties.bucket)
    .filter((name) => typeof name === "string");
  const objects: StoredObject[] = [];
  for (const bucket of buckets) {
    let token: string | undefined;
    do {
      const page = await cloud.asUser.listObjects({
        Bucket: bucket,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      });
      for (const { Key, Size } of page.Contents ?? []) {
        const path = cloud.asUser.objectPath({ Bucket: bucket, Key });
        if (path !== undefined) objects.push({ bucket, key: Key, size: Size, path });
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }
  return objects;
}

import { isFinal } from "../../functions/lib/queued/file-ledger.ts";
import { dispatchChanged, type FileEntry } from "../../functions/lib/queued/file-entry.ts";
import type { CloudEvent } from "../../local/events.ts";
import type { FileRecord } from "../run/records.ts";
import type { StoredObject } from "../run/report.ts";
import { encodedKey } from "./backfill/records.ts";
import { expectedName, type UploadedObject } from "./executions.ts";
import type { Follower } from "./follow.ts";
import type { LedgerTable } from "./ledger-table.ts";

interface QueuedFollowOptions {
  /** Watches the executions that take the files. */
  readonly follower: Follower;
  readonly table: LedgerTable;
  readonly arrivalQueueUrl: string;
  /** Lists what a file has as its output. */
  readonly objectsIn: (place: OutputPlace) => Promise<readonly StoredObject[]>;
  readonly observe: (event: CloudEvent, at: number) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Rejects when following is to stop. Milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** A message of the arrivals queue is given to the dispatcher ten times in two hours, and not again. Milliseconds. */
const TAKEN_WITHIN = 150 * 60_000;

type OutputPlace = NonNullable<FileEntry["output"]>;

interface Pending {
  readonly file: FileRecord;
  readonly since: number;
}

/** Follows uploaded files where they wait in a queue: by what the ledger says of them, and by the executions it names. */
export class QueuedFollower {
  readonly #options: QueuedFollowOptions;
  /** By the names that the ledger has for their versions. */
  readonly #pending = new Map<string, Pending>();
  /** One for a whole batch. */
  readonly #executions = new Map<string, Promise<void>>();
  #failure: { readonly error: unknown } | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: QueuedFollowOptions) {
    this.#options = options;
  }

  /** Resolves when this file and all others have come to their ends, or when it is time to stop. */
  follow(file: FileRecord, object: UploadedObject): Promise<void> {
    const { arrivalQueueUrl: queue, observe, now } = this.#options;
    const { bucket, key } = object;
    const body = JSON.stringify({ Records: [{ s3: { bucket: { name: bucket }, object: { key: encodedKey(key) } } }] });
    observe({ kind: "message-sent", queue, body }, now());
    const name = expectedName(object);
    if (name === undefined) {
      file.unended = "its bucket keeps no versions, by which the ledger would know it";
      return Promise.resolve();
    }
    file.unended = "the pipeline has not taken it on yet";
    this.#pending.set(name, { file, since: now() });
    this.#looking ??= this.#look();
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { follower, table, now, sleep } = this.#options;
    let changedAt = now();
    try {
      while (this.#pending.size > 0) {
        const names = [...this.#pending.keys()];
        const entries = await follower.patiently(() => table.find(names, { sleep }));
        for (const entry of entries) {
          if (this.#take(entry)) changedAt = now();
          if (isFinal(entry)) await this.#tellOutput(entry);
        }
        this.#giveUp();
        if (this.#failure !== undefined) throw this.#failure.error;
        if (this.#pending.size > 0 && !(await follower.pause(now() - changedAt))) return;
      }
    } finally {
      this.#looking = undefined;
    }
    await Promise.all(this.#executions.values());
  }

  /** Whether something has changed. */
  #take(entry: FileEntry): boolean {
    const file = this.#pending.get(entry.name)?.file;
    if (file === undefined) return false;
    const hasChanged = file.entry?.state !== entry.state;
    file.entry = entry;
    if (entry.executionName !== undefined && isBegun(entry)) this.#watch(entry.executionName);
    if (isFinal(entry)) this.#pending.delete(entry.name);
    return hasChanged;
  }

  async #tellOutput({ output, endedAt }: FileEntry): Promise<void> {
    const { follower, objectsIn, now } = this.#options;
    if (output !== undefined) follower.tell(await follower.patiently(() => objectsIn(output)), endedAt ?? now());
  }

  #watch(executionName: string): void {
    if (this.#executions.has(executionName)) return;
    const watched = this.#options.follower.watch(executionName);
    watched.catch((error: unknown) => (this.#failure ??= { error }));
    this.#executions.set(executionName, watched);
  }

  #giveUp(): void {
    for (const [name, { file, since }] of this.#pending) {
      if (file.entry !== undefined || this.#options.now() - since <= TAKEN_WITHIN) continue;
      delete file.unended;
      this.#pending.delete(name);
    }
  }
}

/** Whether its execution is there to be watched. */
const isBegun = ({ state, error }: FileEntry): boolean => state !== "waiting" && error !== dispatchChanged;

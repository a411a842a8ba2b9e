import type { DescribeExecutionOutput } from "@aws-sdk/client-sfn";
import type { CloudEvent } from "../../local/events.ts";
import { batchIn } from "../run/batches.ts";
import { parsed } from "../run/json.ts";
import type { FileRecord } from "../run/records.ts";
import type { StoredObject } from "../run/report.ts";
import { isPassing } from "./clients.ts";
import type { Executions, UploadedObject } from "./executions.ts";
import { dispatchFailureIn, type DispatchFailure, type FailureQueue } from "./failure-queue.ts";
import { HistoryReader } from "./history.ts";

/** How following is paced. All in milliseconds. */
export interface Pace {
  /** Between two looks at an execution, at the least. */
  readonly floor: number;
  /** The same for each execution that is followed: calls per second are limited. */
  readonly perExecution: number;
  readonly ceiling: number;
  /** Between two looks into the failure queue. */
  readonly queue: number;
  /** Without an execution after this time there will be none: Lambda has given up on the dispatcher by then. */
  readonly start: number;
  /** The cloud may be away for so long, for example while an emulator restarts. */
  readonly outage: number;
}

const SHARED = { ceiling: 5_000, queue: 3_000, start: 10 * 60_000, outage: 30_000 };
/** On AWS an account may describe about 15 executions a second. */
export const awsPace: Pace = { ...SHARED, floor: 1_000, perExecution: 150 };
export const emulatorPace: Pace = { ...SHARED, floor: 300, perExecution: 20 };

/** The wait before the next look: longer the longer nothing has happened, and the more executions are followed. */
export const pollDelay = (pace: Pace, quiet: number, followed: number): number =>
  Math.max(pace.perExecution * followed, Math.min(pace.ceiling, Math.max(pace.floor, quiet / 20)));

export interface FollowOptions {
  readonly executions: Executions;
  readonly queue: FailureQueue;
  readonly pace: Pace;
  /** Names of the queue and the topic that a pipeline sends to. */
  readonly names: { readonly queue: string; readonly topic: string };
  /** Lists what an execution has written. */
  readonly objectsOf: (executionName: string) => Promise<readonly StoredObject[]>;
  readonly observe: (event: CloudEvent, at: number) => void;
  /** Called at each look. */
  readonly onLook: () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Rejects when the signal is aborted. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Following ends at this time (milliseconds since the epoch), whatever has become of the files; undefined: never. */
  readonly until: number | undefined;
}

/** Follows what the cloud does with uploaded objects, and tells it in events. */
export class Follower {
  readonly #options: FollowOptions;
  /** Objects of all executions that have been followed. */
  readonly objects: StoredObject[] = [];
  #followed = 0;
  #failures: Promise<readonly DispatchFailure[]> = Promise.resolve([]);
  #failuresReadAt: number;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#failuresReadAt = options.now();
  }

  /** Resolves when the file has come to its end, or when it is time to stop. */
  async follow(file: FileRecord, object: UploadedObject): Promise<void> {
    this.#followed++;
    try {
      const description = await this.#locate(file, object);
      if (description !== undefined) await this.#watch(description, file);
    } finally {
      this.#followed--;
    }
  }

  /** Resolves when an execution that was started has come to its end, or when it is time to stop. */
  async watch(executionName: string): Promise<void> {
    const { executions, now } = this.#options;
    const begun = now();
    this.#followed++;
    try {
      for (;;) {
        const found = await this.patiently(() => executions.describe(executions.arnOf(executionName)));
        if (found !== undefined) {
          await this.#watch(found);
          return;
        }
        if (!(await this.pause(now() - begun))) return;
      }
    } finally {
      this.#followed--;
    }
  }

  /** Waits for the execution of an object; undefined: there is none, and the file's record says why if that is known. */
  async #locate(file: FileRecord, object: UploadedObject): Promise<DescribeExecutionOutput | undefined> {
    const { executions, now, pace } = this.#options;
    const begun = now();
    for (;;) {
      const found = await this.patiently(() => executions.find(object, (file.uploadedAt ?? begun) - CLOCK_SKEW));
      if (found !== undefined) return found;
      const failure = await this.#dispatchFailureOf(object);
      if (failure !== undefined) {
        this.#tellFailure(failure);
        return undefined;
      }
      if (now() - begun > pace.start || !(await this.pause(now() - begun))) return undefined;
    }
  }

  async #watch(description: DescribeExecutionOutput, file?: FileRecord): Promise<void> {
    const { executions, names, now } = this.#options;
    const { executionArn = "", name = "", input, startDate } = description;
    const started = startDate?.getTime() ?? now();
    // The two clocks may differ; an execution never begins before its upload.
    if (file !== undefined) file.uploadedAt = Math.min(file.uploadedAt ?? started, started);
    this.#options.observe({ kind: "execution-started", executionArn, name, input: parsed(input) }, started);
    const reader = new HistoryReader({ executionArn, ...names });
    const isBatch = batchIn(executionArn, name, input) !== undefined;
    let changedAt = now();
    for (;;) {
      const current = await this.patiently(() => executions.describe(executionArn));
      // Asked for after the status, the history of an ended execution is whole.
      const events = await this.patiently(() => executions.historyAfter(executionArn, reader.lastId));
      if (events.length > 0) changedAt = now();
      for (const event of events.flatMap((each) => reader.read(each))) {
        this.#options.observe(event.event, event.at);
        if (event.event.kind === "job-run" && event.event.run.JobRunState === "SUCCEEDED")
          await this.#tellObjects(name, event.at, isBatch);
      }
      const end = current === undefined ? undefined : endOf(current);
      if (end !== undefined) {
        this.#options.observe(end, current?.stopDate?.getTime() ?? now());
        return;
      }
      if (!(await this.pause(now() - changedAt))) return;
    }
  }

  /** A batch may have written for thousands of files that others have landed. */
  async #tellObjects(executionName: string, time: number, isBatch: boolean): Promise<void> {
    const found = await this.patiently(() => this.#options.objectsOf(executionName));
    this.tell(isBatch ? found.filter(({ key }) => key.startsWith("summary/")) : found, time);
  }

  /** Tells of objects that were written, each once. */
  tell(objects: readonly StoredObject[], time: number): void {
    for (const object of objects) {
      if (this.objects.some(({ path }) => path === object.path)) continue;
      this.objects.push(object);
      this.#options.observe({ kind: "object-created", ...object, versionId: "" }, time);
    }
  }

  #tellFailure({ functionName, error, message, event }: DispatchFailure): void {
    const at = this.#options.now();
    const requestId = `dispatch-${at}`;
    this.#options.observe({ kind: "function-invoked", functionName, requestId, payload: event }, at);
    this.#options.observe({ kind: "function-failed", functionName, requestId, error, message }, at);
  }

  async #dispatchFailureOf({ bucket, key, versionId }: UploadedObject): Promise<DispatchFailure | undefined> {
    const { now, pace, queue } = this.#options;
    if (now() - this.#failuresReadAt >= pace.queue) {
      this.#failuresReadAt = now();
      this.#failures = this.patiently(async () =>
        (await queue.peek()).map(({ Body }) => dispatchFailureIn(Body)).filter((failure) => failure !== undefined),
      );
    }
    const failures = await this.#failures;
    return failures.find(({ objects }) =>
      objects.some((other) => other.bucket === bucket && other.key === key && other.versionId === versionId),
    );
  }

  /** False: it is time to stop. */
  async pause(quiet: number): Promise<boolean> {
    const { onLook, now, sleep, pace, until } = this.#options;
    onLook();
    const delay = pollDelay(pace, quiet, this.#followed);
    if (until !== undefined && now() + delay > until) return false;
    await sleep(delay);
    return true;
  }

  /** Calls again while nothing answers, or calls are throttled, for as long as an outage may last. */
  async patiently<T>(call: () => Promise<T>): Promise<T> {
    const { now, pace, sleep, onLook } = this.#options;
    const begun = now();
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!isPassing(error) || now() - begun > pace.outage) throw error;
        onLook();
        await sleep(pace.floor);
      }
    }
  }
}

/** Clocks differ by less. Milliseconds. */
const CLOCK_SKEW = 60_000;

const ENDS = ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"] as const;

function endOf(execution: DescribeExecutionOutput): CloudEvent | undefined {
  const status = ENDS.find((end) => end === execution.status);
  if (status === undefined) return undefined;
  const { executionArn = "", name = "", output, error, cause } = execution;
  return {
    kind: "execution-ended",
    executionArn,
    name,
    status,
    // What failed has no output on AWS, whatever an emulator gives.
    ...(output === undefined || status !== "SUCCEEDED" ? {} : { output: parsed(output) }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}

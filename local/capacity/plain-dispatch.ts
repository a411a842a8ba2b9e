import { type Dispatch, type Landed, noWaits } from "./dispatch.ts";
import { event } from "./event-kinds.ts";
import type { Executions } from "./executions.ts";
import type { FileRecords } from "./file-records.ts";
import type { Files } from "./files.ts";
import type { CapacityFunction } from "./program.ts";
import { sdkDelay, sdkTries } from "./sdk-retries.ts";
import { tick } from "./ticks.ts";
import type { CapacityWorld } from "./world.ts";

/** How Lambda tries an event again that its function could not handle. */
interface PlainSettings {
  readonly dispatcher: CapacityFunction;
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
}

export interface DispatchParts {
  readonly world: CapacityWorld;
  readonly files: Files;
  readonly records: FileRecords;
  readonly executions: () => Executions;
  /** How many there are. */
  readonly keys: number;
}

/** Lambda waits a minute before the first retry, and two before the second. */
const retryDelays: readonly number[] = [60_000, 120_000];
const longestThrottleDelay = 300_000;

/** S3 → Lambda, asynchronously → StartExecution: an execution for each file. */
export const createPlainDispatch = (parts: DispatchParts, settings: PlainSettings): Dispatch => {
  const { world, files, records, executions } = parts;
  const { heap, lambda, tally, buckets, delays, assumed } = world;
  const { dispatcher } = settings;
  const waited = noWaits();

  const arrive = ({ bytes }: Landed, now: number): void => {
    const file = records.arrive(bytes, now);
    heap.push(now + 1000 * assumed.notification, event.invoke, file);
  };

  const invoke = (file: number, now: number): void => {
    if (lambda.begin(now)) {
      files.tries[file] = 0;
      files.since[file] = now;
      heap.push(now + 1000 * assumed.lambda, event.startExecution, file);
      return;
    }
    const throttles = files.tries[file] ?? 0;
    files.tries[file] = throttles + 1;
    // Lambda reads a long queue more slowly: what was refused together does not come back together.
    const delay = tick(Math.min(1000 * 2 ** throttles, longestThrottleDelay) * (0.5 + delays.next() / 2));
    waited.lambda += delay;
    waits(file, delay, now);
  };

  /** What waits for longer than Lambda keeps it ends up in the failure queue. */
  const waits = (file: number, delay: number, now: number): void => {
    if (now + delay - (files.arrivedAt[file] ?? 0) > 1000 * settings.maximumEventAgeSeconds) {
      lose(file, now);
      return;
    }
    files.queued[file] = (files.queued[file] ?? 0) + delay;
    heap.push(now + delay, event.invoke, file);
  };

  const startExecution = (file: number, now: number): void => {
    if (buckets.startExecution.take(now)) {
      lambda.end(dispatcher, now - (files.since[file] ?? 0), now);
      tally.course.change("queuedFiles", now, -1);
      const sample = records.sampleOf(file, now);
      executions().start({ firstFile: file, files: 1, bytes: files.bytes[file] ?? 0, sample }, now);
      return;
    }
    tally.throttled("Step Functions", "StartExecution: ThrottlingException", now);
    const tries = (files.tries[file] ?? 0) + 1;
    files.tries[file] = tries;
    if (tries < sdkTries) {
      const delay = tick(sdkDelay(tries, () => delays.next()));
      waited.startExecution += delay;
      heap.push(now + delay, event.startExecution, file);
      return;
    }
    lambda.end(dispatcher, now - (files.since[file] ?? 0), now);
    files.tries[file] = 0;
    const attempts = files.attempts[file] ?? 0;
    files.attempts[file] = attempts + 1;
    if (attempts >= settings.maximumRetryAttempts) {
      lose(file, now);
      return;
    }
    tally.retries++;
    const delay = retryDelays[Math.min(attempts, retryDelays.length - 1)] ?? 0;
    waited.startExecution += delay;
    waits(file, delay, now);
  };

  const lose = (file: number, now: number): void => {
    tally.course.change("queuedFiles", now, -1);
    world.requests.sqsRequests++;
    records.lost(file, now);
  };

  return {
    waits: waited,
    arrive,
    happen: (kind, file, now) => {
      if (kind === event.invoke) invoke(file, now);
      else if (kind === event.startExecution) startExecution(file, now);
    },
    ended: (execution, outcome, now) => {
      records.ended(executions().threads, execution, outcome, now);
    },
  };
};

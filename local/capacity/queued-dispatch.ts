import { planBatches } from "../../functions/lib/queued/plan-batches.ts";
import type { DeclaredDispatch } from "./create-dispatch.ts";
import { type Dispatch, noWaits } from "./dispatch.ts";
import { event } from "./event-kinds.ts";
import type { FileOutcome } from "./tally.ts";
import { NumberQueue } from "./number-queue.ts";
import type { DispatchParts } from "./plain-dispatch.ts";
import { QueuePollers } from "./queue-pollers.ts";
import { sdkDelay } from "./sdk-retries.ts";
import { none } from "./threads.ts";
import { tick } from "./ticks.ts";

/** Requests that the dispatcher and the recorder make, as their code has them: for each file, and for each execution. */
const perFile = { writes: 3, reads: 1 } as const;
const perUnit = { writes: 4, reads: 2 } as const;
const perBatch = { puts: 2, gets: 3 } as const;
/** SQS hands over and lets go ten messages a request. */
const perRequest = 10;

/** After how long an execution is looked after that nothing was heard of; milliseconds. */
const firstReminder = 360_000;
const reminder = 900_000;

/** Lambda asks again after so long where there is no room for a call. */
const throttledPoll = 1000;

/**
 * S3 → queue → dispatcher → executions of one file or many, as many at once as the program allows; the recorder frees the
 * place of one that has ended.
 */
export class QueuedDispatch implements Dispatch {
  readonly waits = noWaits();
  readonly #parts: DispatchParts;
  readonly #declared: Extract<DeclaredDispatch, { readonly kind: "queued" }>;
  readonly #pollers: QueuePollers;
  /** First files of executions to be. */
  readonly #waiting = new NumberQueue();
  /** When the function was called for a poller's batch. */
  readonly #calledAt: number[] = [];
  #running = 0;

  constructor(parts: DispatchParts, declared: Extract<DeclaredDispatch, { readonly kind: "queued" }>) {
    this.#parts = parts;
    this.#declared = declared;
    this.#pollers = new QueuePollers(parts.world, parts.files, declared.reading);
  }

  arrive(bytes: number, now: number): void {
    const { records, world } = this.#parts;
    const file = records.arrive(bytes, now);
    world.requests.sqsRequests += 1 + 2 / perRequest;
    world.heap.push(now + 1000 * world.assumed.notification, event.invoke, file);
  }

  happen(kind: number, index: number, now: number): void {
    switch (kind) {
      case event.invoke:
        this.#pollers.receive(index, now);
        return;
      case event.batchCloses:
        if (!this.#pollers.isOpen(index)) return;
        this.#pollers.close(index);
        this.#call(index, now);
        return;
      case event.batchFull:
        this.#call(index, now);
        return;
      case event.batchDone:
        this.#dispatched(index, now);
        return;
      case event.launch:
        this.#start(index, now);
        return;
      case event.recorded:
        this.#running--;
        this.#launchWaiting(now);
    }
  }

  ended(execution: number, outcome: FileOutcome, now: number): void {
    const { world, records, executions } = this.#parts;
    const { threads } = executions();
    const { recorder, settings } = this.#declared;
    const { assumed, requests, heap, lambda } = world;
    const files = threads.files[execution] ?? 0;
    const ms = 1000 * (assumed.lambda + assumed.lambdaPerFile * files);
    if (recorder !== undefined) lambda.bill(recorder, 1, ms);
    this.#countReminders(now - (threads.startedAt[execution] ?? 0));
    // The result's message is sent by the topic, read and let go.
    requests.sqsRequests += 2;
    requests.dynamoDbWrites += perUnit.writes + perFile.writes * files;
    requests.dynamoDbReads += perUnit.reads + perFile.reads * files;
    if (settings.mode === "batch") {
      requests.s3Puts += perBatch.puts;
      requests.s3Gets += perBatch.gets;
    }
    records.ended(threads, execution, outcome, now);
    heap.push(now + 1000 * assumed.event + ms, event.recorded, 0);
  }

  #countReminders(ms: number): void {
    const { recorder } = this.#declared;
    const { lambda, requests, assumed } = this.#parts.world;
    const reminders = 1 + Math.max(0, Math.ceil((ms - firstReminder) / reminder));
    requests.sqsRequests += 3 * reminders;
    if (recorder !== undefined) lambda.bill(recorder, reminders, 1000 * assumed.lambda * reminders);
  }

  /** Hands a poller's batch to the function, if there is room for the call. */
  #call(poller: number, now: number): void {
    const { world, files } = this.#parts;
    const { lambda, heap, assumed } = world;
    if (!lambda.begin(now)) {
      this.waits.lambda += throttledPoll * this.#pollers.countOf(poller);
      heap.push(now + throttledPoll, event.batchFull, poller);
      return;
    }
    for (let file = this.#pollers.firstOf(poller); file !== none; file = files.next[file] ?? 0) {
      files.batched[file] = (files.batched[file] ?? 0) + now - (files.since[file] ?? 0);
      files.since[file] = now;
    }
    this.#calledAt[poller] = now;
    const ms = tick(1000 * (assumed.lambda + assumed.lambdaPerFile * this.#pollers.countOf(poller)));
    heap.push(now + ms, event.batchDone, poller);
  }

  #dispatched(poller: number, now: number): void {
    const { world } = this.#parts;
    world.lambda.end(this.#declared.dispatcher, now - (this.#calledAt[poller] ?? now), now);
    const units = this.#unitsOf(poller);
    this.#pollers.done(poller, now);
    for (const unit of units) {
      this.#parts.files.since[unit] = now;
      this.#waiting.push(unit);
    }
    this.#launchWaiting(now);
  }

  /** The first files of the executions that a batch of messages becomes. */
  #unitsOf(poller: number): readonly number[] {
    const { files } = this.#parts;
    const { maxFiles, maxBytes } = this.#declared.settings;
    const all: { readonly file: number; readonly size: number }[] = [];
    for (let file = this.#pollers.firstOf(poller); file !== none; file = files.next[file] ?? 0) {
      all.push({ file, size: files.bytes[file] ?? 0 });
    }
    return planBatches(all, { maxFiles, maxBytes }).map((batch) => {
      const first = batch[0]?.file ?? none;
      batch.forEach(({ file }, index) => {
        files.next[file] = batch[index + 1]?.file ?? none;
      });
      files.count[first] = batch.length;
      files.total[first] = batch.reduce((sum, { size }) => sum + size, 0);
      return first;
    });
  }

  /** What waits, waits in the order in which it came, and not by trying again. */
  #launchWaiting(now: number): void {
    const { maxConcurrentExecutions: cap } = this.#declared.settings;
    while (this.#waiting.length > 0 && (cap === 0 || this.#running < cap)) {
      this.#running++;
      const unit = this.#waiting.shift() ?? 0;
      const { since, count } = this.#parts.files;
      this.waits.cap += (now - (since[unit] ?? 0)) * (count[unit] ?? 0);
      this.#start(unit, now);
    }
    if (this.#waiting.length > 0) this.waits.capFull.begin(now);
    else this.waits.capFull.end(now);
  }

  #start(unit: number, now: number): void {
    const { world, files, records, executions } = this.#parts;
    const { buckets, tally, heap, delays } = world;
    const count = files.count[unit] ?? 0;
    if (!buckets.startExecution.take(now)) {
      tally.throttled("Step Functions", "StartExecution: ThrottlingException", now);
      const tries = Math.min(6, (files.tries[unit] ?? 0) + 1);
      files.tries[unit] = tries;
      const delay = tick(sdkDelay(tries, () => delays.next()));
      this.waits.startExecution += delay * count;
      heap.push(now + delay, event.launch, unit);
      return;
    }
    this.#waited(unit, now);
    tally.course.change("queuedFiles", now, -count);
    const sample = records.sampleOf(unit, now);
    const bytes = files.total[unit] ?? 0;
    executions().start({ firstFile: unit, files: count, bytes, sample }, now);
  }

  /** All files of an execution have waited for it since they were dispatched. */
  #waited(unit: number, now: number): void {
    const { files } = this.#parts;
    const waited = now - (files.since[unit] ?? 0);
    if (waited <= 0) return;
    for (let file = unit; file !== none; file = files.next[file] ?? 0) {
      files.queued[file] = (files.queued[file] ?? 0) + waited;
    }
  }
}

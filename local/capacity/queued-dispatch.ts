import { planBatches } from "../../functions/lib/queued/plan-batches.ts";
import type { DeclaredDispatch } from "./create-dispatch.ts";
import { type Dispatch, type Landed, noWaits } from "./dispatch.ts";
import { event } from "./event-kinds.ts";
import type { FileOutcome } from "./tally.ts";
import { OrderedFiles } from "./ordered-files.ts";
import type { DispatchParts } from "./plain-dispatch.ts";
import { QueuePollers } from "./queue-pollers.ts";
import { QueuedRequests } from "./queued-requests.ts";
import { sdkDelay } from "./sdk-retries.ts";
import { none } from "./threads.ts";
import { tick } from "./ticks.ts";
import { WaitingUnits } from "./waiting-units.ts";

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
  readonly #requests: QueuedRequests;
  /** First files of executions to be. */
  readonly #waiting = new WaitingUnits();
  readonly #order: OrderedFiles | undefined;
  /** The keys of executions whose ends are being recorded, by the place that their event knows. */
  readonly #recording: (readonly number[])[] = [];
  readonly #free: number[] = [];
  #arrived = 0;
  /** When the function was called for a poller's batch. */
  readonly #calledAt: number[] = [];
  #running = 0;

  constructor(parts: DispatchParts, declared: Extract<DeclaredDispatch, { readonly kind: "queued" }>) {
    this.#parts = parts;
    this.#declared = declared;
    this.#pollers = new QueuePollers(parts.world, parts.files, declared.reading);
    this.#requests = new QueuedRequests(parts.world, declared.settings, declared.recorder);
    const { files, records, keys } = parts;
    if (declared.settings.order === "per-key") {
      this.#order = new OrderedFiles({ files, records, keys, requests: this.#requests, waits: this.waits });
    }
  }

  arrive({ bytes, key }: Landed, now: number): void {
    const { files, records, world } = this.#parts;
    const file = records.arrive(bytes, now);
    files.key[file] = key;
    files.sequence[file] = this.#arrived++;
    this.#requests.arrived();
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
        this.#recorded(index, now);
    }
  }

  ended(execution: number, outcome: FileOutcome, now: number): void {
    const { world, records, executions } = this.#parts;
    const { threads } = executions();
    const took = now - (threads.startedAt[execution] ?? 0);
    const ms = this.#requests.ended({ files: threads.files[execution] ?? 0, ms: took, outcome }, this.#list);
    const recording = this.#order === undefined ? 0 : this.#keepKeys(threads.firstFile[execution] ?? none);
    records.ended(threads, execution, outcome, now);
    world.heap.push(now + 1000 * world.assumed.event + ms, event.recorded, recording);
  }

  /** The recorder takes the next versions on before it frees the place. */
  #recorded(recording: number, now: number): void {
    if (this.#order !== undefined) {
      this.#free.push(recording);
      this.#add(this.#order.next(this.#recording[recording] ?? [], now), now);
    }
    this.#running--;
    this.#launchWaiting(now);
  }

  #keepKeys(first: number): number {
    const recording = this.#free.pop() ?? this.#recording.length;
    this.#recording[recording] = this.#listed(first).map((file) => this.#parts.files.key[file] ?? 0);
    return recording;
  }

  /** Without a cap nothing is on it. */
  get #list() {
    const isCapped = this.#declared.settings.maxConcurrentExecutions > 0;
    return { waiting: isCapped ? this.#waiting.length : 0, running: this.#running };
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
    this.#requests.dispatched(this.#pollers.countOf(poller), this.#pollers.receivesOf(poller));
    const handed = this.#listed(this.#pollers.firstOf(poller));
    this.#pollers.done(poller, now);
    this.#add(this.#order?.admit(handed, now) ?? handed, now);
    this.#launchWaiting(now);
  }

  /** A file and those that come after it. */
  #listed(first: number): readonly number[] {
    const { next } = this.#parts.files;
    const files: number[] = [];
    for (let file = first; file !== none; file = next[file] ?? 0) files.push(file);
    return files;
  }

  /** Files are to have executions, as soon as there is a place. */
  #add(taken: readonly number[], now: number): void {
    const { since, arrivedAt } = this.#parts.files;
    for (const unit of this.#unitsOf(taken)) {
      since[unit] = now;
      const arrivals = this.#listed(unit).map((file) => arrivedAt[file] ?? 0);
      this.#waiting.push(
        unit,
        arrivals.reduce((first, at) => Math.min(first, at)),
      );
    }
  }

  /** The first files of the executions that files become. */
  #unitsOf(taken: readonly number[]): readonly number[] {
    const { files } = this.#parts;
    const { maxFiles, maxBytes } = this.#declared.settings;
    const all = taken.map((file) => ({ file, size: files.bytes[file] ?? 0 }));
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
    this.#requests.lookedForWaiting(this.#list);
    let launched = 0;
    while (this.#waiting.length > 0 && (cap === 0 || this.#running < cap)) {
      this.#running++;
      launched++;
      const unit = this.#waiting.shift() ?? 0;
      const { since, count } = this.#parts.files;
      this.waits.cap += (now - (since[unit] ?? 0)) * (count[unit] ?? 0);
      this.#start(unit, now);
    }
    this.#requests.launched(launched, this.#list);
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

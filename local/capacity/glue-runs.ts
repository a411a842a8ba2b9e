import { event } from "./event-kinds.ts";
import { type EventHeap, grown } from "./event-heap.ts";
import { billed, type JobUsage, unused } from "./job-usage.ts";
import { NumberQueue } from "./number-queue.ts";
import type { CapacityJob } from "./program.ts";
import type { Random } from "./random.ts";
import { RunPlans } from "./run-plans.ts";
import { isFinal, refused, state, stateNames } from "./run-states.ts";
import { Saturation } from "./saturation.ts";
import type { Tally } from "./tally.ts";
import { tick } from "./ticks.ts";
import type { DurationModel, Quotas } from "./workload.ts";

const byGlue = 1;
const byThread = 2;
const byQueue = 4;

interface GlueParts {
  readonly jobs: readonly CapacityJob[];
  readonly quotas: Quotas;
  readonly model: DurationModel | undefined;
  readonly heap: EventHeap;
  readonly tally: Tally;
  readonly durations: Random;
  readonly failures: Random;
  readonly delays: Random;
}

/** Glue, as far as time goes: places, queues and the lives of runs. */
export class GlueRuns {
  readonly jobs: readonly JobUsage[];
  /** The account's quota of runs. */
  readonly accountFull = new Saturation();
  beginsAt = new Float64Array(1024);
  runsAt = new Float64Array(1024);
  endsAt = new Float64Array(1024);
  stopAt = new Float64Array(1024);
  /** Who waits for its end, and how often that thread's place had been used. */
  waiter = new Int32Array(1024);
  waiterUses = new Uint32Array(1024);
  #final = new Uint8Array(1024);
  #job = new Uint8Array(1024);
  #holders = new Uint8Array(1024);
  #endEvent = new Float64Array(1024);
  #requestedAt = new Float64Array(1024);
  #startUp = new Float64Array(1024);
  #running = new Float64Array(1024);
  readonly #free = new NumberQueue();
  #used = 0;
  #accountUsed = 0;
  readonly #accountPlaces: number;
  readonly #heap: EventHeap;
  readonly #tally: Tally;
  readonly #delays: Random;

  constructor({ jobs, quotas, model, heap, tally, durations, failures, delays }: GlueParts) {
    this.jobs = jobs.map((job) => unused(job, new RunPlans(job, model, durations, failures), quotas.glueRunsPerJob));
    this.#accountPlaces = quotas.glueRunsPerAccount;
    this.#heap = heap;
    this.#tally = tally;
    this.#delays = delays;
  }

  /** Gives the run, or why there is none. */
  start(jobIndex: number, files: number, bytes: number, now: number): number {
    const usage = this.#usage(jobIndex);
    const hasRoom = usage.used < usage.places && this.#accountUsed < this.#accountPlaces;
    if (!hasRoom) {
      const isJob = usage.used >= usage.places;
      (isJob ? usage.full : this.accountFull).begin(now);
      if (!usage.job.definition.JobRunQueuingEnabled) return isJob ? refused.byJob : refused.byAccount;
    }
    const run = this.#add(jobIndex, now);
    const plan = usage.plans.draw(files, bytes);
    this.#startUp[run] = plan.startUp;
    this.#running[run] = plan.running;
    this.#final[run] = stateNames.indexOf(plan.final);
    usage.runs++;
    this.#tally.jobRuns++;
    if (hasRoom) this.#begin(run, usage, now);
    else {
      usage.waiting.push(run);
      this.#holders[run] = byGlue | byThread | byQueue;
      usage.waitingCount++;
      this.#tally.course.change("waitingForRun", now, 1);
    }
    return run;
  }

  stateAt(run: number, now: number): number {
    if (now >= (this.endsAt[run] ?? 0)) return this.#final[run] ?? 0;
    if (now >= (this.stopAt[run] ?? 0)) return state.stopping;
    if (now >= (this.runsAt[run] ?? 0)) return state.running;
    return now >= (this.beginsAt[run] ?? 0) ? state.starting : state.waiting;
  }

  /** The name of the run's job. */
  jobOf(run: number): string {
    return this.#usage(this.#job[run] ?? 0).job.definition.Name;
  }

  /** Asks a run to stop: one that waits has stopped at once, another does in two to six seconds. */
  stop(run: number, now: number): boolean {
    if (isFinal(this.stateAt(run, now)) || this.stopAt[run] !== Infinity) return false;
    const usage = this.#usage(this.#job[run] ?? 0);
    this.stopAt[run] = now;
    this.#final[run] = state.stopped;
    if (this.beginsAt[run] === Infinity) {
      this.endsAt[run] = now;
      usage.waitingCount--;
      if (usage.waitingCount === 0) usage.full.end(now);
      this.#tally.course.change("waitingForRun", now, -1);
      this.#letGo(run, byGlue);
      return true;
    }
    const end = Math.min(now + tick(2000 + 4000 * this.#delays.next()), this.endsAt[run] ?? 0);
    this.endsAt[run] = end;
    this.#endEvent[run] = this.#heap.push(end, event.runEnds, run, true);
    return true;
  }

  /** Whether the event is that of the run's end. Its place goes to whoever waits. */
  ends(run: number, eventId: number, now: number): boolean {
    if (this.#endEvent[run] !== eventId) return false;
    const usage = this.#usage(this.#job[run] ?? 0);
    this.#bill(run, usage, now);
    usage.used--;
    this.#accountUsed--;
    this.#tally.course.change("jobRuns", now, -1);
    this.#fill(now);
    if (usage.waitingCount === 0) usage.full.end(now);
    if (this.#oldestWaiting() === undefined) this.accountFull.end(now);
    return true;
  }

  /** Glue has done with a run that has ended; those who waited have been told. */
  forget(run: number): void {
    this.#letGo(run, byGlue);
  }

  /** The thread that started it asks no more. */
  leave(run: number): void {
    this.#letGo(run, byThread);
  }

  #fill(now: number): void {
    while (this.#accountUsed < this.#accountPlaces) {
      const next = this.#oldestWaiting();
      if (next === undefined) return;
      const run = next.waiting.shift() ?? 0;
      this.#letGo(run, byQueue);
      next.waitingCount--;
      this.#tally.course.change("waitingForRun", now, -1);
      this.#begin(run, next, now);
    }
  }

  /** The job with room whose first in the queue has waited the longest. */
  #oldestWaiting(): JobUsage | undefined {
    let oldest: JobUsage | undefined;
    let since = Infinity;
    for (const usage of this.jobs) {
      if (usage.waitingCount === 0 || usage.used >= usage.places) continue;
      const run = this.#firstWaiting(usage.waiting);
      const at = this.#requestedAt[run] ?? 0;
      if (at < since) [oldest, since] = [usage, at];
    }
    return oldest;
  }

  /** Those that were stopped are still in the queue. */
  #firstWaiting(queue: NumberQueue): number {
    for (;;) {
      const run = queue.first() ?? 0;
      if (this.#final[run] !== state.stopped) return run;
      queue.shift();
      this.#letGo(run, byQueue);
    }
  }

  #begin(run: number, usage: JobUsage, now: number): void {
    usage.used++;
    this.#accountUsed++;
    this.#tally.course.change("jobRuns", now, 1);
    const runsAt = now + (this.#startUp[run] ?? 0);
    const end = runsAt + (this.#running[run] ?? 0);
    this.beginsAt[run] = now;
    this.runsAt[run] = runsAt;
    this.endsAt[run] = end;
    this.#endEvent[run] = this.#heap.push(end, event.runEnds, run, true);
    usage.begun++;
    usage.held += end - now;
  }

  /** Glue counts whole seconds from the moment the script runs; start-up and queue are free. */
  #bill(run: number, usage: JobUsage, now: number): void {
    const seconds = Math.max(0, Math.floor((now - (this.runsAt[run] ?? 0)) / 1000));
    usage.billedSeconds += billed(usage.job, seconds, this.#final[run] === state.succeeded);
  }

  #add(job: number, now: number): number {
    if (this.#free.length === 0 && this.#used === this.endsAt.length) this.#grow();
    const run = this.#free.shift() ?? this.#used++;
    this.#job[run] = job;
    this.#requestedAt[run] = now;
    this.beginsAt[run] = Infinity;
    this.runsAt[run] = Infinity;
    this.endsAt[run] = Infinity;
    this.stopAt[run] = Infinity;
    this.waiter[run] = -1;
    this.#endEvent[run] = -1;
    this.#holders[run] = byGlue | byThread;
    return run;
  }

  #letGo(run: number, holder: number): void {
    const left = (this.#holders[run] ?? 0) & ~holder;
    this.#holders[run] = left;
    if (left === 0) this.#free.push(run);
  }

  #usage(job: number): JobUsage {
    const usage = this.jobs[job];
    if (usage === undefined) throw new Error(`there is no job ${job}`);
    return usage;
  }

  #grow(): void {
    const size = this.endsAt.length * 2;
    const doubles = (from: Float64Array<ArrayBuffer>) => grown(from, new Float64Array(size));
    const bytes = (from: Uint8Array<ArrayBuffer>) => grown(from, new Uint8Array(size));
    this.beginsAt = doubles(this.beginsAt);
    this.runsAt = doubles(this.runsAt);
    this.endsAt = doubles(this.endsAt);
    this.stopAt = doubles(this.stopAt);
    this.waiter = grown(this.waiter, new Int32Array(size));
    this.waiterUses = grown(this.waiterUses, new Uint32Array(size));
    this.#final = bytes(this.#final);
    this.#job = bytes(this.#job);
    this.#holders = bytes(this.#holders);
    this.#endEvent = doubles(this.#endEvent);
    this.#requestedAt = doubles(this.#requestedAt);
    this.#startUp = doubles(this.#startUp);
    this.#running = doubles(this.#running);
  }
}

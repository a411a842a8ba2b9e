import type { Files } from "./files.ts";
import { phase, phaseCount, phaseNames } from "./phases.ts";
import type { FileOutcome, Sample, Tally } from "./tally.ts";
import { none, type Threads } from "./threads.ts";

/** Files whose executions are written down step by step. */
const sampled = 16;

/** Writes down what became of files. */
export class FileRecords {
  readonly #files: Files;
  readonly #tally: Tally;
  readonly #every: number;
  #arrived = 0;

  constructor(files: Files, tally: Tally, count: number) {
    this.#files = files;
    this.#tally = tally;
    this.#every = Math.max(1, Math.floor(count / sampled));
  }

  /** A file has landed. */
  arrive(bytes: number, now: number): number {
    const isSampled = this.#arrived % this.#every === 0 && this.#tally.samples.length < sampled;
    const index = this.#arrived++;
    this.#tally.fileArrived(now);
    this.#tally.course.change("queuedFiles", now, 1);
    if (!isSampled) return this.#files.add(bytes, now, none);
    this.#tally.samples.push(sampleOf(index, now));
    return this.#files.add(bytes, now, this.#tally.samples.length - 1);
  }

  /** The sample that an execution of these files continues: the first of its files that has one. Others are left out. */
  sampleOf(first: number, now: number): number {
    const { sample, arrivedAt, queued, batched, next, count } = this.#files;
    let continued = none;
    for (let file = first; file !== none; file = next[file] ?? 0) {
      const index = sample[file] ?? 0;
      const found = this.#tally.samples[index];
      if (found === undefined) continue;
      if (continued !== none) {
        found.isPart = true;
        continue;
      }
      continued = index;
      found.files = count[first] ?? 0;
      let from = arrivedAt[file] ?? 0;
      const whole = now - from;
      const dispatching = whole - (queued[file] ?? 0) - (batched[file] ?? 0);
      for (const [name, ms] of [
        [phaseNames[phase.batching], batched[file]],
        [phaseNames[phase.queued], queued[file]],
        [phaseNames[phase.dispatching], dispatching],
      ] as const) {
        if (name === undefined || ms === undefined || ms <= 0) continue;
        found.spans.push({ name, from: from / 1000, to: (from + ms) / 1000 });
        from += ms;
      }
    }
    return continued;
  }

  /** The execution of these files has ended. */
  ended(threads: Threads, execution: number, outcome: FileOutcome, now: number): void {
    const tally = this.#tally;
    const { next, count } = this.#files;
    const first = threads.firstFile[execution] ?? 0;
    const startedAt = threads.startedAt[execution] ?? 0;
    const all = count[first] ?? 0;
    for (let of = phase.waiting; of < phaseCount; of++) {
      tally.phases[of]?.add(threads.spent[execution * phaseCount + of] ?? 0, all);
    }
    for (let file = first; file !== none;) {
      const following = next[file] ?? 0;
      this.#file(file, startedAt, now);
      file = following;
    }
    tally.filesEnded(all, outcome, now);
    const sample = tally.samples[threads.sample[execution] ?? 0];
    if (sample !== undefined) close(sample, outcome, now);
  }

  /** A file has come to its end without an execution. */
  lost(file: number, now: number, outcome: FileOutcome = "failed"): void {
    const tally = this.#tally;
    for (let of = phase.waiting; of < phaseCount; of++) tally.phases[of]?.add(0);
    const sample = tally.samples[this.sampleOf(file, now)];
    if (sample !== undefined) close(sample, outcome, now);
    this.#file(file, now, now);
    if (outcome === "failed") tally.failed("no execution was started", 1);
    tally.filesEnded(1, outcome, now);
  }

  /** A newer version of its key has come before it. */
  superseded(file: number, now: number): void {
    this.#tally.course.change("queuedFiles", now, -1);
    this.lost(file, now, "superseded");
  }

  #file(file: number, startedAt: number, now: number): void {
    const files = this.#files;
    const { latency, phases } = this.#tally;
    const arrivedAt = files.arrivedAt[file] ?? 0;
    const queued = files.queued[file] ?? 0;
    const batched = files.batched[file] ?? 0;
    latency.add(now - arrivedAt);
    phases[phase.batching]?.add(batched);
    phases[phase.queued]?.add(queued);
    // Times are sums: what is left of nothing may be less than nothing by a rounding.
    phases[phase.dispatching]?.add(Math.max(0, startedAt - arrivedAt - queued - batched));
    files.remove(file);
  }
}

const sampleOf = (index: number, arrivedAt: number): Sample => ({
  name: `file ${index + 1}`,
  files: 1,
  arrivedAt,
  endedAt: Number.NaN,
  outcome: "unfinished",
  isPart: false,
  spans: [],
});

const close = (sample: Sample, outcome: FileOutcome, now: number): void => {
  sample.endedAt = now;
  sample.outcome = outcome;
};

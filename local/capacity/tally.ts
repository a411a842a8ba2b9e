import { Histogram } from "./histogram.ts";
import { phaseCount, phaseNames } from "./phases.ts";
import type { Phase, SampledExecution } from "./result.ts";
import { CourseOfTime } from "./series.ts";

export type FileOutcome = "succeeded" | "failed" | "rejected" | "superseded";

/** All that is counted while a simulation runs. Times are milliseconds. */
export class Tally {
  readonly course = new CourseOfTime();
  readonly latency = new Histogram();
  readonly phases: readonly Histogram[] = Array.from({ length: phaseCount }, () => new Histogram());
  readonly outcomes: Record<FileOutcome, number> = { succeeded: 0, failed: 0, rejected: 0, superseded: 0 };
  readonly throttles = new Map<string, { service: string; error: string; count: number }>();
  /** Files by the error that they failed with. */
  readonly failures = new Map<string, number>();
  /** Executions of other state machines that these have started, by the machine's ARN. */
  readonly otherExecutions = new Map<string, number>();
  readonly samples: Sample[] = [];
  firstArrival = Infinity;
  lastEnd = 0;
  arrived = 0;
  ended = 0;
  executions = 0;
  jobRuns = 0;
  retries = 0;
  transitions = 0;
  /** Of executions that have ended. */
  historyEvents = 0;
  mostHistoryEvents = 0;
  lambda = 0;
  lambdaPeak = 0;

  throttled(service: string, error: string, now: number): void {
    const key = `${service} ${error}`;
    const known = this.throttles.get(key);
    if (known === undefined) this.throttles.set(key, { service, error, count: 1 });
    else known.count++;
    this.course.count("throttles", now, 1);
  }

  failed(error: string, files: number): void {
    this.failures.set(error, (this.failures.get(error) ?? 0) + files);
  }

  fileArrived(now: number): void {
    this.arrived++;
    if (now < this.firstArrival) this.firstArrival = now;
    this.course.count("arrivals", now, 1);
  }

  filesEnded(count: number, outcome: FileOutcome, now: number): void {
    this.ended += count;
    this.outcomes[outcome] += count;
    if (now > this.lastEnd) this.lastEnd = now;
    this.course.count("ends", now, count);
  }

  executionStarted(now: number): void {
    this.executions++;
    this.course.change("executions", now, 1);
  }

  executionEnded(historyEvents: number, now: number): void {
    this.historyEvents += historyEvents;
    this.mostHistoryEvents = Math.max(this.mostHistoryEvents, historyEvents);
    this.course.change("executions", now, -1);
  }

  /** Means of the phases add up to the mean latency. */
  toPhases(): readonly Phase[] {
    const { mean } = this.latency;
    return phaseNames.map((name, index) => {
      const spent = this.phases[index];
      if (spent === undefined) throw new Error(`no phase is called ${name}`);
      return {
        name,
        mean: spent.mean / 1000,
        p95: spent.quantile(0.95) / 1000,
        share: mean === 0 ? 0 : spent.mean / mean,
      };
    });
  }
}

/** An execution whose steps are written down. */
export interface Sample {
  readonly name: string;
  files: number;
  readonly arrivedAt: number;
  endedAt: number;
  outcome: string;
  /** Another sample tells of its execution. */
  isPart: boolean;
  readonly spans: SampledExecution["spans"][number][];
}

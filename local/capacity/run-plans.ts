import type { CapacityJob } from "./program.ts";
import type { Random } from "./random.ts";
import type { DurationModel } from "./workload.ts";

const bytesPerMiB = 1_048_576;

/** How a run that nobody stops will go, in milliseconds. */
interface PlannedRun {
  startUp: number;
  running: number;
  final: "SUCCEEDED" | "FAILED" | "TIMEOUT";
}

/** Draws how the runs of a job go, by the workload's model or by the job's own simulation. */
export class RunPlans {
  /** Of the run drawn last; each draw writes it anew. */
  readonly plan: PlannedRun = { startUp: 0, running: 0, final: "SUCCEEDED" };
  readonly model: DurationModel;
  readonly #limit: number;
  readonly #durations: Random;
  readonly #failures: Random;

  constructor(job: CapacityJob, model: DurationModel | undefined, durations: Random, failures: Random) {
    this.model = model ?? modelOf(job);
    this.#limit = job.definition.Timeout * 60_000;
    this.#durations = durations;
    this.#failures = failures;
  }

  /** As simulated runs do, one that fails does so after a part of its work, and one that outlasts its Timeout ends there. */
  draw(files: number, bytes: number): PlannedRun {
    const { fixed, perFile, perMiB, sigma, startUp, failureRate } = this.model;
    const factor = sigma === 0 ? 1 : Math.exp(sigma * this.#durations.normal());
    const work = Math.round(1000 * (fixed + perFile * files + (perMiB * bytes) / bytesPerMiB) * factor);
    const fails = failureRate > 0 && this.#failures.next() < failureRate;
    const running = fails ? Math.round(work * (0.05 + 0.9 * this.#failures.next())) : work;
    const { plan } = this;
    plan.startUp = Math.round(1000 * startUp);
    plan.running = Math.min(running, this.#limit);
    plan.final = running > this.#limit ? "TIMEOUT" : fails ? "FAILED" : "SUCCEEDED";
    return plan;
  }
}

const modelOf = ({ simulation }: CapacityJob): DurationModel => ({
  fixed: simulation.durationSeconds,
  perFile: 0,
  perMiB: simulation.secondsPerMiB,
  sigma: 0,
  startUp: simulation.startUpSeconds,
  failureRate: simulation.failureRate,
});

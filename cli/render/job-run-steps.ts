import type { JobRun } from "@aws-sdk/client-glue";
import { stageOf } from "../run/stages.ts";
import { duration, shortId } from "./format.ts";
import { inStage, step, type Step } from "./step.ts";

/** Tells of job runs, each time that one is in another state than before. */
export class JobRunSteps {
  /** The state in which each run was last seen, by run id, in the order of their start. */
  readonly #runs = new Map<string, string>();
  /** The runs of each stage, in the order of their start. */
  readonly #stages = new Map<string, string[]>();
  /** How far those runs are that run now, by stage. */
  readonly #running = new Map<string, number>();

  /** The how many-eth run of its stage it is. */
  attemptOf(runId: string, stage: string): number {
    if (!this.#runs.has(runId)) this.#runs.set(runId, "");
    const runs = this.#stages.get(stage) ?? [];
    if (!runs.includes(runId)) runs.push(runId);
    this.#stages.set(stage, runs);
    return runs.indexOf(runId) + 1;
  }

  tell(run: JobRun, progress: number | undefined): Step | undefined {
    const id = run.Id ?? "";
    const stage = this.#stageOf(run);
    const state = run.JobRunState ?? "?";
    // A task that waits for its run does not tell which it has started.
    const name = this.#runs.has(id) ? "" : `${shortId(id)}, `;
    const isNew = this.#runs.get(id) !== state;
    const attempt = this.attemptOf(id, stage);
    this.#runs.set(id, state);
    const isRunning = state === "RUNNING" && progress !== undefined;
    if (isRunning) this.#running.set(stage, progress);
    else this.#running.delete(stage);
    if (isRunning) return inStage(stage, this.#progress(state, progress, isNew));
    if (!isNew) return undefined;
    if (run.CompletedOn === undefined) return inStage(stage, step(state, run.StateDetail ?? "", "active"));
    const ran = `${name}attempt ${attempt}, ran ${duration((run.ExecutionTime ?? 0) * 1000)}`;
    if (state === "SUCCEEDED") return inStage(stage, step(state, ran, "good"));
    return inStage(stage, step(state, run.ErrorMessage === undefined ? ran : `${ran}: ${run.ErrorMessage}`, "bad"));
  }

  #stageOf(run: JobRun): string {
    if (stageOf(run) !== "") return stageOf(run);
    const [stage = ""] = [...this.#stages].find(([, runs]) => runs.includes(run.Id ?? "")) ?? [];
    return stage;
  }

  /** Runs at the same time share the one line that is rewritten. */
  #progress(label: string, progress: number, isFirst: boolean): Step {
    const others = [...this.#running].map(([stage, share]) => `${stage} ${Math.floor(share * 100)} %`);
    return {
      ...step(label, "", "active"),
      progress,
      isFirst,
      ...(others.length > 1 && { together: others.join(" · ") }),
    };
  }
}

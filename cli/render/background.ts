import { isRecord } from "../../functions/lib/json.ts";
import { isSettled } from "../../functions/lib/job-run.ts";
import type { CloudEvent } from "../../local/events.ts";
import type { Step } from "./step.ts";

/**
 * Tells of work that no file or start is waited for: runs that go on by themselves, such as those that read a stream, and
 * what a function asks to be shown of its batches, in its log as `shown: {label, text}`.
 */
export class Background {
  readonly #states = new Map<string, string>();

  tell(event: CloudEvent): Step | undefined {
    switch (event.kind) {
      case "job-run":
        return this.#run(event.run);
      case "function-log":
        return shownIn(event.entry.shown);
      default:
        return undefined;
    }
  }

  /** A run is told when its state has changed. */
  #run({
    Id = "",
    JobName = "",
    JobRunState,
    ErrorMessage,
  }: (CloudEvent & { kind: "job-run" })["run"]): Step | undefined {
    if (JobRunState === undefined || this.#states.get(Id) === JobRunState) return undefined;
    this.#states.set(Id, JobRunState);
    const hasEnded = isSettled(JobRunState);
    const tone = !hasEnded ? "active" : JobRunState === "SUCCEEDED" || JobRunState === "STOPPED" ? "good" : "bad";
    return { label: JobRunState, text: ErrorMessage === undefined ? JobName : `${JobName}: ${ErrorMessage}`, tone };
  }
}

const shownIn = (shown: unknown): Step | undefined => {
  if (!isRecord(shown) || typeof shown.label !== "string" || typeof shown.text !== "string") return undefined;
  return { label: shown.label, text: shown.text, tone: "plain" };
};

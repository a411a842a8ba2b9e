import type { JobRun } from "@aws-sdk/client-glue";
import type { CloudEvent } from "../../local/events.ts";
import type { HistoryEvent } from "../../local/states/history.ts";
import { directStepIn, isReminder, type DirectStep } from "../run/direct-steps.ts";
import { at, isObject, parsed, textAt } from "../run/json.ts";
import type { FileRecord } from "../run/ledger.ts";
import { describeError, verdictOn } from "../run/outcome.ts";
import { bytes, count, duration, shortId } from "./format.ts";
import type { Tone } from "./style.ts";

/** One thing worth telling about a file. */
export interface Step {
  readonly label: string;
  readonly text: string;
  readonly tone: Tone;
  /** From 0 to 1: how far a run is. Where lines can be rewritten, such a step replaces the one before it. */
  readonly progress?: number;
  /** Worth a line only for as long as it lasts. */
  readonly isPassing?: boolean;
  /** The first of several steps that tell progress. */
  readonly isFirst?: boolean;
  /** Nothing follows it. */
  readonly isLast?: boolean;
}

/** Picks from the events about one file what a person wants to see. */
export class Narrator {
  /** The state in which each run was last seen, by run id, in the order of their start. */
  readonly #runs = new Map<string, string>();
  readonly #states = new StateTrail();
  /** How often each event was handed to a function, by request id. */
  readonly #deliveries = new Map<string, number>();

  constructor(readonly file: FileRecord) {}

  tell(event: CloudEvent): Step | undefined {
    switch (event.kind) {
      case "object-created":
        return this.#wrote(event);
      case "object-ignored":
        return { label: "ignored", text: event.reason, tone: "warning", isLast: true };
      case "function-invoked":
        return this.#invoked(event);
      case "function-failed":
        // What a state machine calls is told by its history.
        if (!this.#deliveries.has(event.requestId)) return undefined;
        return step(
          "S3 event",
          `${event.functionName} failed with ${describeError(event.error, event.message)}`,
          "warning",
        );
      case "function-log":
        return this.#direct(directStepIn(event.entry));
      case "execution-started":
        return step("execution", shortId(event.name));
      case "history":
        return this.#history(event.event);
      case "execution-ended":
        return this.#verdict(`execution ${event.status}`);
      case "job-run":
        return this.#jobRun(event.run, event.progress);
      case "message-sent":
        if (isReminder(parsed(event.body))) return undefined;
        return step("queued", `in ${event.queue.slice(event.queue.lastIndexOf("/") + 1)}`);
      case "notification":
        return step("notified", event.subject ?? event.topic.slice(event.topic.lastIndexOf(":") + 1));
    }
  }

  #invoked(event: Extract<CloudEvent, { kind: "function-invoked" }>): Step | undefined {
    if (!Array.isArray(at(event.payload, "Records"))) return undefined;
    const tries = (this.#deliveries.get(event.requestId) ?? 0) + 1;
    this.#deliveries.set(event.requestId, tries);
    return step("S3 event", `→ ${event.functionName}${tries > 1 ? `, try ${tries}` : ""}`);
  }

  #wrote(event: Extract<CloudEvent, { kind: "object-created" }>): Step | undefined {
    const { upload } = this.file;
    if (event.bucket === upload.bucket && event.key === upload.key) return undefined;
    return step("wrote", `${event.key.slice(event.key.lastIndexOf("/") + 1)}, ${bytes(event.size)}`);
  }

  /** Without a state machine, the functions' logs tell what the history would. */
  #direct(told: DirectStep | undefined): Step | undefined {
    switch (told?.kind) {
      case undefined:
        return undefined;
      case "entered":
        return step("entered", shortId(told.executionName));
      case "started":
        return this.#taskDone("StartJobRun", { JobRunId: told.jobRunId });
      case "troubled":
        return step(told.step, describeError(told.error, told.cause), "warning");
      case "done":
        return this.#verdict("done");
    }
  }

  #history(event: HistoryEvent): Step | undefined {
    const visit = this.#states.follow(event);
    const { state } = visit;
    if (/^(Task|LambdaFunction)(Failed|TimedOut|SubmitFailed|ScheduleFailed|StartFailed)$/.test(event.type)) {
      const error = textAt(event.details, "error") ?? event.type;
      // A task that waits for its run fails as the run does, which the run's own event has told.
      if (isJobRun(told(event.details.cause))) return undefined;
      return step(state, describeError(error, textAt(event.details, "cause")), "warning");
    }
    if (visit.tries > 1) return step(state, `try ${visit.tries}`, "dim");
    if (visit.passedBy !== undefined) return step(visit.passedBy, `→ ${state}`);
    if (visit.pause === "begins") return { ...step(state, "waits", "dim"), isPassing: true };
    if (visit.pause !== undefined) return step(state, `waited ${duration(visit.pause)}`, "dim");
    if (event.type === "ParallelStateStarted" || event.type === "MapStateStarted") {
      const length = event.details.length;
      return step(state, typeof length === "number" ? `${count(length)} items` : "branches begin");
    }
    return event.type === "TaskSucceeded" || event.type === "LambdaFunctionSucceeded"
      ? this.#taskDone(state, parsed(event.details.output))
      : undefined;
  }

  #taskDone(state: string, output: unknown): Step | undefined {
    const runId = textAt(output, "JobRunId");
    if (runId !== undefined) {
      this.#runs.set(runId, "");
      return step(state, shortId(runId) + (this.#runs.size > 1 ? `, attempt ${this.#runs.size}` : ""));
    }
    // Looks at a run and messages have events of their own.
    if (isObject(output) && ("JobRun" in output || "MessageId" in output)) return undefined;
    if (isJobRun(output)) return undefined;
    return step(state, "done");
  }

  #jobRun(run: JobRun, progress: number | undefined): Step | undefined {
    const id = run.Id ?? "";
    const state = run.JobRunState ?? "?";
    // A task that waits for its run does not tell which it has started.
    const name = this.#runs.has(id) ? "" : `${shortId(id)}, `;
    const isNew = this.#runs.get(id) !== state;
    this.#runs.set(id, state);
    if (state === "RUNNING" && progress !== undefined)
      return { label: state, text: "", tone: "active", progress, isFirst: isNew };
    if (!isNew) return undefined;
    if (run.CompletedOn === undefined) return step(state, run.StateDetail ?? "", "active");
    const attempt = [...this.#runs.keys()].indexOf(id) + 1;
    const ran = `${name}attempt ${attempt}, ran ${duration((run.ExecutionTime ?? 0) * 1000)}`;
    if (state === "SUCCEEDED") return step(state, ran, "good");
    return step(state, run.ErrorMessage === undefined ? ran : `${ran}: ${run.ErrorMessage}`, "bad");
  }

  #verdict(status: string): Step {
    const { outcome, reason } = verdictOn(this.file);
    const tone = outcome === "succeeded" ? "good" : outcome === "failed" ? "bad" : "warning";
    return { label: outcome, text: reason ?? status, tone, isLast: true };
  }
}

const isJobRun = (value: unknown): boolean => textAt(value, "JobRunState") !== undefined;

/** What a cause tells, and a function's cause one level deeper. */
const told = (cause: unknown): unknown => {
  const content = parsed(cause);
  return parsed(textAt(content, "errorMessage")) ?? content;
};

const step = (label: string, text: string, tone: Tone = "plain"): Step => ({ label, text, tone });

interface Visit {
  readonly state: string;
  /** Of the task's call, when this is one. */
  readonly tries: number;
  /** The Choice that led here, the first time that it is passed. */
  readonly passedBy?: string;
  /** A Wait that a Choice led to, and at its end how long it took; a Wait that is part of polling is no pause. */
  readonly pause?: "begins" | number;
}

/** Follows a history, branch by branch, to know which state an event belongs to. */
class StateTrail {
  readonly #stateOf = new Map<number, string>();
  readonly #tries = new Map<string, number>();
  readonly #seen = new Set<string>();
  readonly #polls = new Set<string>();
  readonly #choiceAt = new Map<number, string>();
  /** When each pause began, by the id of its first event. */
  readonly #pauses = new Map<number, number>();

  follow(event: HistoryEvent): Visit {
    const isEntry = event.type.endsWith("StateEntered");
    const before = this.#stateOf.get(event.previousEventId) ?? "";
    const state = isEntry ? (textAt(event.details, "name") ?? "") : before;
    this.#stateOf.set(event.id, state);
    if (event.type === "ChoiceStateExited") this.#choiceAt.set(event.id, state);
    const none = { state, tries: 0 };
    if (event.type === "TaskScheduled" || event.type === "LambdaFunctionScheduled") {
      const tries = (this.#tries.get(state) ?? 0) + 1;
      this.#tries.set(state, tries);
      return { ...none, tries };
    }
    const pausedAt = this.#pauses.get(event.previousEventId);
    if (event.type === "WaitStateExited" && pausedAt !== undefined)
      return { ...none, pause: event.timestamp - pausedAt };
    if (!isEntry) return none;
    this.#tries.delete(state);
    const choice = this.#choiceAt.get(event.previousEventId);
    if (event.type === "WaitStateEntered") {
      if (!this.#isPause(state, choice)) return none;
      this.#pauses.set(event.id, event.timestamp);
      return { ...none, pause: "begins" };
    }
    if (choice === undefined || this.#seen.has(choice)) return none;
    this.#seen.add(choice);
    return { ...none, passedBy: choice };
  }

  #isPause(state: string, choice: string | undefined): boolean {
    if (choice === undefined) this.#polls.add(state);
    else this.#seen.add(choice);
    return !this.#polls.has(state);
  }
}

import type { CloudEvent } from "../../local/events.ts";
import type { HistoryEvent } from "../../local/states/history.ts";
import { directStepIn, isReminder, type DirectStep } from "../run/direct-steps.ts";
import { at, isObject, parsed, textAt } from "../run/json.ts";
import { describeError, verdictOn } from "../run/outcome.ts";
import { mapLabelOf, type Subject } from "../run/records.ts";
import { outputOf, stageOf, stateNameOf } from "../run/stages.ts";
import { bytes, count, duration, shortId } from "./format.ts";
import { JobRunSteps } from "./job-run-steps.ts";
import { MapProgress } from "./map-progress.ts";
import { StateTrail } from "./state-trail.ts";
import { inStage, ofState, step, type Step } from "./step.ts";

/** Of things that there may be thousands of, so many are told one by one. */
const TOLD_OF_EACH = 20;

/** Picks from the events about one file or execution what a person wants to see. */
export class Narrator {
  readonly #runs = new JobRunSteps();
  readonly #trails = new Map<string, StateTrail>();
  readonly #maps = new MapProgress();
  /** Stages inside of maps: their runs are only counted. */
  readonly #mapped = new Set<string>();
  /** How often each event was handed to a function, by request id. */
  readonly #deliveries = new Map<string, number>();
  readonly #told = new Map<string, number>();
  /** The last message to a topic. */
  #notified = "";

  constructor(readonly subject: Subject) {}

  tell(event: CloudEvent): Step | undefined {
    switch (event.kind) {
      case "object-created":
        return this.#few(this.#wrote(event));
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
        return event.parentArn === undefined ? step("execution", shortId(event.name)) : undefined;
      case "history":
        if (!isChild(event)) return this.#history(event.executionArn, event.event);
        this.#learn(event.event);
        return undefined;
      case "execution-ended":
        return isChild(event) ? this.#maps.child(event) : this.#verdict(`execution ${event.status}`);
      case "job-run":
        if (this.#mapped.has(stageOf(event.run))) return undefined;
        return this.#runs.tell(event.run, event.progress);
      case "message-sent":
        // What a topic delivers to a queue has just been told.
        if (isReminder(parsed(event.body)) || event.body === this.#notified) return undefined;
        return this.#few(step("queued", `in ${event.queue.slice(event.queue.lastIndexOf("/") + 1)}`));
      case "notification":
        this.#notified = event.message;
        return this.#few(step("notified", event.subject ?? event.topic.slice(event.topic.lastIndexOf(":") + 1)));
    }
  }

  /** From the twenty-first on, steps of a kind are told for a moment only. */
  #few(told: Step | undefined): Step | undefined {
    if (told === undefined) return undefined;
    const kind = told.label;
    const times = (this.#told.get(kind) ?? 0) + 1;
    this.#told.set(kind, times);
    return times <= TOLD_OF_EACH ? told : { ...told, text: `${told.text} (${count(times)} so far)`, isPassing: true };
  }

  #invoked(event: Extract<CloudEvent, { kind: "function-invoked" }>): Step | undefined {
    if (!Array.isArray(at(event.payload, "Records"))) return undefined;
    const tries = (this.#deliveries.get(event.requestId) ?? 0) + 1;
    this.#deliveries.set(event.requestId, tries);
    return step("S3 event", `→ ${event.functionName}${tries > 1 ? `, try ${tries}` : ""}`);
  }

  #wrote(event: Extract<CloudEvent, { kind: "object-created" }>): Step | undefined {
    const { subject } = this;
    if ("upload" in subject && event.bucket === subject.upload.bucket && event.key === subject.upload.key)
      return undefined;
    const told = step("wrote", `${event.key.slice(event.key.lastIndexOf("/") + 1)}, ${bytes(event.size)}`);
    const writer = [...(subject.execution?.jobRuns.values() ?? [])].find((run) => {
      const output = run && outputOf(run);
      return output?.bucket === event.bucket && event.key.startsWith(output.prefix);
    });
    return writer === undefined ? told : inStage(stageOf(writer), told);
  }

  /** Without a state machine, the functions' logs tell what the history would. */
  #direct(told: DirectStep | undefined): Step | undefined {
    switch (told?.kind) {
      case undefined:
        return undefined;
      case "entered":
        return step("entered", shortId(told.executionName));
      case "started":
        return this.#taskDone(step("StartJobRun", ""), { JobRunId: told.jobRunId });
      case "troubled":
        return step(told.step, describeError(told.error, told.cause), "warning");
      case "done":
        return this.#verdict("done");
    }
  }

  /** Children of maps are only counted; what they consist of is remembered. */
  #learn({ type, details }: HistoryEvent): void {
    if (type.endsWith("StateEntered")) this.#mapped.add(stateNameOf(textAt(details, "name") ?? "").stage);
  }

  #history(executionArn: string, event: HistoryEvent): Step | undefined {
    const trail = this.#trails.get(executionArn) ?? new StateTrail();
    this.#trails.set(executionArn, trail);
    const visit = trail.follow(event);
    if (visit.map !== undefined) {
      this.#mapped.add(stateNameOf(visit.state).stage);
      return this.#maps.iteration(visit.map, event);
    }
    const { state } = visit;
    if (/^(Task|LambdaFunction)(Failed|TimedOut|SubmitFailed|ScheduleFailed|StartFailed)$/.test(event.type)) {
      const error = textAt(event.details, "error") ?? event.type;
      // A task that waits for its run fails as the run does, which the run's own event has told.
      if (isJobRun(told(event.details.cause))) return undefined;
      return ofState(state, describeError(error, textAt(event.details, "cause")), "warning");
    }
    if (visit.tries > 1) return ofState(state, `try ${visit.tries}`, "dim");
    if (visit.passedBy !== undefined) return choiceTaken(visit.passedBy, state);
    if (visit.pause === "begins") return { ...ofState(state, "waits", "dim"), isPassing: true };
    if (visit.pause !== undefined) return ofState(state, `waited ${duration(visit.pause)}`, "dim");
    const { length } = event.details;
    switch (event.type) {
      case "ParallelStateStarted":
        return step(state, "branches begin");
      case "MapStateStarted":
        return this.#maps.begin(state, typeof length === "number" ? length : undefined);
      case "MapStateExited":
      case "MapStateFailed":
      case "MapRunFailed":
        return this.#maps.end(state);
      case "TaskSubmitted":
        return this.#submitted(ofState(state, ""), at(parsed(event.details.output), "Payload"));
      case "TaskSucceeded":
      case "LambdaFunctionSucceeded":
        return this.#taskDone(ofState(state, ""), parsed(event.details.output));
      default:
        return undefined;
    }
  }

  /** Of a task that waits for its token: what it has started, if that is a run. */
  #submitted(begun: Step, output: unknown): Step | undefined {
    return textAt(output, "JobRunId") === undefined ? undefined : this.#taskDone(begun, output);
  }

  #taskDone(done: Step, output: unknown): Step | undefined {
    const runId = textAt(output, "JobRunId");
    if (runId !== undefined) {
      const attempt = this.#runs.attemptOf(runId, done.stage ?? "");
      return { ...done, text: shortId(runId) + (attempt > 1 ? `, attempt ${attempt}` : "") };
    }
    // Looks at a run and messages have events of their own.
    if (isObject(output) && ("JobRun" in output || "MessageId" in output)) return undefined;
    if (isJobRun(output)) return undefined;
    return { ...done, text: "done" };
  }

  #verdict(status: string): Step {
    const { outcome, reason, stage } = verdictOn(this.subject);
    const tone = outcome === "succeeded" ? "good" : outcome === "failed" ? "bad" : "warning";
    const where = stage === undefined ? "" : `in ${stage}: `;
    return { label: outcome, text: where + (reason ?? status), tone, isLast: true };
  }
}

const isJobRun = (value: unknown): boolean => textAt(value, "JobRunState") !== undefined;

/** What a cause tells, and a function's cause one level deeper. */
const told = (cause: unknown): unknown => {
  const content = parsed(cause);
  return parsed(textAt(content, "errorMessage")) ?? content;
};

/** Of a job's own decisions its other states tell. */
const choiceTaken = (choice: string, next: string): Step | undefined => {
  const from = stateNameOf(choice);
  const to = stateNameOf(next);
  if (from.verb !== undefined) return undefined;
  return step(choice, `→ ${to.stage === "" ? next : to.stage}`);
};

const isChild = ({ executionArn }: { readonly executionArn: string }): boolean =>
  mapLabelOf(executionArn) !== undefined;

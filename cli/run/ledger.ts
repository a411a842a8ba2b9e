import type { JobRun } from "@aws-sdk/client-glue";
import type { FileEntry } from "../../functions/lib/queued/file-entry.ts";
import type { CloudEvent } from "../../local/events.ts";
import type { HistoryEvent } from "../../local/states/history.ts";
import { batchIn } from "./batches.ts";
import { Decisions } from "./decisions.ts";
import { directStepIn, type DirectStep } from "./direct-steps.ts";
import { isObject, parsed, textAt } from "./json.ts";
import { objectsIn } from "./mentions.ts";
import {
  isExpress,
  machineOf,
  mapLabelOf,
  noChildren,
  runsOf,
  type Children,
  type ExecutionRecord,
  type FileRecord,
  type Start,
  type StartRecord,
  type Subject,
  type Upload,
} from "./records.ts";
import { count, endOf, transitionsIn } from "./tallies.ts";

/** What events are about. */
interface Entry {
  readonly execution: ExecutionRecord;
  readonly subject: Subject | undefined;
  /** One of too many to be kept. */
  readonly isSummedUp?: boolean;
  readonly decisions: Decisions;
  /** Set where the events are those of a child of a distributed map; the execution is then its parent. */
  readonly child?: { readonly group: Children; readonly startDate: number };
}

/** Executions beyond these that nobody follows are summed up once they have ended. */
const MOST_OTHERS = 100;

export type Notification = Extract<CloudEvent, { kind: "notification" }>;

/** Keeps what happens in the embedded cloud, by what a person follows and by execution. */
export class Ledger {
  readonly files: readonly FileRecord[];
  /** Executions that were started without a file. */
  readonly starts: readonly StartRecord[];
  /** Batches of files among them, as soon as they are there. */
  readonly subjects: Subject[];
  /** Those of files and starts, and the first hundred of what else runs. */
  readonly executions: ExecutionRecord[] = [];
  /** Those of them that nobody follows. */
  readonly background: ExecutionRecord[] = [];
  /** The rest, summed up. */
  readonly others: Children & { transitions: number; readonly jobRuns: JobRun[] } = {
    ...noChildren(),
    transitions: 0,
    jobRuns: [],
  };
  readonly notifications: (Notification & { readonly at: number })[] = [];
  /** How often each function was called. */
  readonly invocations = new Map<string, number>();
  /** How many messages each queue was sent, by its URL. */
  readonly messages = new Map<string, number>();
  readonly #byObject = new Map<string, FileRecord>();
  readonly #byArn = new Map<string, Entry>();
  readonly #byName = new Map<string, Entry>();
  readonly #byRun = new Map<string, string>();
  readonly #byRequest = new Map<string, Subject>();
  #firstAt: number | undefined;
  #lastAt = 0;

  constructor(uploads: readonly Upload[], starts: readonly Start[] = []) {
    this.files = uploads.map((upload) => ({ upload, functionFailures: [] }));
    this.starts = starts.map((start) => ({ start, functionFailures: [] }));
    this.subjects = [...this.files, ...this.starts];
    for (const file of this.files) this.#byObject.set(objectId(file.upload.bucket, file.upload.key), file);
  }

  /** Milliseconds from the first event to the last. */
  get elapsed(): number {
    return this.#firstAt === undefined ? 0 : this.#lastAt - this.#firstAt;
  }

  /** Takes an event in and tells what it is about, of the things that a person follows. */
  observe(event: CloudEvent, at: number): Subject | undefined {
    this.#firstAt ??= at;
    this.#lastAt = Math.max(this.#lastAt, at);
    switch (event.kind) {
      case "object-created":
      case "object-ignored":
        return this.#object(event, at);
      case "function-log":
        return this.#direct(directStepIn(event.entry), at) ?? this.#function(event);
      case "function-invoked":
      case "function-failed":
        return this.#function(event);
      case "execution-started":
        return this.#started(event, at);
      case "history":
        return this.#history(event.executionArn, event.event);
      case "execution-ended":
        return this.#ended(event, at);
      case "job-run":
        return this.#jobRun(event.run);
      case "notification":
        this.notifications.push({ ...event, at });
        return this.#mentioned(event.message);
      case "message-sent":
        this.messages.set(event.queue, (this.messages.get(event.queue) ?? 0) + 1);
        return this.#mentioned(event.body);
    }
  }

  #object(event: Extract<CloudEvent, { kind: "object-created" | "object-ignored" }>, at: number): Subject | undefined {
    const file = this.#byObject.get(objectId(event.bucket, event.key));
    if (file === undefined) return this.#mentioned(event.key);
    if (event.kind === "object-created") file.uploadedAt = at;
    else file.ignored = event.reason;
    return file;
  }

  #function(
    event: Extract<CloudEvent, { kind: "function-invoked" | "function-failed" | "function-log" }>,
  ): Subject | undefined {
    if (event.kind === "function-invoked") {
      this.invocations.set(event.functionName, (this.invocations.get(event.functionName) ?? 0) + 1);
      const file = this.#fileIn(event.payload);
      if (file !== undefined) this.#byRequest.set(event.requestId, file);
      return file;
    }
    const subject = this.#byRequest.get(event.requestId);
    if (event.kind === "function-failed") subject?.functionFailures.push(event);
    return subject;
  }

  #started(event: Extract<CloudEvent, { kind: "execution-started" }>, at: number): Subject | undefined {
    const { executionArn, name, parentArn } = event;
    const parent = this.#byArn.get(parentArn ?? "");
    if (parent !== undefined) return this.#childStarted(executionArn, parent, at);
    const subject = this.#subjectOf(event);
    const execution: ExecutionRecord = {
      arn: executionArn,
      name,
      input: parsed(event.input),
      startDate: at,
      status: "RUNNING",
      transitions: 0,
      jobRuns: new Map(),
      children: new Map(),
    };
    const isSummedUp = subject === undefined && this.background.length >= MOST_OTHERS;
    if (!isSummedUp) this.executions.push(execution);
    if (!isSummedUp && subject === undefined) this.background.push(execution);
    const entry = { execution, subject, isSummedUp, decisions: new Decisions() };
    this.#byArn.set(executionArn, entry);
    this.#byName.set(name, entry);
    if (subject !== undefined) subject.execution = execution;
    return subject;
  }

  /** Nobody follows executions that others start on their way. */
  #subjectOf({ executionArn, name, input }: Extract<CloudEvent, { kind: "execution-started" }>): Subject | undefined {
    const machine = machineOf(executionArn);
    const start = this.starts.find(
      (each) => each.start.name === name && each.start.stateMachineArn.split(":")[6] === machine,
    );
    if (start !== undefined) return start;
    const batch = batchIn(executionArn, name, input);
    if (batch !== undefined) {
      this.subjects.push(batch);
      return batch;
    }
    const file = this.#fileIn(input);
    const before = file?.execution;
    return before === undefined || machineOf(before.arn) === machine ? file : undefined;
  }

  /** What the ledger of a queue knows in the end. Of a file's versions the last to come counts. */
  enter(entries: readonly FileEntry[]): void {
    for (const entry of entries) {
      const file = this.#byObject.get(objectId(entry.file.bucket, entry.file.key));
      if (file !== undefined && (file.entry?.arrivedAt ?? 0) <= entry.arrivedAt) file.entry = entry;
    }
  }

  #childStarted(executionArn: string, { execution, subject }: Entry, startDate: number): Subject | undefined {
    const label = mapLabelOf(executionArn) ?? "";
    const group = execution.children.get(label) ?? noChildren();
    group.started++;
    execution.children.set(label, group);
    this.#byArn.set(executionArn, { execution, subject, decisions: new Decisions(), child: { group, startDate } });
    return subject;
  }

  /** Files that go through their job without a state machine have no executions: what is told of them is kept as one. */
  #direct(step: DirectStep | undefined, at: number): Subject | undefined {
    if (step === undefined) return undefined;
    const executionArn = `direct:${step.executionName}`;
    switch (step.kind) {
      case "entered":
        return this.#started(
          { kind: "execution-started", executionArn, name: step.executionName, input: step.input },
          at,
        );
      case "started":
        this.#byArn.get(executionArn)?.execution.jobRuns.set(step.jobRunId, undefined);
        this.#byRun.set(step.jobRunId, executionArn);
        return this.#byArn.get(executionArn)?.subject;
      case "troubled":
        return this.#byArn.get(executionArn)?.subject;
      case "done":
        return this.#ended(
          { kind: "execution-ended", executionArn, name: step.executionName, ...endOf(step.result) },
          at,
        );
    }
  }

  #history(arn: string, event: HistoryEvent): Subject | undefined {
    const entry = this.#byArn.get(arn);
    if (entry === undefined) return undefined;
    const { execution, subject } = entry;
    const branch = entry.child === undefined ? entry.decisions.follow(event) : undefined;
    if (branch !== undefined) execution.branch = branch;
    // Express executions are charged by their time.
    if (entry.child === undefined || !isExpress(arn)) execution.transitions += transitionsIn(event);
    const runId = event.type.endsWith("Succeeded") ? textAt(parsed(event.details.output), "JobRunId") : undefined;
    if (runId !== undefined && !execution.jobRuns.has(runId)) {
      execution.jobRuns.set(runId, undefined);
      this.#byRun.set(runId, execution.arn);
    }
    return subject;
  }

  #ended(event: Extract<CloudEvent, { kind: "execution-ended" }>, at: number): Subject | undefined {
    const entry = this.#byArn.get(event.executionArn);
    if (entry === undefined) return undefined;
    const { execution, subject, child, isSummedUp } = entry;
    if (child !== undefined) {
      count(child.group, event, at - child.startDate);
      this.#byArn.delete(event.executionArn);
      return subject;
    }
    execution.status = event.status;
    execution.stopDate = at;
    if (event.output !== undefined) execution.output = parsed(event.output);
    if (event.error !== undefined) execution.error = event.error;
    if (event.cause !== undefined) execution.cause = event.cause;
    if (isSummedUp === true) this.#sumUp(execution, event, at);
    return subject;
  }

  /** What has ended and is not followed leaves its figures and nothing else. */
  #sumUp(execution: ExecutionRecord, event: Extract<CloudEvent, { kind: "execution-ended" }>, at: number): void {
    this.others.started++;
    count(this.others, event, at - execution.startDate);
    for (const { expressDurations } of execution.children.values())
      for (const duration of expressDurations) this.others.expressDurations.push(duration);
    if (!isExpress(execution.arn)) this.others.transitions += execution.transitions;
    for (const run of runsOf(execution)) this.others.jobRuns.push(run);
    this.#byArn.delete(execution.arn);
    this.#byName.delete(execution.name);
  }

  #jobRun(run: JobRun): Subject | undefined {
    if (run.Id === undefined) return undefined;
    const entry =
      this.#byArn.get(this.#byRun.get(run.Id) ?? "") ?? this.#byName.get(run.Arguments?.["--execution_name"] ?? "");
    entry?.execution.jobRuns.set(run.Id, run);
    return entry?.subject;
  }

  #fileIn(payload: unknown): FileRecord | undefined {
    for (const { bucket, key } of objectsIn(payload)) {
      const file = this.#byObject.get(objectId(bucket, key));
      if (file !== undefined) return file;
    }
    return undefined;
  }

  /** A message or a key that names an execution or an object is about its subject. */
  #mentioned(text: string): Subject | undefined {
    const content = parsed(text);
    if (isObject(content)) {
      const named = this.#byName.get(textAt(content, "executionName") ?? "");
      const stage = textAt(content, "stage");
      if (named !== undefined && stage !== undefined && textAt(content, "outcome") === "failed")
        named.execution.failedStage = stage;
      const subject = named?.subject ?? this.#fileIn(content);
      if (subject !== undefined) return subject;
    }
    const execution = this.executions.find(({ name }) => text.includes(name));
    return this.#byName.get(execution?.name ?? "")?.subject;
  }
}

const objectId = (bucket: string, key: string): string => `${bucket}\0${key}`;

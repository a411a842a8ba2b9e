import type { JobRun } from "@aws-sdk/client-glue";
import type { CloudEvent } from "../../local/events.ts";
import type { HistoryEvent } from "../../local/states/history.ts";
import { directStepIn, type DirectStep } from "./direct-steps.ts";
import { isObject, parsed, textAt } from "./json.ts";
import { objectsIn } from "./mentions.ts";

/** A file on its way: where it comes from and where it is put. */
export interface Upload {
  /** As the person gave it. */
  readonly file: string;
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
}

/** An execution, as far as it has come. */
export interface ExecutionRecord {
  readonly arn: string;
  readonly name: string;
  readonly input: unknown;
  readonly startDate: number;
  stopDate?: number;
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";
  output?: unknown;
  error?: string;
  cause?: string;
  transitions: number;
  /** By run id, in the order they were started; undefined until the run was looked at. */
  readonly jobRuns: Map<string, JobRun | undefined>;
}

/** What is known of an uploaded file. */
export interface FileRecord {
  readonly upload: Upload;
  uploadedAt?: number;
  /** Why no notification was sent. */
  ignored?: string;
  /** The last one that was started for it. */
  execution?: ExecutionRecord;
  /** Failures of functions that were called for it. */
  readonly functionFailures: { readonly functionName: string; readonly error: string; readonly message: string }[];
}

interface Entry {
  readonly execution: ExecutionRecord;
  readonly file: FileRecord | undefined;
}

export type Notification = Extract<CloudEvent, { kind: "notification" }>;

/** Keeps what happens in the embedded cloud, by file and by execution. */
export class Ledger {
  readonly files: readonly FileRecord[];
  readonly executions: ExecutionRecord[] = [];
  readonly notifications: (Notification & { readonly at: number })[] = [];
  /** How often each function was called. */
  readonly invocations = new Map<string, number>();
  readonly #byObject = new Map<string, FileRecord>();
  readonly #byArn = new Map<string, Entry>();
  readonly #byName = new Map<string, Entry>();
  readonly #byRun = new Map<string, string>();
  readonly #byRequest = new Map<string, FileRecord>();

  constructor(uploads: readonly Upload[]) {
    this.files = uploads.map((upload) => ({ upload, functionFailures: [] }));
    for (const file of this.files) this.#byObject.set(objectId(file.upload.bucket, file.upload.key), file);
  }

  /** Takes an event in and tells which file it is about. */
  observe(event: CloudEvent, at: number): FileRecord | undefined {
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
        return this.#mentioned(event.body);
    }
  }

  #object(
    event: Extract<CloudEvent, { kind: "object-created" | "object-ignored" }>,
    at: number,
  ): FileRecord | undefined {
    const file = this.#byObject.get(objectId(event.bucket, event.key));
    if (file === undefined) return this.#mentioned(event.key);
    if (event.kind === "object-created") file.uploadedAt = at;
    else file.ignored = event.reason;
    return file;
  }

  #function(
    event: Extract<CloudEvent, { kind: "function-invoked" | "function-failed" | "function-log" }>,
  ): FileRecord | undefined {
    if (event.kind === "function-invoked") {
      this.invocations.set(event.functionName, (this.invocations.get(event.functionName) ?? 0) + 1);
      const file = this.#fileIn(event.payload);
      if (file !== undefined) this.#byRequest.set(event.requestId, file);
      return file;
    }
    const file = this.#byRequest.get(event.requestId);
    if (event.kind === "function-failed") file?.functionFailures.push(event);
    return file;
  }

  #started(event: Extract<CloudEvent, { kind: "execution-started" }>, at: number): FileRecord | undefined {
    const file = this.#fileIn(event.input);
    const execution: ExecutionRecord = {
      arn: event.executionArn,
      name: event.name,
      input: parsed(event.input),
      startDate: at,
      status: "RUNNING",
      transitions: 0,
      jobRuns: new Map(),
    };
    this.executions.push(execution);
    const entry = { execution, file };
    this.#byArn.set(event.executionArn, entry);
    this.#byName.set(event.name, entry);
    if (file !== undefined) file.execution = execution;
    return file;
  }

  /** Files that go through their job without a state machine have no executions: what is told of them is kept as one. */
  #direct(step: DirectStep | undefined, at: number): FileRecord | undefined {
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
        return this.#byArn.get(executionArn)?.file;
      case "troubled":
        return this.#byArn.get(executionArn)?.file;
      case "done":
        return this.#ended(
          { kind: "execution-ended", executionArn, name: step.executionName, ...endOf(step.result) },
          at,
        );
    }
  }

  #history(arn: string, event: HistoryEvent): FileRecord | undefined {
    const entry = this.#byArn.get(arn);
    if (entry === undefined) return undefined;
    if (event.type.endsWith("StateEntered")) entry.execution.transitions++;
    // Each try but the first is charged as a transition of its own; the state is entered once for all of them.
    if (event.type === "TaskStateEntered") entry.execution.transitions--;
    if (event.type === "TaskScheduled" || event.type === "LambdaFunctionScheduled") entry.execution.transitions++;
    const runId = textAt(parsed(event.details.output), "JobRunId");
    if (runId !== undefined && event.type.endsWith("Succeeded") && !entry.execution.jobRuns.has(runId)) {
      entry.execution.jobRuns.set(runId, undefined);
      this.#byRun.set(runId, arn);
    }
    return entry.file;
  }

  #ended(event: Extract<CloudEvent, { kind: "execution-ended" }>, at: number): FileRecord | undefined {
    const entry = this.#byArn.get(event.executionArn);
    if (entry === undefined) return undefined;
    entry.execution.status = event.status;
    entry.execution.stopDate = at;
    if (event.output !== undefined) entry.execution.output = parsed(event.output);
    if (event.error !== undefined) entry.execution.error = event.error;
    if (event.cause !== undefined) entry.execution.cause = event.cause;
    return entry.file;
  }

  #jobRun(run: JobRun): FileRecord | undefined {
    if (run.Id === undefined) return undefined;
    const entry =
      this.#byArn.get(this.#byRun.get(run.Id) ?? "") ?? this.#byName.get(run.Arguments?.["--execution_name"] ?? "");
    entry?.execution.jobRuns.set(run.Id, run);
    return entry?.file;
  }

  #fileIn(payload: unknown): FileRecord | undefined {
    for (const { bucket, key } of objectsIn(payload)) {
      const file = this.#byObject.get(objectId(bucket, key));
      if (file !== undefined) return file;
    }
    return undefined;
  }

  /** A message or a key that names an execution or an object is about its file. */
  #mentioned(text: string): FileRecord | undefined {
    const content = parsed(text);
    if (isObject(content)) {
      const named = this.#byName.get(textAt(content, "executionName") ?? "");
      const file = named?.file ?? this.#fileIn(content);
      if (file !== undefined) return file;
    }
    const execution = this.executions.find(({ name }) => text.includes(name));
    return this.#byName.get(execution?.name ?? "")?.file;
  }
}

/** A result as an execution would end with it. */
const endOf = (output: unknown) => {
  const [error, cause] = [textAt(output, "error"), textAt(output, "cause")];
  return error === undefined
    ? ({ status: "SUCCEEDED", output } as const)
    : ({ status: "FAILED", error, ...(cause !== undefined && { cause }) } as const);
};

const objectId = (bucket: string, key: string): string => `${bucket}\0${key}`;

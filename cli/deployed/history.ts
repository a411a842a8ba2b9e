import type { JobRun } from "@aws-sdk/client-glue";
import type { HistoryEvent as ApiEvent } from "@aws-sdk/client-sfn";
import type { CloudEvent } from "../../local/events.ts";
import { at, isObject, parsed, textAt, type JsonObject } from "../run/json.ts";

/** An event with its time, in milliseconds since the epoch. */
export interface TimedEvent {
  readonly event: CloudEvent;
  readonly at: number;
}

export interface HistoryContext {
  readonly executionArn: string;
  /** The queue and the topic that messages go to where the history does not name them. */
  readonly queue: string;
  readonly topic: string;
}

/** What JSON has as text and the SDK's types have as dates. */
const JOB_RUN_DATES = ["StartedOn", "LastModifiedOn", "CompletedOn"] as const;

/**
 * Tells what an execution's history says in the events of the embedded cloud, so that the same eyes can read both. Give
 * it each event once, in order: calls are told apart by what was scheduled before.
 */
export class HistoryReader {
  readonly #context: HistoryContext;
  /** What was called last: without branches, an end is that of the last call. */
  #call: { readonly name: string; readonly parameters: unknown } | undefined;
  /** The last event that was read; 0: none. */
  lastId = 0;

  constructor(context: HistoryContext) {
    this.#context = context;
  }

  read(event: ApiEvent): readonly TimedEvent[] {
    const id = event.id ?? this.lastId + 1;
    this.lastId = id;
    const time = event.timestamp?.getTime() ?? 0;
    const details = detailsOf(event);
    const type = event.type ?? "";
    if (type === "TaskScheduled") this.#call = callOf(details);
    if (type === "LambdaFunctionScheduled") this.#call = undefined;
    const history: CloudEvent = {
      kind: "history",
      executionArn: this.#context.executionArn,
      // Some emulators leave out what came before; without branches it is the event before.
      event: { id, previousEventId: event.previousEventId ?? id - 1, timestamp: time, type, details },
    };
    return [history, ...this.#consequences(type, details)].map((each) => ({ event: each, at: time }));
  }

  #consequences(type: string, details: JsonObject): readonly CloudEvent[] {
    const output = parsed(details.output);
    if (type === "TaskSucceeded") {
      const message = this.#message();
      if (message !== undefined) return [message];
    }
    if (!/^(TaskSucceeded|LambdaFunctionSucceeded)$/.test(type)) return [];
    const run = jobRunIn(output);
    return run === undefined ? [] : [{ kind: "job-run", run }];
  }

  /** Every message of a pipeline names its execution; where the history keeps no messages, the name stands for them. */
  get #executionName(): string {
    return this.#context.executionArn.split(":")[7] ?? "";
  }

  #message(): CloudEvent | undefined {
    const { name = "", parameters } = this.#call ?? {};
    if (name.endsWith("sns:publish")) {
      const subject = textAt(parameters, "Subject");
      return {
        kind: "notification",
        topic: textAt(parameters, "TopicArn") ?? this.#context.topic,
        ...(subject === undefined ? {} : { subject }),
        message: textAt(parameters, "Message") ?? this.#executionName,
      };
    }
    if (!name.endsWith("sqs:sendMessage")) return undefined;
    return {
      kind: "message-sent",
      queue: textAt(parameters, "QueueUrl") ?? this.#context.queue,
      body: textAt(parameters, "MessageBody") ?? this.#executionName,
    };
  }
}

/** The one member that is named after the event's type; there is no other that ends so. */
function detailsOf(event: ApiEvent): JsonObject {
  const found = Object.entries(event).find(([key]) => key.endsWith("EventDetails"));
  return found !== undefined && isObject(found[1]) ? found[1] : {};
}

/** AWS gives `sns` and `publish`, emulators `arn:aws:states:::sns:publish`. */
function callOf(details: JsonObject): { readonly name: string; readonly parameters: unknown } {
  const resource = textAt(details, "resource") ?? "";
  const name = resource.startsWith("arn:") ? resource : `${textAt(details, "resourceType") ?? ""}:${resource}`;
  return { name, parameters: parsed(details.parameters) };
}

/** What GetJobRun told, whoever answered it. */
export function jobRunIn(output: unknown): JobRun | undefined {
  const run = at(output, "JobRun");
  if (!isObject(run) || typeof run.Id !== "string") return undefined;
  const dates = JOB_RUN_DATES.flatMap((name) => {
    const time = dateOf(run[name]);
    return time === undefined ? [] : [[name, time] as const];
  });
  return { ...run, ...Object.fromEntries(dates) };
}

/** As ISO text, or as seconds since the epoch. */
function dateOf(value: unknown): Date | undefined {
  const date = new Date(typeof value === "number" ? value * 1000 : typeof value === "string" ? value : NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

import { SECONDS } from "./limits.ts";
import { StatesError } from "./machine.ts";
import { checkPayload } from "./payload.ts";
import type { TaskPlan } from "./plan.ts";
import { TaskCallback } from "./task-callback.ts";
import { CALLBACK } from "./task-tokens.ts";
import type { Visit } from "./visit.ts";

type Details = Readonly<Record<string, unknown>>;

const MAX_SECONDS = { ...SECONDS, min: 1 };

/** One call of a Task's Resource. */
export async function runTask(visit: Visit<TaskPlan>): Promise<unknown> {
  const { state } = visit;
  if (!state.resource.endsWith(CALLBACK)) return runCall(visit);
  const callback = new TaskCallback(visit.run.host.tokens);
  visit.token = callback.token;
  try {
    return await runCall(visit, callback);
  } finally {
    callback.close();
  }
}

async function runCall(visit: Visit<TaskPlan>, callback?: TaskCallback): Promise<unknown> {
  const { state, run, thread } = visit;
  const env = visit.env();
  const args = await visit.optional(state.arguments, env, visit.input);
  checkPayload(args, `arguments of the state ${state.name}`);
  const timeoutInSeconds = await visit.number(state.timeoutSeconds, env, MAX_SECONDS);
  const heartbeatInSeconds = await visit.number(state.heartbeatSeconds, env, MAX_SECONDS);
  const limits = {
    ...(timeoutInSeconds !== undefined && { timeoutInSeconds }),
    ...(heartbeatInSeconds !== undefined && { heartbeatInSeconds }),
  };
  const names = eventNames(state.resource);
  run.record(thread, names.scheduled, { ...names.scheduledDetails(args), ...limits });
  run.record(thread, names.started, names.details);
  const onSubmitted = (output: unknown): void => {
    run.record(thread, "TaskSubmitted", { ...names.details, output });
  };
  const waiting = callback && { callback, onSubmitted };
  const waits = { timeoutSeconds: timeoutInSeconds, heartbeatSeconds: heartbeatInSeconds, waiting };
  try {
    const result = (await run.call(visit, args, waits)) ?? null;
    run.record(thread, names.succeeded, { ...names.details, output: result });
    return result;
  } catch (error) {
    if (error instanceof StatesError) {
      const isTimeout = error.name === "States.Timeout" || error.name === "States.HeartbeatTimeout";
      const type = isTimeout ? names.timedOut : names.failed;
      run.record(thread, type, { ...names.details, error: error.name, cause: error.cause });
    }
    throw error;
  }
}

interface EventNames {
  readonly scheduled: string;
  readonly started: string;
  readonly succeeded: string;
  readonly failed: string;
  readonly timedOut: string;
  /** In each of the task's events. */
  readonly details: Details;
  readonly scheduledDetails: (args: unknown) => Details;
}

const cache = new Map<string, EventNames>();

/** Functions that a Task names by their ARN have events of their own. */
function eventNames(resource: string): EventNames {
  let names = cache.get(resource);
  if (names === undefined) {
    names = resource.startsWith("arn:aws:states:") ? integrationEvents(resource) : functionEvents(resource);
    cache.set(resource, names);
  }
  return names;
}

function functionEvents(resource: string): EventNames {
  return {
    scheduled: "LambdaFunctionScheduled",
    started: "LambdaFunctionStarted",
    succeeded: "LambdaFunctionSucceeded",
    failed: "LambdaFunctionFailed",
    timedOut: "LambdaFunctionTimedOut",
    details: {},
    scheduledDetails: (input) => ({ resource, input }),
  };
}

function integrationEvents(arn: string): EventNames {
  const parts = arn.split(":");
  const details = { resourceType: parts.slice(5, -1).join(":"), resource: parts.at(-1) };
  return {
    scheduled: "TaskScheduled",
    started: "TaskStarted",
    succeeded: "TaskSucceeded",
    failed: "TaskFailed",
    timedOut: "TaskTimedOut",
    details,
    scheduledDetails: (parameters) => ({ ...details, parameters }),
  };
}

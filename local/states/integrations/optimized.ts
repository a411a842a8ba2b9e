import { untilNextLook } from "../../../functions/lib/sync-looks.ts";
import { StatesError } from "../machine.ts";
import type { Integration } from "./caller.ts";
import { argumentsOf, readAnswer } from "./caller.ts";
import { capitalised, toJson, uncapitalised } from "./json.ts";
import type { ServiceNames } from "./services.ts";
import { OPTIMIZED_SERVICES, callService } from "./services.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An operation whose arguments and answer are those of the API. */
const direct =
  (names: ServiceNames, operation: string, prepare: (input: Fields) => Fields = (input) => input): Integration =>
  async ({ api, role }, request) =>
    toJson(await callService(api, role, names, operation, prepare(argumentsOf(request.arguments))));

/** Fields that take any JSON and send it as text. */
const withText =
  (...fields: readonly string[]) =>
  (input: Fields): Fields => ({
    ...input,
    ...Object.fromEntries(
      fields
        .filter((field) => input[field] !== undefined && typeof input[field] !== "string")
        .map((field) => [field, JSON.stringify(input[field])]),
    ),
  });

const invoke: Integration = async ({ api, role }, request) => {
  const input = argumentsOf(request.arguments);
  const event = { ...input, Payload: JSON.stringify(input.Payload ?? {}) };
  const answer = await callService(api, role, OPTIMIZED_SERVICES.lambda, "invoke", event);
  return { ExecutedVersion: "$LATEST", Payload: readAnswer(answer), StatusCode: 200 };
};

const GLUE_UNFINISHED = new Set(["STARTING", "WAITING", "RUNNING", "STOPPING"]);

/** Starts a job run and waits for its end. A run whose execution has been stopped or has timed out is stopped too. */
const runJob: Integration = async ({ api, role, clock }, request) => {
  const input = argumentsOf(request.arguments);
  const names = OPTIMIZED_SERVICES.glue;
  const started = (await callService(api, role, names, "startJobRun", input)) as { JobRunId: string };
  const startedAt = clock.now();
  for (;;) {
    await clock.sleep(untilNextLook(clock.now() - startedAt));
    if (request.isInterrupted()) {
      const stop = { JobName: input.JobName, JobRunIds: [started.JobRunId] };
      return await callService(api, role, names, "batchStopJobRun", stop);
    }
    if (request.isAbandoned()) return null;
    const look = { JobName: input.JobName, RunId: started.JobRunId };
    const { JobRun: run } = (await callService(api, role, names, "getJobRun", look)) as { JobRun: Fields };
    const state = String(run.JobRunState);
    if (GLUE_UNFINISHED.has(state)) continue;
    if (state === "SUCCEEDED") return toJson(run);
    throw new StatesError("States.TaskFailed", JSON.stringify(toJson(run)));
  }
};

/** Events' details are JSON here, text in the API. An entry that is refused fails the task. */
const putEvents: Integration = async ({ api, role }, request) => {
  const { Entries } = argumentsOf(request.arguments);
  const entries = Array.isArray(Entries) ? Entries.map((entry) => withText("Detail")(argumentsOf(entry))) : [];
  const answer = await callService(api, role, OPTIMIZED_SERVICES.events, "putEvents", { Entries: entries });
  if ((answer as { FailedEntryCount: number }).FailedEntryCount === 0) return toJson(answer);
  throw new StatesError("EventBridge.FailedEntry", JSON.stringify(answer));
};

const startExecution: Integration = async ({ api, role }, request) => {
  const input = withText("input")(uncapitalised(argumentsOf(request.arguments)));
  return capitalised(toJson(await callService(api, role, OPTIMIZED_SERVICES.states, "startExecution", input)));
};

/** Starts an execution and waits for its end. `parsed`: its input and output are JSON, not text. */
const runExecution =
  (parsed: boolean): Integration =>
  async (caller, request) => {
    const { api, role, clock } = caller;
    const { ExecutionArn: executionArn } = (await startExecution(caller, request)) as { ExecutionArn: string };
    const startedAt = clock.now();
    for (;;) {
      // An event tells the real service; here a look as often as the run's age allows.
      await clock.sleep(Math.max(1_000, Math.floor((clock.now() - startedAt) / 20)));
      // Who stops an execution stops what it waits for.
      if (request.isInterrupted()) {
        return await callService(api, role, OPTIMIZED_SERVICES.states, "stopExecution", { executionArn });
      }
      if (request.isAbandoned()) return null;
      const answer = await callService(api, role, OPTIMIZED_SERVICES.states, "describeExecution", { executionArn });
      const execution = capitalised(toJson(answer));
      if (execution.Status === "RUNNING") continue;
      if (execution.Status !== "SUCCEEDED") throw new StatesError("States.TaskFailed", JSON.stringify(execution));
      return parsed ? { ...execution, ...parsedFields(execution, "Input", "Output") } : execution;
    }
  };

const parsedFields = (from: Fields, ...fields: readonly string[]): Fields =>
  Object.fromEntries(fields.map((field) => [field, JSON.parse(String(from[field]))]));

/** Optimized integrations, by what follows `arn:aws:states:::`. */
export const OPTIMIZED: Readonly<Record<string, Integration | undefined>> = {
  "lambda:invoke": invoke,
  "sqs:sendMessage": direct(OPTIMIZED_SERVICES.sqs, "sendMessage", withText("MessageBody")),
  "sns:publish": direct(OPTIMIZED_SERVICES.sns, "publish", withText("Message")),
  "dynamodb:getItem": direct(OPTIMIZED_SERVICES.dynamodb, "getItem"),
  "dynamodb:putItem": direct(OPTIMIZED_SERVICES.dynamodb, "putItem"),
  "dynamodb:updateItem": direct(OPTIMIZED_SERVICES.dynamodb, "updateItem"),
  "dynamodb:deleteItem": direct(OPTIMIZED_SERVICES.dynamodb, "deleteItem"),
  "events:putEvents": putEvents,
  "glue:startJobRun": direct(OPTIMIZED_SERVICES.glue, "startJobRun"),
  "glue:startJobRun.sync": runJob,
  "states:startExecution": startExecution,
  "states:startExecution.sync": runExecution(false),
  "states:startExecution.sync:2": runExecution(true),
};

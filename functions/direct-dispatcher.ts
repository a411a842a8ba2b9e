import { createDynamoDb } from "./clients/dynamodb.ts";
import { createGlueCalls } from "./clients/glue.ts";
import { createLambdaOnce } from "./clients/lambda.ts";
import { createSqs } from "./clients/sqs.ts";
import { directContext } from "./lib/direct/environment.ts";
import { newEntry } from "./lib/direct/entry.ts";
import { rejected } from "./lib/direct/results.ts";
import { named } from "./lib/direct/steps.ts";
import { rejectionReason } from "./lib/direct/validation.ts";
import { sendReminder, takeOn } from "./lib/direct/watch.ts";
import { dispatchEach } from "./lib/dispatch-each.ts";
import { once, required } from "./lib/environment.ts";
import { executionInput } from "./lib/execution-input.ts";
import { executionName } from "./lib/execution-name.ts";
import { systemClock } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { DirectDependencies } from "./lib/direct/environment.ts";
import type { Entry } from "./lib/direct/entry.ts";
import type { WatchContext } from "./lib/direct/watch.ts";
import type { DispatchSummary } from "./lib/dispatch-each.ts";
import type { CreatedObject } from "./lib/events.ts";

/**
 * Starts a job run for each object that a notification reports, without a state machine. Each is entered in the ledger
 * first: one that is there has been taken on, and is not started twice. What follows is the watcher's.
 */
export function createHandler(deps: DirectDependencies): (event: unknown) => Promise<DispatchSummary> {
  const context = once(() => directContext(deps, noReports));
  const jobName = once(() => required(deps.env, "JOB_NAME"));
  return (event) => dispatchEach(event, (object) => dispatch(context(), jobName(), object), deps.log);
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  glueCalls: createGlueCalls(),
  lambda: createLambdaOnce(),
  sqs: createSqs(),
  env: process.env,
  now: systemClock,
  log: systemLog,
});

async function dispatch(context: WatchContext, jobName: string, object: CreatedObject): Promise<"started" | "already"> {
  const fresh = newEntry(executionName(object), executionInput(jobName, object), context.now());
  const reason = rejectionReason(fresh.input.arguments, context.settings.validation);
  const entry: Entry = reason === undefined ? fresh : { ...fresh, step: "Notify", result: rejected(fresh, reason) };
  if (await context.ledger.add(entry)) {
    context.log({ level: "INFO", message: "entered", ...named(entry), input: entry.input });
    await takeOn(context, entry, ["StartJobRun"]);
    return "started";
  }
  const known = await context.ledger.get(entry.name);
  // Whoever entered it may have died since. A reminder too many does no harm: it comes once the other is done, or dead.
  if (known?.turn === 0) {
    await sendReminder(context, { executionName: entry.name, turn: 1 }, context.settings.leaseSeconds);
  }
  return "already";
}

/** The watcher reports. */
const noReports = {
  keepFailure: () => Promise.reject(new Error("The dispatcher keeps no failures")),
  notify: () => Promise.reject(new Error("The dispatcher notifies nobody")),
};

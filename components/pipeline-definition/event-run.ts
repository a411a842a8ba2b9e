import { tokenArgument } from "../../functions/lib/run-arguments.ts";
import type { EventCalls } from "../glue-job.ts";
import { jsonata, type State, type Value } from "../state-machine/states.ts";
import { anyTaskFailure, busyFor, never, transient } from "../task-retries.ts";
import { lookedAtRun } from "./polled-run.ts";
import { jobRunSummary, taskFailure } from "./results.ts";
import { failure, reading, remember, type RunFlow } from "./run-flow.ts";

/**
 * StartJobRun → CheckJobRun: the task that starts the run waits for its token, by which the run's end is told. When
 * nothing is told for too long, or by the token of an earlier try, the run is looked for and looked at like any other:
 * FindJobRun → GetJobRun → CheckJobRun ⇄ WaitForJobRun.
 */
export const eventRun = (flow: RunFlow, calls: EventCalls): Readonly<Record<string, State<string>>> => ({
  [flow.state("StartJobRun")]: startJobRun(flow, calls),
  [flow.state("FindJobRun")]: {
    type: "Task",
    comment: "No event has told of the run's end: perhaps it goes on, or the event was lost",
    call: calls.findJobRun,
    arguments: {
      JobName: flow.jobName.value,
      ExecutionName: flow.owner.executionName,
      Attempt: reading(flow, (read) => `$string(${read("attempt")})`),
      ...(flow.owner.mapItem !== undefined && { MapItem: flow.owner.mapItem }),
      Since: jsonata("$states.context.Execution.StartTime"),
    },
    timeoutSeconds: 300,
    assign: remember(flow, { jobRunId: jsonata("$states.result.JobRunId") }),
    retry: [transient, anyTaskFailure],
    catch: [{ errors: ["States.ALL"], assign: failure(flow, taskFailure), next: flow.failed.next }],
    next: flow.state("GetJobRun"),
  },
  ...lookedAtRun(flow, calls),
});

const startJobRun = (flow: RunFlow, calls: EventCalls): State<string> => ({
  type: "Task",
  call: calls.startJobRun,
  arguments: {
    FunctionName: calls.starter,
    Payload: {
      ...withToken(flow.startArguments),
      // A try that is not the first looks for what the ones before have started.
      EnteredTime: jsonata("$states.context.State.EnteredTime"),
      RetryCount: jsonata("$states.context.State.RetryCount"),
    },
  },
  timeoutSeconds: flow.giveUpAfterMinutes * 60,
  heartbeatSeconds: flow.eventHeartbeatSeconds,
  assign: remember(flow, {
    jobRunId: jsonata("$states.result.Id"),
    jobRun: jobRunSummary("$states.result"),
    waited: 0,
    wait: flow.polling.floorSeconds,
  }),
  // The names of what a task failed with may stand for these, too.
  retry: [never([...silences, alreadyStarted]), transient, busyFor(flow.patienceSeconds), anyTaskFailure],
  catch: [
    {
      errors: silences,
      assign: remember(flow, { waited: flow.eventHeartbeatSeconds, wait: flow.polling.floorSeconds }),
      next: flow.state("FindJobRun"),
    },
    {
      errors: [alreadyStarted],
      assign: remember(flow, { waited: 0, wait: flow.polling.floorSeconds }),
      next: flow.state("FindJobRun"),
    },
    { errors: ["States.ALL"], assign: failure(flow, taskFailure), next: flow.failed.next },
  ],
  next: flow.state("CheckJobRun"),
});

const silences = ["States.HeartbeatTimeout", "States.Timeout"];

/** What the function fails with that starts runs, where an earlier try has started the run. */
const alreadyStarted = "JobRun.AlreadyStarted";

/**
 * The token travels with the run, so that nothing has to be kept that leads from the run to its task. Whoever may look at
 * the job's runs can read it, and can use it if it may call SendTaskSuccess for the machine.
 */
const withToken = (given: RunFlow["startArguments"]): Readonly<Record<string, Value>> => ({
  ...given,
  Arguments: {
    ...(given.Arguments as Readonly<Record<string, Value>>),
    [tokenArgument]: jsonata("$states.context.Task.Token"),
  },
});

import { statesWorthAnotherRun, unfinishedStates } from "../../functions/lib/run-states.ts";
import type { JobCalls } from "../glue-job.ts";
import { jsonata, type ChoiceRule, type State } from "../state-machine/states.ts";
import { anyTaskFailure, busyFor, transient } from "../task-retries.ts";
import { jobRunFailure, jobRunSummary, list, taskFailure, withTrouble } from "./results.ts";
import { failure, reading, remember, type RunFlow } from "./run-flow.ts";

const lookTimeoutSeconds = 960;

type PolledCalls = Extract<JobCalls, { readonly completion: "poll" }>;
type LookCalls = Pick<PolledCalls, "getJobRun" | "batchStopJobRun">;

/** StartJobRun → WaitForJobRun ⇄ GetJobRun → CheckJobRun: the machine looks at the run, ever less often. */
export const polledRun = (flow: RunFlow, calls: PolledCalls): Readonly<Record<string, State<string>>> => ({
  [flow.state("StartJobRun")]: {
    type: "Task",
    call: calls.startJobRun,
    arguments: flow.startArguments,
    timeoutSeconds: 60,
    assign: remember(flow, {
      jobRunId: jsonata("$states.result.JobRunId"),
      waited: 0,
      wait: flow.polling.floorSeconds,
    }),
    retry: [transient, busyFor(flow.patienceSeconds), anyTaskFailure],
    catch: [{ errors: ["States.ALL"], assign: failure(flow, taskFailure), next: flow.failed.next }],
    next: flow.state("WaitForJobRun"),
  },
  ...lookedAtRun(flow, calls),
});

/** WaitForJobRun ⇄ GetJobRun → CheckJobRun, from whichever of them on; and StopJobRun, for a run that is given up. */
export const lookedAtRun = (flow: RunFlow, calls: LookCalls): Readonly<Record<string, State<string>>> => ({
  [flow.state("WaitForJobRun")]: {
    type: "Wait",
    seconds: reading(flow, (read) => read("wait")),
    assign: remember(flow, {
      waited: reading(flow, (read) => `${read("waited")} + ${read("wait")}`),
      wait: nextWait(flow),
    }),
    next: flow.state("GetJobRun"),
  },
  [flow.state("GetJobRun")]: {
    type: "Task",
    call: calls.getJobRun,
    arguments: { JobName: flow.jobName.value, RunId: reading(flow, (read) => read("jobRunId")) },
    timeoutSeconds: lookTimeoutSeconds,
    assign: remember(flow, { jobRun: jobRunSummary("$states.result.JobRun") }),
    retry: [transient, anyTaskFailure],
    catch: [
      {
        errors: ["States.ALL"],
        assign: failure(flow, { ...taskFailure, jobRunId: reading(flow, (read) => read("jobRunId")) }),
        next: flow.state("StopJobRun"),
      },
    ],
    next: flow.state("CheckJobRun"),
  },
  [flow.state("CheckJobRun")]: checkJobRun(flow),
  [flow.state("StopJobRun")]: {
    type: "Task",
    comment: "A run that nobody waits for any more must not go on",
    call: calls.batchStopJobRun,
    arguments: { JobName: flow.jobName.value, JobRunIds: [reading(flow, (read) => read("jobRunId"))] },
    timeoutSeconds: 60,
    assign: { [flow.failed.variable]: withRefusals(`$${flow.failed.variable}`) },
    retry: [transient, anyTaskFailure],
    catch: [
      {
        errors: ["States.ALL"],
        assign: { [flow.failed.variable]: withTrouble("stopJobRunError", `$${flow.failed.variable}`) },
        next: flow.failed.next,
      },
    ],
    next: flow.failed.next,
  },
});

const checkJobRun = (flow: RunFlow): State<string> => ({
  type: "Choice",
  choices: [
    {
      condition: reading(
        flow,
        (read) =>
          `${read("jobRun")}.JobRunState in ${list(unfinishedStates)} and ${read("waited")} < ${flow.giveUpAfterMinutes * 60}`,
      ),
      next: flow.state("WaitForJobRun"),
    },
    hasSucceeded(flow),
    isWorthAnother(flow),
    {
      condition: reading(flow, (read) => `${read("jobRun")}.JobRunState in ${list(unfinishedStates)}`),
      assign: failure(flow, jobRunFailure(flow, `given up after ${flow.giveUpAfterMinutes} minutes`)),
      next: flow.state("StopJobRun"),
    },
  ],
  assign: failure(flow, jobRunFailure(flow)),
  default: flow.failed.next,
});

export const hasSucceeded = (flow: RunFlow): ChoiceRule<string> => ({
  condition: reading(flow, (read) => `${read("jobRun")}.JobRunState = "SUCCEEDED"`),
  ...flow.succeeded,
});

export const isWorthAnother = (flow: RunFlow): ChoiceRule<string> => ({
  condition: reading(
    flow,
    (read) =>
      `${read("jobRun")}.JobRunState in ${list(statesWorthAnotherRun)} and ${read("attempt")} < ${flow.retry.maxAttempts}`,
  ),
  next: flow.state("BackOff"),
});

/** A run that has ended meanwhile cannot be stopped, which the failure's reader may want to know. */
const withRefusals = (result: string): string =>
  jsonata(
    `$count($states.result.Errors) = 0 ? ${result} : ` +
      `$merge([${result}, {"stopJobRunError": $join($states.result.Errors.(ErrorDetail.ErrorCode & ": " & ErrorDetail.ErrorMessage), "; ")}])`,
  );

/** How long a run is left alone before the next look, once `wait` is over: ever longer, as `polling` wants it. */
export const nextWait = (flow: Pick<RunFlow, "variable" | "polling">): string => {
  const { floorSeconds, ceilingSeconds, share } = flow.polling;
  return reading(
    flow,
    (read) =>
      `$min([${ceilingSeconds}, $max([${Math.max(1, floorSeconds)}, $ceil((${read("waited")} + ${read("wait")}) * ${share})])])`,
  );
};

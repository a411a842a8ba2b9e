import { statesWorthAnotherRun, unfinishedStates } from "../../functions/lib/run-states.ts";
import type { PipelineDefinitionArgs } from "../pipeline-definition.ts";
import type { Polling } from "../polling.ts";
import { jsonata, type Integration, type State } from "../state-machine/states.ts";
import { anyTaskFailure, busyFor, transient } from "../task-retries.ts";
import { jobRunFailure, jobRunSummary, list, success, taskFailure, withTrouble } from "./results.ts";
import { startArguments } from "./start.ts";

const lookTimeoutSeconds = 960;

interface PolledCalls {
  readonly startJobRun: Integration;
  readonly getJobRun: Integration;
  readonly batchStopJobRun: Integration;
}

/** StartJobRun → WaitForJobRun ⇄ GetJobRun → CheckJobRun: the machine looks at the run, ever less often. */
export const polledRun = (args: PipelineDefinitionArgs, calls: PolledCalls) =>
  ({
    StartJobRun: {
      type: "Task",
      call: calls.startJobRun,
      arguments: startArguments(args),
      timeoutSeconds: 60,
      assign: { jobRunId: jsonata("$states.result.JobRunId"), waited: 0, wait: args.polling.floorSeconds },
      retry: [transient, busyFor(args.patienceSeconds), anyTaskFailure],
      catch: [{ errors: ["States.ALL"], assign: { result: taskFailure() }, next: "KeepFailure" }],
      next: "WaitForJobRun",
    },
    WaitForJobRun: {
      type: "Wait",
      seconds: jsonata("$wait"),
      assign: { waited: jsonata("$waited + $wait"), wait: nextWait(args.polling) },
      next: "GetJobRun",
    },
    GetJobRun: {
      type: "Task",
      call: calls.getJobRun,
      arguments: { JobName: jsonata("$jobName"), RunId: jsonata("$jobRunId") },
      timeoutSeconds: lookTimeoutSeconds,
      assign: { jobRun: jobRunSummary("$states.result.JobRun") },
      retry: [transient, anyTaskFailure],
      catch: [
        {
          errors: ["States.ALL"],
          assign: { result: { ...taskFailure(), jobRunId: jsonata("$jobRunId") } },
          next: "StopJobRun",
        },
      ],
      next: "CheckJobRun",
    },
    CheckJobRun: {
      type: "Choice",
      choices: [
        {
          condition: jsonata(
            `$jobRun.JobRunState in ${list(unfinishedStates)} and $waited < ${args.giveUpAfterMinutes * 60}`,
          ),
          next: "WaitForJobRun",
        },
        {
          condition: jsonata('$jobRun.JobRunState = "SUCCEEDED"'),
          assign: { result: success(args.outputBucket) },
          next: "NotifySucceeded",
        },
        {
          condition: jsonata(
            `$jobRun.JobRunState in ${list(statesWorthAnotherRun)} and $attempt < ${args.retry.maxAttempts}`,
          ),
          next: "BackOff",
        },
        {
          condition: jsonata(`$jobRun.JobRunState in ${list(unfinishedStates)}`),
          assign: { result: jobRunFailure(`given up after ${args.giveUpAfterMinutes} minutes`) },
          next: "StopJobRun",
        },
      ],
      assign: { result: jobRunFailure() },
      default: "KeepFailure",
    },
    StopJobRun: {
      type: "Task",
      comment: "A run that nobody waits for any more must not go on",
      call: calls.batchStopJobRun,
      arguments: { JobName: jsonata("$jobName"), JobRunIds: [jsonata("$jobRunId")] },
      timeoutSeconds: 60,
      assign: { result: withRefusals },
      retry: [transient, anyTaskFailure],
      catch: [{ errors: ["States.ALL"], assign: { result: withTrouble("stopJobRunError") }, next: "KeepFailure" }],
      next: "KeepFailure",
    },
  }) as const satisfies Record<string, State<string>>;

/** A run that has ended meanwhile cannot be stopped, which the failure's reader may want to know. */
const withRefusals = jsonata(
  "$count($states.result.Errors) = 0 ? $result : " +
    '$merge([$result, {"stopJobRunError": $join($states.result.Errors.(ErrorDetail.ErrorCode & ": " & ErrorDetail.ErrorMessage), "; ")}])',
);

const nextWait = ({ floorSeconds, ceilingSeconds, share }: Required<Polling>): string =>
  jsonata(`$min([${ceilingSeconds}, $max([${Math.max(1, floorSeconds)}, $ceil(($waited + $wait) * ${share})])])`);

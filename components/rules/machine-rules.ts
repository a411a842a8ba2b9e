import { executionMinutes, maxExpressMinutes, minutesOfRuns } from "../execution-time.ts";
import { jobSettings, longestTimeoutMinutes } from "../glue-job/settings.ts";
import { pipelineDefaults } from "../pipeline-args.ts";
import { jobRetryDefaults } from "../pipeline-definition.ts";
import { shorterWatch, watchedMinutes } from "./history-rules.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import type { Problem, Say } from "./problem.ts";

/** A task that waits for a run outlives the run's own time-out by so many minutes: nothing stops the run when it does not. */
const syncSlackMinutes = 5;

/** What the machine's type, its time-out and the way it waits for a run leave no room for. */
export const machineRules = (args: RuledArgs): readonly Problem[] => [
  ...timeOutRules(args),
  ...(args.stateMachineType === "EXPRESS" ? expressRules(args) : [...syncRules(args), ...eventRules(args)]),
];

const timeOutRules = (args: RuledArgs): readonly Problem[] => {
  const given = args.executionTimeoutMinutes ?? 0;
  const watched = watchedMinutes(args);
  if (given === 0 || given >= watched) return [];
  return [
    {
      field: "executionTimeoutMinutes",
      must: (say) => `0 or at least ${watched}, as long as one run is watched; or ${shorterWatch(args, say)}`,
      got: given,
    },
  ];
};

const syncRules = (args: RuledArgs): readonly Problem[] => {
  if (args.completion !== "sync") return [];
  const timeout = longestTimeoutMinutes(args.job);
  const watched = watchedMinutes(args);
  if (watched >= timeout + syncSlackMinutes) return [];
  return [
    {
      field: "giveUpAfterMinutes",
      must: (say) =>
        `0 or at least ${timeout + syncSlackMinutes} with ${say("completion")} "sync": ${syncSlackMinutes} minutes more ` +
        `than a run may take, as nothing stops a run that its task has given up; or lower ` +
        `${say("job.timeoutMinutes")} (${timeout})`,
      got: args.giveUpAfterMinutes,
    },
  ];
};

const eventRules = (args: RuledArgs): readonly Problem[] => {
  const seconds = args.eventHeartbeatSeconds ?? pipelineDefaults.eventHeartbeatSeconds;
  const watched = watchedMinutes(args) * 60;
  if (args.completion !== "event") {
    if (seconds === pipelineDefaults.eventHeartbeatSeconds) return [];
    return [
      {
        field: "eventHeartbeatSeconds",
        must: (say) => `left out unless ${say("completion")} is "event"`,
        got: args.eventHeartbeatSeconds,
      },
    ];
  }
  if (seconds < watched) return [];
  return [
    {
      field: "eventHeartbeatSeconds",
      must: (say) =>
        `less than ${watched}, after which a run is given up: a run whose event is lost is looked for before; or ` +
        longerWatch(args, say),
      got: seconds,
    },
  ];
};

const longerWatch = (args: RuledArgs, say: Say): string =>
  args.giveUpAfterMinutes
    ? `raise ${say("giveUpAfterMinutes")} (${args.giveUpAfterMinutes})`
    : `set ${say("giveUpAfterMinutes")} to more`;

/** Unless it is given, a run is watched for an hour more than it may take: too long for any express execution. */
const shorterExpressWatch = (args: RuledArgs, say: Say): string => {
  const { maxAttempts } = { ...jobRetryDefaults, ...args.retry };
  const minutes = Math.floor((executionMinutes(args, 0) - minutesOfRuns(args, 0)) / maxAttempts);
  const verb = args.giveUpAfterMinutes ? "lower" : "set";
  return `${verb} ${say("giveUpAfterMinutes")} (${watchedMinutes(args)})${minutes >= 1 ? ` to ${minutes}` : ""}`;
};

const expressRules = (args: RuledArgs): readonly Problem[] => {
  const retry = { ...jobRetryDefaults, ...args.retry };
  const watched = watchedMinutes(args);
  const timeout = jobSettings(args.job).timeoutMinutes;
  const minutes = Math.ceil(minutesOfRuns(args, watched));
  const limit = executionMinutes(args, watched);
  return [
    ...(args.completion === "sync" || args.completion === "event"
      ? [
          {
            field: "completion",
            must: (say) =>
              `"poll" with ${say("stateMachineType")} "EXPRESS": an express execution cannot wait for a run`,
            got: args.completion,
          } satisfies Problem,
        ]
      : []),
    ...(timeout > maxExpressMinutes
      ? [
          {
            field: "job.timeoutMinutes",
            must: (say) =>
              `at most ${maxExpressMinutes} with ${say("stateMachineType")} "EXPRESS", whose executions end after ` +
              `${maxExpressMinutes} minutes; or set ${say("stateMachineType")} to "STANDARD"`,
            got: timeout,
          } satisfies Problem,
        ]
      : []),
    ...(minutes > limit
      ? [
          {
            field: "stateMachineType",
            must: (say) =>
              `"STANDARD": watching ${retry.maxAttempts} runs for ${watched} minutes each, with the waits between them, ` +
              `takes up to ${minutes} minutes, and an express execution ends after ${limit}; or ` +
              `${shorterExpressWatch(args, say)}, or lower ${say("retry.maxAttempts")} (${retry.maxAttempts}) or ` +
              `${say("retry.intervalSeconds")} (${retry.intervalSeconds})`,
            got: args.stateMachineType,
          } satisfies Problem,
        ]
      : []),
    ...(args.logLevel === "OFF"
      ? [
          {
            field: "logLevel",
            must: (say) =>
              `"ALL" or "ERROR" with ${say("stateMachineType")} "EXPRESS": its log is all that is left of an execution`,
            got: args.logLevel,
          } satisfies Problem,
        ]
      : []),
  ];
};

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { manifestArgument } from "../../functions/lib/run-arguments.ts";
import { dispatchDefaults, isBatched, isDirect, isQueued, type DispatchArgs } from "../dispatch-args.ts";
import { pipelineDefaults, type PipelineSettings } from "../pipeline-args.ts";
import { dispatchBounds } from "./dispatch-bounds.ts";
import { isFolder } from "../glue-job/local-files.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import type { Problem, Say } from "./problem.ts";
import { isWhole, problemOf, when } from "./problem-of.ts";

/** What does not fit the way in which files are dispatched. */
export const dispatchRules = (args: RuledArgs): readonly Problem[] => [
  ...(isDirect(args) ? directRules(args) : []),
  ...(isBatched(args) ? manifestRules(args) : []),
  ...queueRules(args),
];

/** What means nothing where files go through their job without a state machine. */
const directRules = (args: RuledArgs): readonly Problem[] => {
  const { completion, stateMachineType, executionTimeoutMinutes, logLevel } = pipelineDefaults;
  const forMachines: readonly (readonly [field: string, got: unknown, allowed: unknown, why: string])[] = [
    ["completion", args.completion, completion, "a function waits for the end of a run by looking at it"],
    ["stateMachineType", args.stateMachineType, stateMachineType, "there is no state machine"],
    [
      "executionTimeoutMinutes",
      args.executionTimeoutMinutes,
      executionTimeoutMinutes,
      "there is no execution to time out, and giveUpAfterMinutes bounds a run",
    ],
    ["logLevel", args.logLevel, logLevel, "there is no execution to log, and the functions log each step"],
    ["job.overrides", args.job.overrides, undefined, "there is no execution whose input could override a run"],
  ];
  return forMachines
    .filter(([, got, allowed]) => got !== undefined && got !== allowed)
    .map(([field, got, allowed, why]) =>
      problemOf(
        field,
        (say) =>
          `${allowed === undefined ? "left out" : JSON.stringify(allowed)} with ${say("dispatch.mode")} "direct": ${why}; ` +
          `or set ${say("dispatch.mode")} to "per-file"`,
        got,
      ),
    );
};

/** A batch is a manifest: not every job can take one. */
const manifestRules = ({ job }: RuledArgs): readonly Problem[] => [
  ...when(job.kind === "streaming", () =>
    problemOf(
      "dispatch.mode",
      (say) => `"per-file" with ${say("job.kind")} "streaming": a run of a batch ends when its files are done`,
      "batch",
    ),
  ),
  ...when(job.script !== undefined && !mentionsManifest(job.script), () =>
    problemOf(
      "job.script",
      (say) =>
        `a script that takes its files from ${manifestArgument}, with ${say("dispatch.mode")} "batch"; or set ` +
        `${say("dispatch.mode")} to "per-file"`,
      job.script === undefined ? undefined : fileURLToPath(job.script),
    ),
  ),
  ...(["defaultArguments", "nonOverridableArguments"] as const).flatMap((field) =>
    when(job[field]?.[manifestArgument] !== undefined, () =>
      problemOf(
        `job.${field}`,
        (say) =>
          `without ${manifestArgument}, by which a run is told of its batch with ${say("dispatch.mode")} "batch"`,
        job[field],
      ),
    ),
  ),
];

/** A script that never speaks of it cannot take it. One that is not there is for other rules to say. */
const mentionsManifest = (script: URL): boolean =>
  script.protocol !== "file:" ||
  !existsSync(script) ||
  isFolder(fileURLToPath(script)) ||
  readFileSync(script, "utf8").includes("manifest");

/** What is wrong whatever the pipeline's work is. */
export const queueRules = (settings: PipelineSettings): readonly Problem[] => [
  ...boundRules(settings),
  ...strayRules(settings),
  ...when(isQueued(settings) && settings.stateMachineType === "EXPRESS", () =>
    problemOf(
      "stateMachineType",
      (say) =>
        `"STANDARD" with ${queuedBy(settings, say)}: an express execution has no name that is used once, and nobody ` +
        "can be asked how it ended",
      settings.stateMachineType,
    ),
  ),
];

/** Numbers by name, in the order in which people look for them. */
const numbers = ["maxFiles", "maxBytes", "windowSeconds", "maxConcurrentExecutions", "ledgerRetentionDays"] as const;

const boundRules = ({ dispatch = {} }: PipelineSettings): readonly Problem[] => {
  const outside = numbers.flatMap((name) => {
    const { min, max } = dispatchBounds[name];
    const got = dispatch[name];
    return when(!isWhole(got, min, max), () =>
      problemOf(`dispatch.${name}`, `a whole number from ${min} to ${max}`, got),
    );
  });
  const { mode, maxFiles, windowSeconds } = { ...dispatchDefaults, ...dispatch };
  return [
    ...outside,
    ...when(mode === "batch" && windowSeconds === 0 && maxFiles > mostWithoutWindow, () =>
      problemOf(
        "dispatch.windowSeconds",
        (say) =>
          `at least 1 where a batch takes more than ${mostWithoutWindow} files: a function that does not wait is handed ` +
          `no more at once; or lower ${say("dispatch.maxFiles")} (${maxFiles}) to ${mostWithoutWindow}`,
        windowSeconds,
      ),
    ),
  ];
};

const mostWithoutWindow = 10;

/** What was given and says nothing in this mode. */
const strayRules = (settings: PipelineSettings): readonly Problem[] => {
  const { mode } = { ...dispatchDefaults, ...settings.dispatch };
  const batches = "there are no batches";
  const stray: readonly (readonly [name: keyof DispatchArgs, isStray: boolean, why: string, instead: string])[] = [
    ["maxFiles", mode !== "batch", batches, "batch"],
    ["maxBytes", mode !== "batch", batches, "batch"],
    ["windowSeconds", mode !== "batch", batches, "batch"],
    ["maxConcurrentExecutions", mode === "direct", "there are no executions", "per-file"],
    ["order", mode === "direct", "each file is started as it comes", "per-file"],
    ["ledger", mode === "direct", "each file is in a table anyway", "per-file"],
    ["ledgerRetentionDays", mode === "direct", "its table forgets a file by itself", "per-file"],
  ];
  const ofOtherModes = stray.flatMap(([name, isStray, why, instead]) => {
    const [got, unsaid] = [settings.dispatch?.[name], dispatchDefaults[name]];
    return when(isStray && got !== undefined && got !== unsaid, () =>
      problemOf(
        `dispatch.${name}`,
        (say) =>
          `left out with ${say("dispatch.mode")} "${mode}": ${why}; or set ${say("dispatch.mode")} to "${instead}"`,
        got,
      ),
    );
  });
  const days = settings.dispatch?.ledgerRetentionDays ?? dispatchDefaults.ledgerRetentionDays;
  return [
    ...ofOtherModes,
    ...when(mode === "per-file" && !isQueued(settings) && days !== dispatchDefaults.ledgerRetentionDays, () =>
      problemOf(
        "dispatch.ledgerRetentionDays",
        (say) => `left out where there is no ledger; or set ${say("dispatch.ledger")} to true`,
        days,
      ),
    ),
  ];
};

/** What makes files wait in a queue, and how to be without it. */
const queuedBy = ({ dispatch }: PipelineSettings, say: Say): string => {
  const { mode, ledger, maxConcurrentExecutions, order } = { ...dispatchDefaults, ...dispatch };
  const reasons = [
    ...(mode === "batch" ? [`${say("dispatch.mode")} "batch"`] : []),
    ...(ledger ? [`${say("dispatch.ledger")} true`] : []),
    ...(maxConcurrentExecutions > 0 ? [`${say("dispatch.maxConcurrentExecutions")} ${maxConcurrentExecutions}`] : []),
    ...(order === "none" ? [] : [`${say("dispatch.order")} "${order}"`]),
  ];
  return reasons.join(" and ");
};

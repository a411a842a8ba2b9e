import { maxTimeoutMinutes as longest } from "../../functions/lib/start-request.ts";
import { fewestOf, serves, workerKind } from "../../functions/lib/workers.ts";
import type { RunOverrides } from "../glue-job/fields.ts";
import { kindOf, type AnyJob } from "../glue-job/kinds.ts";
import { jobSettings, type JobSettings } from "../glue-job/settings.ts";
import type { Problem } from "./problem.ts";
import { isWhole, problemOf, when } from "./problem-of.ts";

/** Whatever an execution's input may ask for, the job must be able to do. */
export const jobOverrideRules = (job: AnyJob): readonly Problem[] => {
  const { overrides } = job;
  if (overrides === undefined) return [];
  const settings = jobSettings(job);
  return [
    ...kindRules(job, overrides),
    ...boundRules(overrides, settings),
    ...(ofSpark(job) ? typeRules(overrides, settings) : []),
    ...flexRules(overrides, settings),
  ];
};

const ofSpark = (job: AnyJob): boolean => ["spark", "streaming"].includes(kindOf(job));

/** A Python shell job has neither workers nor execution classes, and a Ray job none of these choices. */
const kindRules = (job: AnyJob, overrides: RunOverrides): readonly Problem[] => {
  const kind = kindOf(job);
  const wrong = [
    ...(ofSpark(job) ? [] : (["workerTypes", "maxNumberOfWorkers"] as const)),
    ...(kind === "spark" ? [] : (["executionClasses"] as const)),
    ...(kind === "ray" ? (["maxTimeoutMinutes"] as const) : []),
  ];
  return wrong
    .filter((field) => overrides[field] !== undefined)
    .map((field) =>
      problemOf(`job.overrides.${field}`, (say) => `left out where ${say("job.kind")} is ${kind}`, overrides[field]),
    );
};

const boundRules = (
  { maxNumberOfWorkers, maxTimeoutMinutes }: RunOverrides,
  { numberOfWorkers = 1, timeoutMinutes }: JobSettings,
): readonly Problem[] => [
  ...when(!isWhole(maxNumberOfWorkers, numberOfWorkers, 100_000), () =>
    problemOf(
      "job.overrides.maxNumberOfWorkers",
      (say) => `a whole number, at least ${say("job.numberOfWorkers")} (${numberOfWorkers})`,
      maxNumberOfWorkers,
    ),
  ),
  ...when(!isWhole(maxTimeoutMinutes, timeoutMinutes, longest), () =>
    problemOf(
      "job.overrides.maxTimeoutMinutes",
      (say) => `a whole number from ${say("job.timeoutMinutes")} (${timeoutMinutes}) to ${longest}, seven days`,
      maxTimeoutMinutes,
    ),
  ),
];

const typeRules = ({ workerTypes = [] }: RunOverrides, settings: JobSettings): readonly Problem[] =>
  workerTypes
    .filter((type) => {
      const worker = workerKind(type);
      const canDo = serves(worker, settings.kind.command) && Number(settings.glueVersion) >= worker.since;
      return !canDo || (settings.numberOfWorkers ?? 1) < fewestOf(worker);
    })
    .map((type) =>
      problemOf(
        "job.overrides.workerTypes",
        (say) => `types for ${settings.kind.says} of ${say("job.glueVersion")} ${settings.glueVersion}`,
        type,
      ),
    );

/** FLEX has two types of worker, and no queue. */
const flexRules = (
  { executionClasses = [], workerTypes = [] }: RunOverrides,
  { executionClass, workerType = "", jobRunQueuing, kind }: JobSettings,
): readonly Problem[] => {
  if (kind.command !== "glueetl" || (!executionClasses.includes("FLEX") && executionClass !== "FLEX")) return [];
  const others = [workerType, ...workerTypes].filter((type) => workerKind(type).flex !== true);
  const isAsked = executionClasses.includes("FLEX");
  return [
    ...when(others.length > 0 && (isAsked || workerTypes.length > 0), () =>
      problemOf(
        isAsked ? "job.overrides.executionClasses" : "job.overrides.workerTypes",
        (say) =>
          `without ${isAsked ? "FLEX" : others.join(", ")}, or ${say("job.workerType")} and ` +
          `${say("job.overrides.workerTypes")} G.1X and G.2X alone, which FLEX has${isAsked ? `, not ${others.join(", ")}` : ""}`,
        isAsked ? executionClasses : workerTypes,
      ),
    ),
    ...when(isAsked && jobRunQueuing, () =>
      problemOf(
        "job.overrides.executionClasses",
        (say) => `without FLEX, which waits by itself, or ${say("job.jobRunQueuing")} false`,
        executionClasses,
      ),
    ),
  ];
};

import { fewestOf, serves, workerKind, type WorkerKind } from "../../functions/lib/workers.ts";
import { maxTimeoutMinutes } from "../../functions/lib/start-request.ts";
import { kindOf, kindsOfJob, type AnyJob } from "../glue-job/kinds.ts";
import { jobSettings, type JobSettings } from "../glue-job/settings.ts";
import { glueVersions, isKnownVersion, newestVersion } from "../glue-job/versions.ts";
import type { Problem, Say } from "./problem.ts";
import { isWhole, problemOf, when } from "./problem-of.ts";

/** The first version of Glue that can still be used; older ones cannot create or start jobs. */
const oldestVersion = 3;
const oldestOfRay = 4;
/** An account has no more. */
const maxRuns = 4000;

/** How large a job is, how long its runs may take and how many there may be. */
export const jobSizeRules = (job: AnyJob): readonly Problem[] => {
  const settings = jobSettings(job);
  return [
    ...versionRules(job, settings),
    ...sizingRules(job),
    ...workerRules(job, settings),
    ...flexRules(job, settings),
    ...timeRules(job, settings),
    ...when(!isWhole(job.maxConcurrentRuns, 1, maxRuns), () =>
      problemOf("job.maxConcurrentRuns", `a whole number from 1 to ${maxRuns}`, job.maxConcurrentRuns),
    ),
    ...when(job.maxCapacity !== undefined && ![0.0625, 1].includes(job.maxCapacity), () =>
      problemOf("job.maxCapacity", "0.0625 or 1", job.maxCapacity),
    ),
  ];
};

const versionRules = (job: AnyJob, { glueVersion }: JobSettings): readonly Problem[] => {
  const { glueVersion: given } = job;
  if (given === undefined) return [];
  if (!/^\d+\.\d+$/.test(given)) return [problemOf("job.glueVersion", 'a version like "5.1"', given)];
  const version = Number(glueVersion);
  if (version < oldestVersion) {
    return [problemOf("job.glueVersion", 'at least "3.0": Glue 0.9, 1.0 and 2.0 have come to their end', given)];
  }
  if (!isKnownVersion(given) && version < newestVersion) {
    return [problemOf("job.glueVersion", `one of Glue's: ${glueVersions.join(", ")}`, given)];
  }
  return when(kindOf(job) === "ray" && version < oldestOfRay, () =>
    problemOf("job.glueVersion", 'at least "4.0" for Ray', given),
  );
};

/** Either a workload, or both the type and the number of workers. */
const sizingRules = ({ workload, workerType, numberOfWorkers }: AnyJob): readonly Problem[] => {
  if (workload !== undefined && (workerType !== undefined || numberOfWorkers !== undefined)) {
    return [
      problemOf(
        "job.workload",
        (say) =>
          `left out where ${say("job.workerType")} and ${say("job.numberOfWorkers")} are given, or they where it is`,
        workload,
      ),
    ];
  }
  return [
    ...when(workerType !== undefined && numberOfWorkers === undefined, () =>
      problemOf(
        "job.workerType",
        (say) => `given together with ${say("job.numberOfWorkers")}, for example 2`,
        workerType,
      ),
    ),
    ...when(workerType === undefined && numberOfWorkers !== undefined, () =>
      problemOf(
        "job.numberOfWorkers",
        (say) => `given together with ${say("job.workerType")}, for example G.1X`,
        numberOfWorkers,
      ),
    ),
  ];
};

const workerRules = (
  job: AnyJob,
  { kind, glueVersion, workerType = "", numberOfWorkers }: JobSettings,
): readonly Problem[] => {
  if (job.workerType === undefined && job.workload === undefined && job.numberOfWorkers === undefined) return [];
  // A Python shell job with workers has been refused for that.
  if (numberOfWorkers === undefined) return [];
  const worker = workerKind(workerType);
  const fewest = fewestOf(worker);
  const field = job.workload === undefined ? "job.workerType" : "job.workload";
  const got = job.workload ?? workerType;
  return [
    ...when(!Number.isInteger(numberOfWorkers) || numberOfWorkers < fewest, () =>
      problemOf(
        "job.numberOfWorkers",
        fewest === 1 ? "a whole number from 1" : `a whole number from ${fewest}: one drives, the others work`,
        numberOfWorkers,
      ),
    ),
    ...when(!serves(worker, kind.command), () =>
      problemOf(
        field,
        (say) => `a type for ${kind.says}, ${typesFor(kind.command)}, or ${say("job.kind")} ${kindsWith(worker)}`,
        got,
      ),
    ),
    ...when(Number(glueVersion) < worker.since, () =>
      problemOf(
        field,
        (say) =>
          `another: ${workerType} needs ${say("job.glueVersion")} ${worker.since.toFixed(1)} or newer, not ${glueVersion}`,
        got,
      ),
    ),
  ];
};

const kindsWith = (worker: WorkerKind): string =>
  Object.entries(kindsOfJob)
    .filter(([, { command }]) => serves(worker, command))
    .map(([kind]) => kind)
    .join(" or ");

const typesFor = (command: JobSettings["kind"]["command"]): string => {
  switch (command) {
    case "glueetl":
      return "for example G.1X";
    case "gluestreaming":
      return "for example G.025X";
    case "glueray":
      return "which is Z.2X";
    case "pythonshell":
      return "which has no workers";
  }
};

/** That FLEX and auto scaling came with Glue 3.0 needs no rule: nothing older is allowed. */
const flexRules = (job: AnyJob, settings: JobSettings): readonly Problem[] => {
  const { executionClass, workerType = "", jobRunQueuing, kind } = settings;
  if (executionClass !== "FLEX" || kind.command !== "glueetl") return [];
  return [
    ...when(workerKind(workerType).flex !== true, () =>
      problemOf(
        "job.executionClass",
        (say) => `"STANDARD" with ${say("job.workerType")} ${workerType}: FLEX has G.1X and G.2X`,
        executionClass,
      ),
    ),
    ...when(jobRunQueuing, () =>
      problemOf(
        "job.jobRunQueuing",
        (say) => `false with ${say("job.executionClass")} FLEX${ofWorkload(job, say)}, which waits by itself`,
        true,
      ),
    ),
  ];
};

/** Who asked for a workload may not know what it comes with. */
const ofWorkload = ({ executionClass, workload }: AnyJob, say: Say): string =>
  executionClass === undefined && workload !== undefined ? ` (${say("job.workload")} ${workload} has it)` : "";

const timeRules = (job: AnyJob, { timeoutMinutes }: JobSettings): readonly Problem[] => [
  ...when(!isWhole(timeoutMinutes, 1, maxTimeoutMinutes), () =>
    problemOf("job.timeoutMinutes", `a whole number from 1 to ${maxTimeoutMinutes}, seven days`, timeoutMinutes),
  ),
  ...when(!isWhole(job.notifyDelayAfterMinutes, 1, timeoutMinutes - 1), () =>
    problemOf(
      "job.notifyDelayAfterMinutes",
      (say) => `a whole number from 1, below ${say("job.timeoutMinutes")} (${timeoutMinutes}), where the run ends`,
      job.notifyDelayAfterMinutes,
    ),
  ),
];

import type { JobFields } from "../glue-job/fields.ts";
import { kindOf, kindsOfJob, takenFields, type AnyJob, type JobKind } from "../glue-job/kinds.ts";
import type { Problem } from "./problem.ts";
import { problemOf } from "./problem-of.ts";

/** A kind of job takes what Glue has for it, and nothing else. */
export const jobKindRules = (job: AnyJob): readonly Problem[] => {
  const kind = kindOf(job);
  return Object.entries(job)
    .filter(([field, value]) => field !== "kind" && !isTaken(kind, field) && asksForSomething(value))
    .map(([field, value]) =>
      problemOf(
        `job.${field}`,
        (say) => `left out: it is for ${takers(field)}, and ${say("job.kind")} is ${kind}${instead(kind, field, say)}`,
        value,
      ),
    );
};

/** The job without what its kind does not take. */
export const withItsOwn = (job: AnyJob): AnyJob =>
  Object.fromEntries(Object.entries(job).filter(([field]) => field === "kind" || isTaken(kindOf(job), field)));

const isTaken = (kind: JobKind, field: string): boolean => takenFields[kind].some((taken) => taken === field);

/** What only says no is no request: a stack's config says no to all that it has a key for. */
const asksForSomething = (value: unknown): boolean => {
  if (value === undefined || value === false) return false;
  if (Array.isArray(value)) return value.length > 0;
  return !(typeof value === "object" && value !== null && Object.keys(value).length === 0) || value instanceof URL;
};

const takers = (field: string): string => {
  const kinds = Object.entries(kindsOfJob).filter(([kind]) => isTaken(kind as JobKind, field));
  const names = kinds.map(([, { says }]) => says.replace(/^a /, "").replace(/job$/, "jobs"));
  return names.length === 0 ? "no kind of job" : names.join(", ").replace(/, ([^,]*)$/, " and $1");
};

const sizes: readonly (keyof JobFields)[] = ["workload", "workerType", "numberOfWorkers", "autoScaling"];

const instead = (kind: JobKind, field: string, say: (path: string) => string): string => {
  if (kind === "pythonshell" && sizes.some((size) => size === field)) {
    return `, which is sized by ${say("job.maxCapacity")}`;
  }
  if (field === "maxCapacity") return `, which is sized by ${say("job.workerType")} and ${say("job.numberOfWorkers")}`;
  if (field === "bookmarks" && kind === "streaming") return ", which has checkpoints";
  return "";
};

import { problemOf, when } from "../rules/problem-of.ts";
import type { Problem } from "../rules/problem.ts";
import { jobStagesOf } from "./job-flow.ts";
import { partsOf } from "./results.ts";
import type { MapStage, ParallelStage, Stage } from "./stage.ts";

/**
 * Runs are stopped by execution and stage: those of one item of a map cannot be told from those of another. So nothing may
 * fail and be got over within a map while jobs of the same item go on beside it.
 */
export const stageStoppingRules = (stage: Stage, maps: readonly MapStage[] = []): readonly Problem[] => {
  const inner = (part: Stage, around = maps): readonly Problem[] => stageStoppingRules(part, around);
  const own =
    stage.kind === "parallel" || stage.kind === "map" ? [...recovery(stage, maps), ...tolerance(stage, maps)] : [];
  if (stage.kind !== "map") return [...own, ...partsOf(stage).flatMap((part) => inner(part))];
  return [...own, ...inner(stage.each, [...maps, stage]), ...(stage.onFailure ? inner(stage.onFailure) : [])];
};

const jobsOf = (stage: ParallelStage | MapStage): readonly string[] =>
  jobStagesOf(stage.kind === "map" ? stage.each : stage).map(({ stage: { name } }) => name);

/** What follows a failure would stop the runs of other items, too. */
const recovery = (stage: ParallelStage | MapStage, maps: readonly MapStage[]): readonly Problem[] => {
  const outer = maps.find(({ maxConcurrency }) => maxConcurrency !== 1);
  const jobs = jobsOf(stage);
  if (stage.kind === "parallel" || stage.onFailure === undefined || outer === undefined || jobs.length === 0) return [];
  return [
    problemOf(
      `stages.${stage.name}.onFailure`,
      `left out: before it runs, what goes on of ${jobs.join(", ")} is stopped, also of other items of the map ` +
        `${outer.name}; give it to ${jobs.join(", ")}, or set stages.${outer.name}.maxConcurrency to 1`,
      "name" in stage.onFailure ? stage.onFailure.name : stage.onFailure.kind,
    ),
  ];
};

/** An item that may fail has nobody who stops what it has begun. */
const tolerance = (stage: ParallelStage | MapStage, maps: readonly MapStage[]): readonly Problem[] => {
  const jobs = jobsOf(stage);
  const goesOn = stage.kind === "map" && stage.onFailure !== undefined;
  const isAlone = stage.kind === "parallel" ? stage.branches.length < 2 : stage.maxConcurrency === 1;
  if (jobs.length === 0 || goesOn || isAlone) return [];
  return maps.flatMap(({ name, toleratedFailureCount = 0, toleratedFailurePercentage = 0 }) => {
    const told = (field: string, value: number): readonly Problem[] =>
      when(value > 0, () =>
        problemOf(
          `stages.${name}.${field}`,
          `left out or 0: an item that fails in ${stage.name} would leave runs of ${jobs.join(", ")} behind that nobody ` +
            "stops; run what is within one after the other, or give what may fail an onFailure",
          value,
        ),
      );
    return [
      ...told("toleratedFailureCount", toleratedFailureCount),
      ...told("toleratedFailurePercentage", toleratedFailurePercentage),
    ];
  });
};

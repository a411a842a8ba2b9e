import { problemOf, when } from "../rules/problem-of.ts";
import type { Problem } from "../rules/problem.ts";
import type { Value } from "../state-machine/states.ts";
import { isJob, jobStagesOf, sourcesOf, writesOf } from "./job-flow.ts";
import { nameOf, namedStagesIn, resultsIn, type NamedStage } from "./results.ts";
import type { JobStage, Stage } from "./stage.ts";
import { variablesOf } from "./variables.ts";

/** What a stage finds when it is reached. */
interface Before {
  readonly variables: ReadonlySet<string>;
  readonly jobs: ReadonlySet<JobStage>;
}

/** A stage uses what there is when it is reached, and no two write one place at a time. */
export const stageOrderRules = (stage: Stage): readonly Problem[] => {
  const owners = new Map<string, NamedStage>();
  for (const named of namedStagesIn(stage)) {
    if ("result" in named) owners.set(nameOf(named.result), named);
    if (named.kind === "map") owners.set(nameOf(named.item), named);
  }
  return check(stage, { variables: new Set(), jobs: new Set() }, owners);
};

type Owners = ReadonlyMap<string, NamedStage>;

const check = (stage: Stage, before: Before, owners: Owners): readonly Problem[] => {
  const within = (part: Stage | undefined, more: readonly string[] = []): readonly Problem[] =>
    part === undefined ? [] : check(part, { ...before, variables: new Set([...before.variables, ...more]) }, owners);
  const own = stage.kind === "sequence" ? [] : misuses(stage, before, owners);
  switch (stage.kind) {
    case "sequence":
      return inOrder(stage.stages, before, owners);
    case "job":
      return [...own, ...readRules(stage, before), ...within(stage.onFailure, [nameOf(stage.result)])];
    case "task":
      return [...own, ...within(stage.onFailure, [nameOf(stage.result)])];
    case "wait":
      return own;
    case "parallel":
      return [...own, ...stage.branches.flatMap((branch) => within(branch)), ...writtenTogether(stage.branches)];
    case "choice":
      return [...own, ...stage.when.flatMap(({ then }) => within(then)), ...within(stage.otherwise)];
    case "map":
      return [...own, ...within(stage.each, [nameOf(stage.item)]), ...within(stage.onFailure, [nameOf(stage.result)])];
  }
};

const inOrder = (stages: readonly Stage[], before: Before, owners: Owners): readonly Problem[] => {
  const [first, ...others] = stages;
  if (first === undefined) return [];
  const after = {
    variables: new Set([...before.variables, ...resultsIn(first)]),
    jobs: new Set([...before.jobs, ...jobStagesOf(first).map(({ stage }) => stage)]),
  };
  return [...check(first, before, owners), ...inOrder(others, after, owners)];
};

/** Variables of stages that have no result yet, or whose result is not seen here. */
const misuses = (stage: NamedStage, { variables }: Before, owners: Owners): readonly Problem[] =>
  Object.entries(valuesOf(stage)).flatMap(([field, value]) =>
    [...new Set(variablesOf(value))].flatMap((name) => {
      const owner = owners.get(name);
      return when(owner !== undefined && !variables.has(name), () =>
        problemOf(
          `stages.${stage.name}.${field}`,
          `without $${name}: ${owner?.name ?? ""} ${owner === stage ? "is this very stage" : "does not come before it, or is within a map or another branch"}`,
          `$${name}`,
        ),
      );
    }),
  );

/** What of a stage may be JSONata. */
export const valuesOf = (stage: NamedStage): Readonly<Record<string, Value | undefined>> => {
  switch (stage.kind) {
    case "job":
      return { arguments: stage.arguments };
    case "task":
      return { arguments: stage.arguments, keep: stage.keep };
    case "wait":
      return { seconds: stage.seconds };
    case "choice":
      return { when: stage.when.map(({ condition }) => condition) };
    case "map":
      return {
        over: "items" in stage.over ? stage.over.items : "entries" in stage.over ? stage.over.entries.key : null,
      };
    case "parallel":
      return {};
  }
};

const readRules = (stage: JobStage, { jobs }: Before): readonly Problem[] =>
  (sourcesOf(stage) ?? []).flatMap((source) =>
    isJob(source) && !jobs.has(source)
      ? [
          problemOf(
            `stages.${stage.name}.reads`,
            "a job that comes before it, the landed file, or a place",
            source.name,
          ),
        ]
      : [],
  );

/** Jobs of different branches that write over each other. */
const writtenTogether = (branches: readonly Stage[]): readonly Problem[] => {
  const places = branches.map((branch) =>
    jobStagesOf(branch).map(({ stage }) => ({ name: stage.name, prefix: writesOf(stage).prefix })),
  );
  return places.flatMap((own, index) =>
    own.flatMap(({ name, prefix }) => {
      const other = places
        .slice(0, index)
        .flat()
        .find((before) => prefix.startsWith(before.prefix) || before.prefix.startsWith(prefix));
      return when(other !== undefined, () =>
        problemOf(
          `stages.${name}.writes.prefix`,
          `apart from that of ${other?.name ?? ""} (${other?.prefix ?? ""}): both jobs write at the same time`,
          prefix,
        ),
      );
    }),
  );
};

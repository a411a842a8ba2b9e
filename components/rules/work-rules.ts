import { partsOf } from "../stages/results.ts";
import type { Stage } from "../stages/stage.ts";
import type { Problem } from "./problem.ts";
import { problemOf, when } from "./problem-of.ts";

/** What a program without types may give: both kinds of work, none, or what is no stage. Nothing else can be read then. */
export const workRules = ({
  job,
  stages,
}: {
  readonly job?: unknown;
  readonly stages?: unknown;
}): readonly Problem[] => {
  if (stages === undefined) return when(job === undefined, () => problemOf("job", "given, or stages", job));
  return [
    ...when(job !== undefined, () => problemOf("job", "left out with stages, whose jobs are theirs", job)),
    ...strangersIn(stages, "stages"),
  ];
};

const kinds: readonly unknown[] = ["job", "task", "wait", "sequence", "parallel", "choice", "map"];

const strangersIn = (value: unknown, path: string): readonly Problem[] => {
  const kind = typeof value === "object" && value !== null && "kind" in value ? value.kind : undefined;
  if (!kinds.includes(kind)) {
    const list = Array.isArray(value)
      ? ": put a list together by sequence(…)"
      : ", made by job(…), task(…), sequence(…) and the like";
    return [problemOf(path, `a stage${list}`, value)];
  }
  const stage = value as Stage;
  const name = stage.kind === "sequence" ? path : `stages.${stage.name}`;
  return partsOf(stage).flatMap((part) => strangersIn(part, name));
};

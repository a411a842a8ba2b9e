import jsonata from "jsonata";
import { problemOf, when } from "../rules/problem-of.ts";
import type { Problem } from "../rules/problem.ts";
import { suggestion } from "../suggestion.ts";
import { nameOf, namedStagesIn } from "./results.ts";
import { executionVariables } from "./scope.ts";
import { functionNames } from "./stage-name-rules.ts";
import { valuesOf } from "./stage-order-rules.ts";
import type { Stage } from "./stage.ts";
import { isExpression, textsIn } from "./variables.ts";

/** Expressions parse, and read nothing that nobody sets: Step Functions would tell only when an execution gets there. */
export const stageExpressionRules = (stage: Stage): readonly Problem[] => {
  const stages = namedStagesIn(stage);
  const results = stages.flatMap((named) => [
    ...("result" in named ? [nameOf(named.result)] : []),
    ...(named.kind === "map" ? [nameOf(named.item)] : []),
  ]);
  const variables = [...results, ...executionVariables];
  return stages.flatMap((named) =>
    Object.entries(valuesOf(named)).flatMap(([field, value]) =>
      textsIn(value).flatMap((text) => wrongWith(text, `stages.${named.name}.${field}`, variables)),
    ),
  );
};

const wrongWith = (text: string, field: string, variables: readonly string[]): readonly Problem[] => {
  if (!isExpression(text)) {
    return when(text.startsWith("{%"), () =>
      problemOf(field, "text, or JSONata within {% and %}: use jsonata(…)", text),
    );
  }
  const found = freeVariablesOf(text.slice(2, -2));
  if (typeof found === "string") return [problemOf(field, `JSONata that can be read: ${found}`, text)];
  return found
    .filter((name) => !variables.includes(name) && !functionNames.has(name))
    .map((name) => {
      const meant = suggestion(name, [...variables, ...functionNames]);
      const remedy =
        meant === undefined
          ? `there are ${variables.map((other) => `$${other}`).join(", ")}`
          : `did you mean $${meant}?`;
      return problemOf(field, `without $${name}, which nothing sets: ${remedy}`, text);
    });
};

/** What an expression reads and does not set itself, or why it cannot be read. */
const freeVariablesOf = (source: string): readonly string[] | string => {
  try {
    const [read, bound] = [new Set<string>(), new Set<string>()];
    visit(jsonata(source).ast(), read, bound);
    return [...read].filter((name) => !bound.has(name) && name !== "" && name !== "$");
  } catch (error) {
    return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
  }
};

/** Whose name is set anywhere in an expression is taken for its own everywhere. */
const visit = (node: unknown, read: Set<string>, bound: Set<string>): void => {
  if (typeof node !== "object" || node === null || node instanceof RegExp) return;
  const { type, value, lhs, arguments: parameters, focus, index } = node as Readonly<Record<string, unknown>>;
  if (type === "variable" && typeof value === "string") read.add(value);
  for (const own of [type === "bind" ? [lhs] : [], type === "lambda" ? parameters : []].flat()) {
    if (typeof own === "object" && own !== null && "value" in own) bound.add(String(own.value));
  }
  for (const own of [focus, index]) if (typeof own === "string") bound.add(own);
  for (const child of Object.values(node)) visit(child, read, bound);
};

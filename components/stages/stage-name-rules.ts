import { problemOf, repeated, when } from "../rules/problem-of.ts";
import type { Problem } from "../rules/problem.ts";
import { variableOf } from "./entries.ts";
import { describeFailure, failureVariable } from "./failing.ts";
import { nameOf, namedStagesIn, type NamedStage } from "./results.ts";
import { executionVariables } from "./scope.ts";
import type { Stage } from "./stage.ts";

const wellNamed = /^[A-Za-z](?:[0-9A-Za-z -]{0,38}[0-9A-Za-z])?$/;

/** States that every machine has. */
const machineStates = [
  ...["Validate", "NotifySucceeded", "Succeeded", "NotifyRejected", "Rejected", describeFailure],
  ...["KeepFailure", "NotifyFailed", "Failed"],
];

/** JSONata's functions, those of Step Functions, and `$states`. */
export const functionNames: ReadonlySet<string> = new Set([
  "states",
  ...["string", "length", "substring", "substringBefore", "substringAfter", "lowercase", "uppercase", "trim", "pad"],
  ...["match", "contains", "replace", "split", "join", "formatNumber", "formatBase", "formatInteger", "parseInteger"],
  ...["number", "floor", "ceil", "round", "abs", "sqrt", "power", "boolean", "not", "map", "zip", "filter", "single"],
  ...["reduce", "sift", "keys", "lookup", "append", "exists", "spread", "merge", "reverse", "each", "error", "assert"],
  ...["type", "sort", "shuffle", "distinct", "base64encode", "base64decode", "encodeUrlComponent", "encodeUrl"],
  ...["decodeUrlComponent", "decodeUrl", "toMillis", "fromMillis", "clone", "sum", "count", "max", "min"],
  ...["average", "now", "millis", "partition", "range", "hash", "random", "uuid", "parse"],
]);

/** Variables that expressions must go on finding: the machine's own, and functions, `$eval` of JSONata alone included. */
const reservedVariables = new Set([...executionVariables, failureVariable, "result", "eval", ...functionNames]);

/** Names are unique, and so is all that is called after them. */
export const stageNameRules = (stage: Stage): readonly Problem[] => {
  const stages = namedStagesIn(stage);
  const names = stages.map(({ name }) => name);
  const twice = repeated(names);
  return [
    ...stages.flatMap(({ name }) =>
      when(!wellNamed.test(name), () =>
        problemOf(
          `stages.${name}.name`,
          "1 to 40 letters, digits, spaces and hyphens, beginning with a letter and ending in a letter or digit",
          name,
        ),
      ),
    ),
    ...twice.map((name) => problemOf(`stages.${name}.name`, "unique: several stages have it", name)),
    ...variableRules(stages.filter(({ name }) => !twice.includes(name))),
    ...stateRules(stages.filter(({ name }) => !twice.includes(name))),
  ];
};

const variablesFor = (stage: NamedStage): readonly string[] => [
  variableOf(stage),
  ...(stage.kind === "map" ? [nameOf(stage.item)] : []),
];

const variableRules = (stages: readonly NamedStage[]): readonly Problem[] =>
  stages.flatMap((stage, index) =>
    variablesFor(stage).flatMap((variable) => {
      const field = `stages.${stage.name}.name`;
      const other = stages.slice(0, index).find((before) => variablesFor(before).includes(variable));
      return [
        ...when(reservedVariables.has(variable), () =>
          problemOf(
            field,
            `another: its variable would be $${variable}, which functions or the machine have`,
            stage.name,
          ),
        ),
        ...when(other !== undefined, () =>
          problemOf(field, `more unlike ${other?.name ?? ""}: the variables of both would be $${variable}`, stage.name),
        ),
      ];
    }),
  );

/** All that states of a stage may be called. */
const statesFor = (stage: NamedStage): readonly string[] => {
  const called = (...verbs: readonly string[]): readonly string[] => verbs.map((verb) => `${stage.name} ${verb}`);
  switch (stage.kind) {
    case "job":
      return called(...["StartJobRun", "WaitForJobRun", "GetJobRun", "CheckJobRun", "BackOff", "StopJobRun", "Failed"]);
    case "task":
      return [stage.name, ...called("Failed")];
    case "wait":
    case "choice":
      return [stage.name];
    case "parallel":
      return [
        stage.name,
        ...called("StopRuns", "Failed"),
        ...stage.branches.flatMap((_, index) => called(`Branch ${index + 1}`, `Branch ${index + 1} Begin`)),
      ];
    case "map":
      return [stage.name, ...called("TakeItem", "ItemDone", "StopRuns", "Failed")];
  }
};

const stateRules = (stages: readonly NamedStage[]): readonly Problem[] =>
  stages.flatMap((stage) => {
    const others = [...machineStates, ...stages.filter((other) => other !== stage).flatMap(statesFor)];
    // Of two stages that are in each other's way, the one whose very name it is can be called otherwise.
    return when(others.includes(stage.name), () =>
      problemOf(`stages.${stage.name}.name`, "another: a state of the machine has it", stage.name),
    );
  });

import { executionName, malformedRule, rejectionRules, type Validation } from "../file-validation.ts";
import { jsonata, type Assign, type ChoiceRule, type State } from "../state-machine/states.ts";
import { entryOf } from "./entries.ts";
import { withoutResults } from "./reports.ts";
import { resultsIn, type NamedStage } from "./results.ts";
import type { Scope } from "./scope.ts";
import type { Stage } from "./stage.ts";

const resume = "$states.input.resume";
const overrides = "$states.input.overrides";

/** Rejects what no job could do anything with, and leads to the first stage, or to that from which a replay goes on. */
export const validateState = (
  stage: Stage,
  validation: Required<Validation> | undefined,
  scope: Scope,
): State<string> => {
  const start = entryOf(stage, scope);
  const known = knownOf(validation !== undefined);
  return {
    type: "Choice",
    comment: "Reject what no job could do anything with",
    choices: [
      ...(validation === undefined ? [] : [malformedRule<string>("KeepFailure", { jobName: false })]),
      malformedResume(stage, known),
      refusedOverrides(known),
      ...(validation === undefined ? [] : rejectionRules<string>(validation, "NotifyRejected", known)),
      ...resumptions(stage, known, scope),
    ],
    assign: { ...known, origin: executionName, ...withoutResults(stage), ...start.assign },
    default: start.name,
  };
};

/** Set by every way out of Validate. */
const knownOf = (startsWithFile: boolean): Assign => ({
  file: startsWithFile ? jsonata("$states.input.arguments") : null,
  executionName,
});

/**
 * Stages that a replay can go on from: those within a parallel stage or a map cannot, as their branches and iterations
 * begin together.
 */
export const resumableIn = (stage: Stage): readonly NamedStage[] => {
  switch (stage.kind) {
    case "sequence":
      return stage.stages.flatMap(resumableIn);
    case "choice":
      return [stage, ...stage.when.flatMap(({ then }) => resumableIn(then)), ...resumableOf(stage.otherwise)];
    case "wait":
    case "parallel":
      return [stage];
    case "job":
    case "task":
    case "map":
      return [stage, ...resumableOf(stage.onFailure)];
  }
};

const resumableOf = (stage: Stage | undefined): readonly NamedStage[] =>
  stage === undefined ? [] : resumableIn(stage);

const refusal = (condition: string, { error, cause, known }: Refusal): ChoiceRule<string> => ({
  condition: jsonata(condition),
  assign: {
    ...known,
    result: {
      outcome: "failed",
      ...(known.file !== null && { file: jsonata("$states.input.arguments") }),
      executionName,
      error,
      cause: jsonata(cause),
      input: jsonata("$states.context.Execution.Input"),
    },
  },
  next: "KeepFailure",
});

interface Refusal {
  readonly error: string;
  /** JSONata. */
  readonly cause: string;
  readonly known: Assign;
}

const malformedResume = (stage: Stage, known: Assign): ChoiceRule<string> => {
  const names = resumableIn(stage).map(({ name }) => name);
  const wellFormed = [
    `$type(${resume}) = "object"`,
    `$type(${resume}.from) = "string"`,
    `$type(${resume}.executionName) = "string"`,
    `$type(${resume}.results) = "object"`,
  ].join(" and ");
  // Its name is a part of the keys that jobs write to.
  const isName = `$length(${resume}.executionName) in [1..80] and $not($contains(${resume}.executionName, "/"))`;
  const must =
    `The input's resume must be {"from", "executionName", "results"}: from the name of a stage, one of ${names.join(", ")}; ` +
    "executionName that of the execution that a replay goes on from; results an object of variables. Got ";
  return refusal(
    `$exists(${resume}) and $not(${wellFormed} ? ${resume}.from in ${JSON.stringify(names)} and ${isName} : false)`,
    { error: "InvalidInput", cause: `${JSON.stringify(must)} & $substring($string(${resume}), 0, 1000)`, known },
  );
};

const refusedOverrides = (known: Assign): ChoiceRule<string> =>
  refusal(`$exists(${overrides})`, {
    error: "InvalidOverrides",
    cause: `"overrides must be left out: the runs of stages do not differ, got " & $substring($string(${overrides}), 0, 1000)`,
    known,
  });

/** One for each stage: what the stages before it have left behind is given. */
const resumptions = (stage: Stage, known: Assign, scope: Scope): readonly ChoiceRule<string>[] => {
  const results = resultsIn(stage);
  return resumableIn(stage).map((from) => {
    const entry = entryOf(from, scope);
    // Its own result, and those of its parts, are the first that it leaves behind.
    const own = resultsIn(from)[0];
    const before = own === undefined ? results.length : results.indexOf(own);
    return {
      condition: jsonata(`${resume}.from = ${JSON.stringify(from.name)}`),
      assign: {
        ...known,
        origin: jsonata(`${resume}.executionName`),
        ...Object.fromEntries(
          results.map((name, index) => [
            name,
            index < before ? jsonata(`$exists(${resume}.results.${name}) ? ${resume}.results.${name} : null`) : null,
          ]),
        ),
        ...entry.assign,
      },
      next: entry.name,
    };
  });
};

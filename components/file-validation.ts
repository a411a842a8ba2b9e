import { jsonata, type Assign, type ChoiceRule } from "./state-machine/states.ts";

/** What a file must be, or it is rejected before a job is paid for. */
export interface Validation {
  /** Without the dot, in any case; none: all are allowed. @default ["csv"] */
  readonly extensions?: readonly string[];
  /** @default 1 */
  readonly minFileBytes?: number;
  /** @default 5 GiB */
  readonly maxFileBytes?: number;
}

export const validationDefaults = Object.freeze({
  extensions: Object.freeze(["csv"]),
  minFileBytes: 1,
  maxFileBytes: 5 * 1024 ** 3,
});

/** Set by every way out of Validate, so that all later states have them. */
export const known: Assign = { file: jsonata("$states.input.arguments"), jobName: jsonata("$states.input.jobName") };

export const executionName = jsonata("$states.context.Execution.Name");

/**
 * Only an execution that was started by hand can have an input that the dispatcher does not write. Stages name their jobs
 * themselves: of theirs no name is asked.
 */
export const malformedRule = <Next extends string>(next: Next, { jobName = true } = {}): ChoiceRule<Next> => ({
  condition: jsonata(
    `$not(${[...(jobName ? ([["jobName", "string"]] as const) : []), ...inputTypes].map(([path, type]) => `$type($states.input.${path}) = "${type}"`).join(" and ")})`,
  ),
  assign: {
    result: {
      outcome: "failed",
      executionName,
      error: "InvalidInput",
      cause: `The input must be {${jobName ? '"jobName", ' : ""}"arguments": {"bucket", "key", "versionId", "size"}}: the size a number, the others text.`,
      input: jsonata("$states.context.Execution.Input"),
    },
  },
  next,
});

const inputTypes = [
  ["arguments.bucket", "string"],
  ["arguments.key", "string"],
  ["arguments.versionId", "string"],
  ["arguments.size", "number"],
] as const;

/** A rule for each way in which a file can be unfit. The object stays where it is. */
export const rejectionRules = <Next extends string>(
  validation: Required<Validation>,
  next: Next,
  assign: Assign = known,
): readonly ChoiceRule<Next>[] =>
  unfitness(validation).map(({ condition, reason }) => ({
    condition: jsonata(condition),
    assign: {
      ...assign,
      result: {
        outcome: "rejected",
        file: jsonata("$states.input.arguments"),
        executionName,
        reason: jsonata(reason),
      },
    },
    next,
  }));

/** Conditions and reasons, both in JSONata. */
const unfitness = ({ extensions, minFileBytes, maxFileBytes }: Required<Validation>) => {
  const key = "$lowercase($states.input.arguments.key)";
  const size = "$states.input.arguments.size";
  const endings = extensions.map((extension) => `.${extension.toLowerCase()}`);
  // JSONata counts characters, where a text's length counts halves of some.
  const isNamedWell = endings.map(
    (ending) => `$substring(${key}, -${Array.from(ending).length}) = ${JSON.stringify(ending)}`,
  );
  return [
    { condition: `${size} = 0`, reason: '"it is empty"' },
    ...(endings.length > 0
      ? [
          {
            condition: `$not(${isNamedWell.join(" or ")})`,
            reason: JSON.stringify(`its name must end in ${endings.join(" or ")}`),
          },
        ]
      : []),
    {
      condition: `${size} < ${minFileBytes}`,
      reason: `"its size, " & ${size} & " bytes, is below the minimum of ${minFileBytes}"`,
    },
    {
      condition: `${size} > ${maxFileBytes}`,
      reason: `"its size, " & ${size} & " bytes, is over the maximum of ${maxFileBytes}"`,
    },
  ];
};

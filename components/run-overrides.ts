import { fewestOf, workerKind } from "../functions/lib/workers.ts";
import { executionName, known } from "./file-validation.ts";
import type { AnyJob } from "./glue-job/kinds.ts";
import { jobSettings } from "./glue-job/settings.ts";
import { jsonata, type Assign, type ChoiceRule, type Value } from "./state-machine/states.ts";

/** How an execution's input changes its runs: `{"overrides": {"NumberOfWorkers": 20}}`. */
export interface OverridePlan {
  /** A rule for each way in which the input can ask for too much. */
  readonly rules: <Next extends string>(next: Next) => readonly ChoiceRule<Next>[];
  /** Kept for the file's further runs. */
  readonly assign: Assign;
  /** Fields of StartJobRun: what the input asks for, else what the job has. */
  readonly arguments: Readonly<Record<string, Value>>;
}

interface Overridable {
  readonly name: "WorkerType" | "NumberOfWorkers" | "Timeout" | "ExecutionClass";
  readonly ofJob: string | number;
  /** JSONata, true where the value is allowed. */
  readonly isAllowed: (value: string) => string;
  readonly allowed: string;
}

/** Nothing can be overridden unless the job says so; then its bounds are part of the definition. */
export const overridePlan = (job: AnyJob): OverridePlan => {
  const fields = overridable(job);
  return {
    rules: (next) => [unknownFields(fields, next), ...fields.map((field) => outOfBounds(field, next))],
    assign: fields.length === 0 ? {} : { overrides: jsonata(`$exists(${given}) ? ${given} : {}`) },
    arguments: Object.fromEntries(
      fields.map(({ name, ofJob }) => [
        name,
        jsonata(`$exists($overrides.${name}) ? $overrides.${name} : ${JSON.stringify(ofJob)}`),
      ]),
    ),
  };
};

const given = "$states.input.overrides";

const overridable = (job: AnyJob): readonly Overridable[] => {
  const { workerType, numberOfWorkers, executionClass, timeoutMinutes } = jobSettings(job);
  const { workerTypes, maxNumberOfWorkers, maxTimeoutMinutes, executionClasses } = job.overrides ?? {};
  return [
    ...(workerTypes && workerType !== undefined
      ? [{ name: "WorkerType", ofJob: workerType, ...oneOf([...new Set([workerType, ...workerTypes])]) } as const]
      : []),
    ...(maxNumberOfWorkers !== undefined && numberOfWorkers !== undefined
      ? [
          {
            name: "NumberOfWorkers",
            ofJob: numberOfWorkers,
            ...whole(fewestOf(workerKind(workerType ?? "")), maxNumberOfWorkers),
          } as const,
        ]
      : []),
    ...(maxTimeoutMinutes === undefined
      ? []
      : [{ name: "Timeout", ofJob: timeoutMinutes, ...whole(1, maxTimeoutMinutes) } as const]),
    ...(executionClasses
      ? [
          {
            name: "ExecutionClass",
            ofJob: executionClass,
            ...oneOf([...new Set([executionClass, ...executionClasses])]),
          } as const,
        ]
      : []),
  ];
};

type Bound = Pick<Overridable, "isAllowed" | "allowed">;

const oneOf = (values: readonly string[]): Bound => ({
  isAllowed: (value) => `${value} in ${JSON.stringify(values)}`,
  allowed: values.join(" or "),
});

const whole = (min: number, max: number): Bound => ({
  // Text cannot be compared with a number, only be told from one.
  isAllowed: (value) =>
    `($type(${value}) = "number" ? $floor(${value}) = ${value} and ${value} >= ${min} and ${value} <= ${max} : false)`,
  allowed: `a whole number from ${min} to ${max}`,
});

const unknownFields = <Next extends string>(fields: readonly Overridable[], next: Next): ChoiceRule<Next> => {
  const names = fields.map(({ name }) => name);
  const unknown = `$keys(${given})[$not($ in ${JSON.stringify(names)})]`;
  return refusal(
    `$exists(${given}) and ($type(${given}) = "object" ? $count(${unknown}) > 0 : true)`,
    names.length === 0
      ? '"overrides must be left out: this job lets no run differ, got " & '
      : `"overrides must be an object with nothing but ${names.join(", ")}, got " & `,
    given,
    next,
  );
};

const outOfBounds = <Next extends string>({ name, isAllowed, allowed }: Overridable, next: Next): ChoiceRule<Next> => {
  const value = `${given}.${name}`;
  return refusal(
    `$exists(${value}) and $not(${isAllowed(value)})`,
    `"overrides.${name} must be ${allowed}, got " & `,
    value,
    next,
  );
};

const refusal = <Next extends string>(
  condition: string,
  must: string,
  value: string,
  next: Next,
): ChoiceRule<Next> => ({
  condition: jsonata(condition),
  assign: {
    ...known,
    result: {
      outcome: "failed",
      file: jsonata("$states.input.arguments"),
      executionName,
      error: "InvalidOverrides",
      cause: jsonata(`${must}$string(${value})`),
      input: jsonata("$states.context.Execution.Input"),
    },
  },
  next,
});

import { mapItemArgument, runArguments, tokenArgument } from "../../functions/lib/run-arguments.ts";
import { reservedArguments } from "../../functions/lib/start-request.ts";
import { managingField } from "../glue-job/managed-arguments.ts";
import { isWhole, problemOf, when } from "../rules/problem-of.ts";
import type { Problem } from "../rules/problem.ts";
import { namedStagesIn, partsOf } from "./results.ts";
import type { Value } from "../state-machine/states.ts";
import type { JobStage, MapStage, Place, Stage, TaskStage } from "./stage.ts";
import { isExpression, isPending } from "./variables.ts";

const maxSeconds = 99_999_999;
/** The same bounds that the stack's config has for all jobs. */
const maxAttempts = 20;
const maxRetryInterval = 86_400;
const maxBackoffRate = 10;
const maxInlineConcurrency = 40;
const maxDistributedConcurrency = 10_000;

/** What one stage shows alone. */
export const stageValueRules = (stage: Stage): readonly Problem[] => [
  ...emptyRules(stage),
  ...namedStagesIn(stage).flatMap((named): readonly Problem[] => {
    switch (named.kind) {
      case "job":
        return jobValues(named);
      case "task":
        return taskValues(named);
      case "wait":
        return typeof named.seconds === "number"
          ? number(`stages.${named.name}.seconds`, named.seconds, 0, maxSeconds)
          : expression(`stages.${named.name}.seconds`, named.seconds);
      case "map":
        return mapValues(named);
      case "choice":
        return named.when.flatMap(({ condition }) => expression(`stages.${named.name}.when.condition`, condition));
      case "parallel":
        return [];
    }
  }),
  ...nestedMaps(stage, undefined),
];

const number = (field: string, value: number | undefined, min: number, max: number): readonly Problem[] =>
  when(!isWhole(value, min, max), () => problemOf(field, `a whole number from ${min} to ${max}`, value));

const expression = (field: string, value: unknown): readonly Problem[] =>
  when(typeof value === "string" && !isExpression(value), () =>
    problemOf(field, "JSONata within {% and %}: use jsonata(…)", value),
  );

/** Stages that are put together of nothing; one without a name is told by the one that it is in. */
const emptyRules = (stage: Stage, within = "stages"): readonly Problem[] => {
  const path = stage.kind === "sequence" ? within : `stages.${stage.name}`;
  const parts = stage.kind === "choice" ? stage.when : partsOf(stage);
  const isEmpty =
    (stage.kind === "sequence" || stage.kind === "parallel" || stage.kind === "choice") && parts.length === 0;
  return [
    ...when(isEmpty, () => problemOf(path, `a ${stage.kind} of at least one stage`, [])),
    ...partsOf(stage).flatMap((part) => emptyRules(part, path)),
  ];
};

const ownArguments: readonly string[] = [
  ...Object.keys(
    runArguments({
      ...{ bucket: "", key: "", versionId: "", size: "" },
      ...{ outputBucket: "", executionName: "", attempt: "" },
    }),
  ),
  ...["--stage", "--input", "--output", mapItemArgument, tokenArgument],
];

const wrongArgument = (stage: string, argument: string): string | undefined => {
  if (ownArguments.includes(argument)) return "left out: the pipeline sets it";
  if (reservedArguments.includes(argument)) return "left out: Glue sets it itself";
  const field = managingField(argument);
  if (field !== undefined) return `left out: stages.${stage}.job.${field} says it`;
  return /^--\S+$/.test(argument) ? undefined : 'called with "--" before it and no spaces';
};

/** Numbers and flags are made text of; what an Output holds is not known yet. */
const isText = (value: Value): boolean =>
  ["string", "number", "boolean"].includes(typeof value) ||
  (typeof value === "object" && value !== null && isPending(value));

/** What Step Functions takes. */
const maxRetries = 99_999_999;
const maxDelay = 31_622_400;

const taskValues = ({ name, timeoutSeconds, retry = [] }: TaskStage): readonly Problem[] => [
  ...number(`stages.${name}.timeoutSeconds`, timeoutSeconds, 1, maxSeconds),
  ...retry.flatMap(({ errors, intervalSeconds, maxAttempts: tries, maxDelaySeconds, backoffRate = 1 }) => [
    ...when(errors.length === 0, () =>
      problemOf(`stages.${name}.retry.errors`, "names of errors, or States.ALL", errors),
    ),
    ...number(`stages.${name}.retry.intervalSeconds`, intervalSeconds, 1, maxSeconds),
    ...number(`stages.${name}.retry.maxAttempts`, tries, 0, maxRetries),
    ...number(`stages.${name}.retry.maxDelaySeconds`, maxDelaySeconds, 1, maxDelay),
    ...when(!(backoffRate >= 1), () => problemOf(`stages.${name}.retry.backoffRate`, "at least 1", backoffRate)),
  ]),
];

const jobValues = ({ name, arguments: given = {}, reads, writes, retry = {} }: JobStage): readonly Problem[] => [
  ...number(`stages.${name}.retry.maxAttempts`, retry.maxAttempts, 1, maxAttempts),
  ...number(`stages.${name}.retry.intervalSeconds`, retry.intervalSeconds, 0, maxRetryInterval),
  ...when(retry.backoffRate !== undefined && !(retry.backoffRate >= 1 && retry.backoffRate <= maxBackoffRate), () =>
    problemOf(`stages.${name}.retry.backoffRate`, `a number from 1 to ${maxBackoffRate}`, retry.backoffRate),
  ),
  ...Object.entries(given).flatMap(([argument, value]) => {
    const must = wrongArgument(name, argument) ?? (isText(value) ? undefined : "text, or JSONata that gives text");
    return must === undefined ? [] : [problemOf(`stages.${name}.arguments.${argument}`, must, value)];
  }),
  ...[reads ?? []]
    .flat()
    .flatMap((source) =>
      typeof source === "object" && "prefix" in source ? prefixOf(`stages.${name}.reads`, source) : [],
    ),
  ...(writes === undefined
    ? []
    : when(!/^[^/].*\/$/.test(writes.prefix) || writes.prefix.includes("//"), () =>
        problemOf(
          `stages.${name}.writes.prefix`,
          "a folder of the output bucket, ending with a slash and not beginning with one",
          writes.prefix,
        ),
      )),
];

const prefixOf = (field: string, { prefix }: Place): readonly Problem[] =>
  when(prefix !== "" && !/^[^/].*\/$/.test(prefix), () =>
    problemOf(`${field}.prefix`, "empty, or ending with a slash and not beginning with one", prefix),
  );

const mapValues = (stage: MapStage): readonly Problem[] => {
  const field = (name: string): string => `stages.${stage.name}.${name}`;
  const isInline = "items" in stage.over;
  const { results, batchSize, toleratedFailureCount: count, toleratedFailurePercentage: percentage } = stage;
  const ofS3 = "of a map over objects or entries; this one goes through items of the execution itself";
  return [
    ...when(!["items", "objects", "entries"].some((kind) => kind in stage.over), () =>
      problemOf(field("over"), "one of items, objects and entries", stage.over),
    ),
    ...number(
      field("maxConcurrency"),
      stage.maxConcurrency,
      1,
      isInline ? maxInlineConcurrency : maxDistributedConcurrency,
    ),
    ...number(field("batchSize"), batchSize, 1, Number.MAX_SAFE_INTEGER),
    ...number(field("toleratedFailureCount"), count, 0, Number.MAX_SAFE_INTEGER),
    ...when(percentage !== undefined && !(percentage >= 0 && percentage <= 100), () =>
      problemOf(field("toleratedFailurePercentage"), "a number from 0 to 100", percentage),
    ),
    ...when(isInline && (batchSize ?? 1) > 1, () => problemOf(field("batchSize"), `left out or ${ofS3}`, batchSize)),
    ...when(isInline && (count ?? 0) > 0, () =>
      problemOf(field("toleratedFailureCount"), `left out or ${ofS3}: catch what may fail by its onFailure`, count),
    ),
    ...when(isInline && (percentage ?? 0) > 0, () =>
      problemOf(
        field("toleratedFailurePercentage"),
        `left out or ${ofS3}: catch what may fail by its onFailure`,
        percentage,
      ),
    ),
    ...when(isInline && typeof results === "object", () =>
      problemOf(field("results"), `"none" or "array", or ${ofS3}`, "writeTo"),
    ),
    ...when(!isInline && results === "array", () =>
      problemOf(
        field("results"),
        '"none" or { writeTo }: results of items that are read from S3 may be more than an execution has room for',
        results,
      ),
    ),
    ...("items" in stage.over ? expression(field("over.items"), stage.over.items) : []),
    ...("objects" in stage.over ? prefixOf(field("over.objects"), stage.over.objects) : []),
    ...(typeof results === "object" ? prefixOf(field("results.writeTo"), results.writeTo) : []),
  ];
};

/** Iterations of iterations fill an execution's history, unless they are counted beforehand. */
const nestedMaps = (stage: Stage, outer: MapStage | undefined): readonly Problem[] => {
  const isInline = stage.kind === "map" && "items" in stage.over;
  const isCounted = isInline && Array.isArray((stage.over as { readonly items: unknown }).items);
  return [
    ...when(isInline && !isCounted && outer !== undefined, () =>
      problemOf(
        `stages.${stage.kind === "map" ? stage.name : ""}.over`,
        `an array that is known beforehand, or objects or entries in S3: within the map ${outer?.name ?? ""} its items ` +
          "are a part of one execution's history, which has room for 25,000 events",
        "items",
      ),
    ),
    ...(stage.kind === "map"
      ? [
          ...nestedMaps(stage.each, isInline ? stage : undefined),
          ...(stage.onFailure ? nestedMaps(stage.onFailure, outer) : []),
        ]
      : partsOf(stage).flatMap((part) => nestedMaps(part, outer))),
  ];
};

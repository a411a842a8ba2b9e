import { isRecord } from "../../functions/lib/json.ts";
import { workloads } from "../glue-job/workloads.ts";
import { stageConfigFields, type StageConfig, type StageConfigs } from "../stage-config.ts";
import { suggestion } from "../suggestion.ts";
import type { ConfigReader } from "./config-reader.ts";

/** What the stack says of stages' jobs. Which stages there are, the program knows. */
export const readStages = (read: ConfigReader, key: string): StageConfigs => {
  const value = read.json(key);
  if (value === undefined) return {};
  if (!isRecord(value)) return read.refuse(key, `an object by stage, for example ${example}`, value, {});
  return Object.fromEntries(
    Object.entries(value).flatMap(([stage, config]) => {
      if (isRecord(config)) return [[stage, readStage(read, `${key}.${stage}`, config)]];
      read.problem(`${key}.${stage}`, `an object of fields of its job, for example ${example}`, config);
      return [];
    }),
  );
};

const example = '{"Clean": {"workerType": "G.2X", "numberOfWorkers": 10}}';

const readStage = (read: ConfigReader, path: string, config: Readonly<Record<string, unknown>>): StageConfig =>
  Object.fromEntries(
    Object.entries(config).filter(([field, value]) => {
      const allowed = isField(field) ? fields[field].wrong(value) : `left out: ${unknownField(field)}`;
      if (allowed !== undefined) read.problem(`${path}.${field}`, allowed, value);
      return allowed === undefined;
    }),
  );

type Field = "mode" | (typeof stageConfigFields)[number];

const fieldNames: readonly Field[] = ["mode", ...stageConfigFields];

const isField = (name: string): name is Field => fieldNames.some((field) => field === name);

const unknownField = (name: string): string => {
  const meant = suggestion(name, fieldNames);
  return meant === undefined ? `a stage's fields are ${fieldNames.join(", ")}` : `did you mean ${meant}?`;
};

interface FieldRule {
  /** What a value must be, where it is not. */
  readonly wrong: (value: unknown) => string | undefined;
}

const rule = (isRight: (value: unknown) => boolean, allowed: string): FieldRule => ({
  wrong: (value) => (isRight(value) ? undefined : allowed),
});

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const flag = rule((value) => typeof value === "boolean", "true or false");
const whole = (min: number, max: number) =>
  rule(
    (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
    `a whole number from ${min} to ${max}`,
  );
const oneOf = (...choices: readonly (string | number)[]) =>
  rule(
    (value) => choices.some((choice) => choice === value),
    choices.map((choice) => JSON.stringify(choice)).join(" or "),
  );

const fields: Readonly<Record<Field, FieldRule>> = {
  mode: oneOf("simulated", "real"),
  glueVersion: rule((value) => isText(value) && /^\d+\.\d+$/.test(value), 'a version in quotes, like "5.1"'),
  workload: oneOf(...Object.keys(workloads)),
  workerType: rule(isText, 'a worker type such as "G.1X"'),
  numberOfWorkers: whole(1, 100_000),
  autoScaling: flag,
  maxCapacity: oneOf(0.0625, 1),
  executionClass: oneOf("STANDARD", "FLEX"),
  timeoutMinutes: whole(1, 10_080),
  maxConcurrentRuns: whole(1, 4000),
  jobRunQueuing: flag,
  notifyDelayAfterMinutes: whole(1, 10_080),
  bookmarks: oneOf("enable", "disable", "pause"),
  tempDir: rule(isText, "an s3:// URI"),
  sparkUi: rule((value) => typeof value === "boolean" || isText(value), "true, false or an s3:// URI"),
  continuousLogging: flag,
  enableMetrics: flag,
  enableObservabilityMetrics: flag,
  jobInsights: flag,
  sparkConf: rule(
    (value) => isRecord(value) && Object.values(value).every(isText),
    'an object of texts, like {"spark.sql.shuffle.partitions": "64"}',
  ),
  connections: rule((value) => Array.isArray(value) && value.every(isText), "a list of names of connections"),
};

import type { FinalState, Scenario } from "../../functions/lib/job-definition.ts";
import type { ConfigReader } from "./config-reader.ts";

const finalStates: readonly FinalState[] = ["SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "STOPPED", "EXPIRED"];
const columnTypes = ["string", "bigint", "double", "boolean", "date", "timestamp"];

/** Faults to inject: `[{match: "*late*", attempts: [1], Return: {JobRunState: "TIMEOUT"}}]`. */
export const readScenarios = (read: ConfigReader, key: string): readonly Scenario[] => {
  const value = read.json(key);
  if (value === undefined) return [];
  if (!Array.isArray(value)) return read.refuse(key, inJson(value, "a list of scenarios", scenarioExample), value, []);
  return value.filter((item, index) => {
    const wrong = wrongInScenario(item);
    if (wrong !== undefined) read.problem(`${key}[${index}]`, wrong, item);
    return wrong === undefined;
  }) as Scenario[];
};

const scenarioKeys = ["match", "stage", "execution", "attempts", "Return", "Throw"];
const scenarioExample = '[{"match": "*late*", "Return": {"JobRunState": "TIMEOUT"}}]';

/** What is to be an object or a list; where JSON was not understood, with a value that would be. */
const inJson = (value: unknown, allowed: string, example: string): string =>
  typeof value === "string" ? `${allowed} in JSON, for example ${example}` : allowed;

/** What a scenario must be, where it is not. */
const wrongInScenario = (item: unknown): string | undefined => {
  if (!isRecord(item) || typeof item.match !== "string") return 'an object with "match", a glob for keys';
  const { attempts, Return: returned, Throw: thrown } = item;
  const unknownKey = Object.keys(item).find((key) => !scenarioKeys.includes(key));
  if (unknownKey !== undefined) return `without "${unknownKey}": ${scenarioKeys.join(", ")} are known`;
  const notText = ["stage", "execution"].find((key) => item[key] !== undefined && typeof item[key] !== "string");
  if (notText !== undefined) return `"${notText}" as a text`;
  if (
    attempts !== undefined &&
    !(Array.isArray(attempts) && attempts.every((number) => Number.isInteger(number) && number >= 1))
  ) {
    return '"attempts" as a list of numbers from 1';
  }
  if ((returned === undefined) === (thrown === undefined)) return 'either with "Return" or with "Throw"';
  if (thrown !== undefined)
    return isRecord(thrown) && typeof thrown.Error === "string" ? undefined : '"Throw" as {Error, Cause}';
  const isFinal = isRecord(returned) && finalStates.some((state) => state === returned.JobRunState);
  return isFinal ? undefined : `"Return" as {JobRunState, ErrorMessage}, the state one of ${finalStates.join(", ")}`;
};

/** Columns that are not text: `{amount: "double"}`. */
export const readColumnTypes = (read: ConfigReader, key: string): Readonly<Record<string, string>> | undefined => {
  const value = read.json(key);
  if (value === undefined) return undefined;
  const isRight = isRecord(value) && Object.values(value).every((type) => columnTypes.some((known) => known === type));
  if (!isRight) {
    const allowed = `an object of columns, each ${columnTypes.join(", ")}`;
    read.refuse(key, inJson(value, allowed, '{"amount": "double"}'), value, undefined);
    return;
  }
  return Object.keys(value).length > 0 ? (value as Record<string, string>) : undefined;
};

/** A text, where there is one. */
export const textOr = (
  read: ConfigReader,
  key: string,
  rule?: Parameters<ConfigReader["text"]>[2],
): string | undefined => {
  const value = read.text(key, "", rule);
  return value === "" ? undefined : value;
};

/** Texts by name, where there are any: `{"--currency": "EUR"}`. Numbers and truth values count as what they look like. */
export const readTextsByName = (
  read: ConfigReader,
  key: string,
  example: string,
): Readonly<Record<string, string>> | undefined => {
  const value = read.json(key);
  if (value === undefined) return undefined;
  const isRight = isRecord(value) && Object.values(value).every((item) => plain.includes(typeof item));
  if (!isRight) {
    read.refuse(key, inJson(value, "an object of texts by name", example), value, undefined);
    return undefined;
  }
  const texts = Object.entries(value).map(([name, item]) => [name, String(item)] as const);
  return texts.length > 0 ? Object.fromEntries(texts) : undefined;
};

const plain: readonly string[] = ["string", "number", "boolean"];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

import type { FinalState, Scenario } from "../../functions/lib/job-definition.ts";
import { suggestion } from "../../components/suggestion.ts";

const FINAL_STATES: readonly FinalState[] = ["SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "STOPPED", "EXPIRED"];

/** What StartJobRun may throw on AWS. */
const START_ERRORS = [
  "ConcurrentRunsExceededException",
  "EntityNotFoundException",
  "InternalServiceException",
  "InvalidInputException",
  "OperationTimeoutException",
  "ResourceNumberLimitExceededException",
  "ThrottlingException",
] as const;

/** For the help text. */
export const OUTCOMES: readonly string[] = [...FINAL_STATES, ...START_ERRORS];

/** Reads `PATTERN=OUTCOME`, `PATTERN=OUTCOME@ATTEMPTS` and either with ` in STAGE`; a text is what is wrong with it. */
export function parseScenario(text: string): Scenario | string {
  const split = text.lastIndexOf("=");
  const match = text.slice(0, split);
  if (split < 1) return `--scenario must be PATTERN=OUTCOME, for example "*.csv=FAILED", got "${text}"`;
  const [, told = "", stage] = /^(.*?)(?: in (.+))?$/s.exec(text.slice(split + 1)) ?? [];
  const [outcome = "", list, ...rest] = told.split("@");
  const attempts = list === undefined ? undefined : list.split(",").map(Number);
  if (rest.length > 0 || attempts?.some((attempt) => !Number.isInteger(attempt) || attempt < 1) === true) {
    return `--scenario: the attempts after @ must be whole numbers from 1, for example @1,2, got "${text}"`;
  }
  const when = { match, ...(stage !== undefined && { stage }), ...(attempts === undefined ? {} : { attempts }) };
  const state = FINAL_STATES.find((name) => name === outcome);
  if (state !== undefined) return { ...when, Return: { JobRunState: state } };
  const error = START_ERRORS.find((name) => name === outcome);
  if (error !== undefined) return { ...when, Throw: { Error: error } };
  const guess = suggestion(outcome, OUTCOMES);
  const hint = guess === undefined ? `allowed are ${OUTCOMES.join(", ")}` : `did you mean ${guess}?`;
  return `--scenario: "${outcome}" is not an outcome; ${hint}`;
}

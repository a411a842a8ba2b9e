import { jsonata, type Assign, type State } from "../state-machine/states.ts";
import { failureVariable } from "./failing.ts";
import { jobStagesOf, type JobInFlow } from "./job-flow.ts";
import { nameOf, resultsIn } from "./results.ts";
import type { Stage } from "./stage.ts";

/** A result of more characters than this is left out of the execution's own. */
const keptOfResult = 4096;

/** The same of all results together, which are a message, too: a character may take three bytes of its 256 KiB. */
const keptOfResults = 60_000;

/** Results of more characters than this are not carried over: a replay then begins at the beginning. */
const maxCarriedOver = 30_000;

const input = "$states.context.Execution.Input";

/** What a successful execution ends with, in JSONata. */
export const succeededResult = (stage: Stage, startsWithFile: boolean): string => {
  const results = resultsIn(stage);
  const kept = Math.min(keptOfResult, Math.floor(keptOfResults / Math.max(1, results.length)));
  const fields = {
    outcome: '"succeeded"',
    ...(startsWithFile && { file: "$file" }),
    executionName: "$executionName",
    stages: `$merge([{}, $sift(${objectOf(results)}, function($result) { $length($string($result)) <= ${kept} })])`,
    output: lastOutput(stage),
  };
  return objectWith(fields);
};

/** What the last job that has run has written; jobs within maps are seen by nobody outside. */
const lastOutput = (stage: Stage): string => {
  const seen = new Set(resultsIn(stage));
  const jobs = jobStagesOf(stage).filter(({ stage: { result } }) => seen.has(nameOf(result)));
  return jobs.reduce<string>((before, job) => `$exists(${outputOf(job)}) ? ${outputOf(job)} : ${before}`, "null");
};

const outputOf = ({ stage: { result } }: JobInFlow): string => `${result}.output`;

/** Tells what has failed, and what a replay is given that goes on from there. */
export const describeFailureState = (stage: Stage, startsWithFile: boolean): State<string> => {
  const about = objectWith({
    outcome: '"failed"',
    ...(startsWithFile && { file: "$file" }),
    executionName: "$executionName",
  });
  const failure = `$${failureVariable}`;
  return {
    type: "Pass",
    assign: {
      result: jsonata(
        `$merge([${about}, $sift(${failure}, function($value, $key) { $key != "from" }), ` +
          `{"input": ${input}, "replay": ${replay(stage)}}])`,
      ),
    },
    next: "KeepFailure",
  };
};

const replay = (stage: Stage): string => {
  const failure = `$${failureVariable}`;
  const from = `$exists(${failure}.from) ? ${failure}.from : ${failure}.stage`;
  return (
    `($results := ${objectOf(resultsIn(stage))}; ` +
    `$rest := $type(${input}) = "object" ? $merge([{}, $sift(${input}, function($value, $key) { $key != "resume" })]) : {}; ` +
    `$length($string($results)) > ${maxCarriedOver} ? $rest : ` +
    `$merge([$rest, {"resume": {"from": ${from}, "executionName": $origin, "results": $results}}]))`
  );
};

/** All variables, before any stage has run. */
export const withoutResults = (stage: Stage): Assign =>
  Object.fromEntries(resultsIn(stage).map((name) => [name, null]));

const objectOf = (variables: readonly string[]): string =>
  objectWith(Object.fromEntries(variables.map((name) => [name, `$${name}`])));

const objectWith = (fields: Readonly<Record<string, string | false>>): string =>
  `{${Object.entries(fields)
    .map(([name, expression]) => `${JSON.stringify(name)}: ${String(expression)}`)
    .join(", ")}}`;

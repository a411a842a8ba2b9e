import { expect } from "chai";
import fc from "fast-check";
import { validationDefaults } from "../../../components/file-validation.ts";
import {
  jobRetryDefaults,
  pipelineDefinition,
  secondsBetweenRuns,
  type JobRetry,
} from "../../../components/pipeline-definition.ts";
import { countPolls, pollingDefaults, type Polling } from "../../../components/polling.ts";
import { overridePlan } from "../../../components/run-overrides.ts";
import type { StateGraph } from "../../../components/state-machine/states.ts";
import { Expression } from "../../../local/states/jsonata/expression.ts";

const call = { resource: "arn:aws:states:::x:y", permissions: [] };

const graphWith = (
  polling: Required<Polling>,
  retry: Required<JobRetry> = jobRetryDefaults,
  giveUpAfterMinutes = 60,
): StateGraph =>
  pipelineDefinition({
    job: { completion: "poll", startJobRun: call, getJobRun: call, batchStopJobRun: call },
    eventHeartbeatSeconds: 900,
    validation: validationDefaults,
    retry,
    polling,
    giveUpAfterMinutes,
    patienceSeconds: Infinity,
    overrides: overridePlan({}),
    outputBucket: "out",
    notify: { call, topicArn: "topic" },
    keepFailure: { call, queueUrl: "queue" },
  });

type Vars = Record<string, unknown>;

/** A function of variables that gives what the state machine would, by the embedded interpreter. */
const expression = (marked: unknown): ((vars: Vars) => unknown) => {
  const source = /^\{%(.*)%\}$/s.exec(String(marked))?.[1];
  if (source === undefined) throw new Error(`${String(marked)} is no expression`);
  const compiled = new Expression(source);
  return (vars) => compiled.tryFast({ vars, states: {}, now: 0, random: () => 0, locals: undefined });
};

/** How often the definition looks at a run that never ends. */
const looksOf = (graph: StateGraph, floorSeconds: number): number => {
  const { WaitForJobRun: wait, CheckJobRun: check } = graph.states;
  if (wait?.type !== "Wait" || check?.type !== "Choice") throw new Error("The graph does not poll");
  const [seconds, waited, next] = [wait.seconds, wait.assign?.waited, wait.assign?.wait].map(expression);
  const goesOn = expression(check.choices[0]?.condition);
  let vars: Vars = { waited: 0, wait: floorSeconds, jobRun: { JobRunState: "RUNNING" } };
  for (let looks = 1; ; looks += 1) {
    expect(seconds?.(vars)).to.equal(vars.wait);
    vars = { ...vars, waited: waited?.(vars), wait: next?.(vars) };
    if (goesOn(vars) !== true) return looks;
  }
};

describe("The definition's JSONata", () => {
  it("looks at a run as often as the history's rule counts", () => {
    const polling = fc
      .record({
        floorSeconds: fc.integer({ min: 0, max: 60 }),
        more: fc.integer({ min: 1, max: 300 }),
        share: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
      })
      .map(({ floorSeconds, more, share }) => ({ floorSeconds, ceilingSeconds: floorSeconds + more, share }));
    fc.assert(
      fc.property(polling, fc.integer({ min: 1, max: 240 }), (drawn, minutes) => {
        const graph = graphWith(drawn, jobRetryDefaults, minutes);
        expect(looksOf(graph, drawn.floorSeconds)).to.equal(countPolls(minutes * 60, drawn));
      }),
      { numRuns: 60 },
    );
  });

  it("waits between a file's runs for as long as the execution's time-out allows for", () => {
    const retry = fc.record({
      maxAttempts: fc.integer({ min: 1, max: 12 }),
      intervalSeconds: fc.integer({ min: 0, max: 3600 }),
      backoffRate: fc.integer({ min: 10, max: 100 }).map((tenths) => tenths / 10),
    });
    fc.assert(
      fc.property(retry, (drawn) => {
        const { BackOff: backOff } = graphWith(pollingDefaults, drawn).states;
        const seconds = expression(backOff?.type === "Wait" && backOff.seconds);
        const waits = Array.from({ length: drawn.maxAttempts - 1 }, (_, index) =>
          Number(seconds({ attempt: index + 1 })),
        );
        expect(waits.reduce((sum, wait) => sum + wait, 0)).to.equal(secondsBetweenRuns(drawn));
      }),
    );
  });
});

import { readFileSync } from "node:fs";
import { expect } from "chai";
import fc from "fast-check";
import { createFlow } from "../../../../local/capacity/flow/create-flow.ts";
import { anyInlineStage } from "../../../components/stages/generated.ts";
import { definitionOf, type Answerer } from "../../../components/stages/harness.ts";
import { machineOf, scope, type States, task, wait } from "../../states/harness.ts";
import { compiled } from "./compiled.ts";
import { inputOf } from "./inputs.ts";
import { interpreted } from "./interpreted.ts";
import { scriptOf, type Tendencies } from "./scripts.ts";

const golden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../golden/definition.${name}.json`, import.meta.url), "utf8"));

const anyTendencies: fc.Arbitrary<Tendencies> = fc.record({
  seed: fc.nat(),
  failing: fc.constantFrom(0, 0.1, 0.3, 0.7),
  running: fc.constantFrom(0, 0.5, 0.9),
});

const anySize = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 6e9 }) }, fc.constantFrom(0, 1, 5, 6));

describe("A flow", () => {
  for (const name of ["local", "prod", "prod.sync"]) {
    it(`of the definition of ${name} goes as the interpreter does, whatever tasks give`, async () => {
      const definition = golden(name);
      const flow = createFlow(JSON.stringify(definition), { input: inputOf });
      await fc.assert(
        fc.asyncProperty(anyTendencies, anySize, async (tendencies, bytes) => {
          const script = scriptOf(tendencies);
          expect(await compiled(flow, bytes, script)).to.deep.equal(
            await interpreted(definition, inputOf(bytes), script),
          );
        }),
        { numRuns: 40 },
      );
    });
  }

  it("of any stages goes as the interpreter does, whatever tasks give", async () => {
    const anyAnswerer = fc.constantFrom<Answerer>("simulated", "real sync");
    await fc.assert(
      fc.asyncProperty(
        anyInlineStage,
        anyAnswerer,
        anyTendencies,
        anySize,
        async (stage, answerer, tendencies, bytes) => {
          const definition = await definitionOf(stage, { answerer });
          const flow = createFlow(JSON.stringify(definition), { input: inputOf });
          const script = scriptOf(tendencies);
          expect(await compiled(flow, bytes, script)).to.deep.equal(
            await interpreted(definition, inputOf(bytes), script),
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  it("of branches and iterations goes as the interpreter does, however they fail and are tried again", async () => {
    const definition = machineOf(branching);
    const flow = createFlow(definition, { input: inputOf });
    await fc.assert(
      fc.asyncProperty(anyTendencies, async (tendencies) => {
        const script = scriptOf(tendencies);
        expect(await compiled(flow, 7, script)).to.deep.equal(await interpreted(definition, inputOf(7), script));
      }),
      { numRuns: 60 },
    );
  });
});

const retry = [
  { ErrorEquals: ["Broken"], MaxAttempts: 2, JitterStrategy: "FULL" },
  { ErrorEquals: ["States.BranchFailed", "States.Timeout"], IntervalSeconds: 3, MaxAttempts: 1, BackoffRate: 1.5 },
];

/** A Map in a branch of a Parallel that is tried again; half of what fails is caught. */
const branching: States = {
  Before: { Type: "Pass", Assign: { count: 1, items: [1, 2, 3, 4] }, Next: "Side by side" },
  "Side by side": {
    Type: "Parallel",
    Retry: retry,
    Catch: [
      { ErrorEquals: ["States.TaskFailed"], Assign: { error: "{% $states.errorOutput.Error %}" }, Next: "After" },
    ],
    Branches: [
      scope({
        Each: {
          Type: "Map",
          Items: "{% $items %}",
          ItemSelector: { item: "{% $states.context.Map.Item.Value * $count %}" },
          MaxConcurrency: 2,
          ItemProcessor: scope({
            Look: task({ TimeoutSeconds: 5, Retry: retry, End: undefined, Next: "Odd" }),
            Odd: {
              Type: "Choice",
              Choices: [{ Condition: "{% $states.input.JobRunState = 'STOPPED' %}", Next: "Stopped" }],
              Default: "Rest",
            },
            Rest: wait(2),
            Stopped: { Type: "Fail", Error: "Broken", Cause: "{% $string($states.context.Map.Item.Index) %}" },
          }),
          Retry: retry,
          End: true,
        },
      }),
      scope({
        Slow: task({
          Arguments: { tries: "{% $states.context.State.RetryCount %}" },
          HeartbeatSeconds: 4,
          Retry: retry,
          Catch: [{ ErrorEquals: ["Glue.ThrottlingException"], Next: "Rested" }],
          End: undefined,
          Next: "Rested",
        }),
        Rested: wait(3),
      }),
    ],
    Assign: { count: "{% $count + 1 %}" },
    Next: "Again",
  },
  Again: {
    Type: "Choice",
    Choices: [{ Condition: "{% $count < 3 %}", Next: "Side by side" }],
    Default: "After",
  },
  After: task({ Arguments: { count: "{% $count %}", error: "{% $error %}" } }),
};

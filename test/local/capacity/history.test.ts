import { expect } from "chai";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { aDuration, simulated } from "../../support/capacity/simulated.ts";
import { withDefinition } from "../../support/capacity/with-definition.ts";
import { graphOf } from "../../support/stacks.ts";
import { execute, machineOf, type States } from "../states/harness.ts";

/** The program's state machine, but it looks each five seconds for as long as the run goes on: no rule lets it. */
const lookingForEver = async (): Promise<ResourceGraph> =>
  withDefinition(await graphOf("prod", { jobTimeoutMinutes: "600" }), (definition) =>
    definition.replace('"{% $wait %}"', "5").replace('"{% $waited + $wait %}"', "0"),
  );

/** Goes round and round: a wait, and some states that take no time. */
const circle = (passes: number): States => ({
  Pause: { Type: "Wait", Seconds: 5, Next: "Pass 0" },
  ...Object.fromEntries(
    Array.from({ length: passes }, (_, index) => [
      `Pass ${index}`,
      { Type: "Pass", Next: index + 1 < passes ? `Pass ${index + 1}` : "Over" },
    ]),
  ),
  Over: {
    Type: "Choice",
    Choices: [{ Condition: "{% $states.input.isOver = true %}", Next: "Done" }],
    Default: "Pause",
  },
  Done: { Type: "Succeed" },
});

describe("The history of an execution", () => {
  it("has 25,000 events at the most: who looks at a very long run too often fails with the last", async () => {
    const duration = aDuration({ fixed: 5 * 3600 });
    const result = await simulated(await lookingForEver(), { duration });
    expect(result.historyEvents).to.deep.equal({ mean: 25_000, max: 25_000, limit: 25_000 });
    expect(result.outcomes).to.include({ succeeded: 0, failed: 1 });
    // Nine events a look, after some before the first: two thousand and some hundred looks.
    expect(result.latency.max).to.be.within(13_800, 13_900);
    const soonEnough = await simulated(await lookingForEver(), { duration: aDuration({ fixed: 13_800 }) });
    expect(soonEnough.outcomes.succeeded).to.equal(1);
    expect(soonEnough.historyEvents.max).to.be.within(24_800, 25_000);
  });

  // With 27 the last event but one before the end is one more than there may be.
  for (const passes of [26, 27, 28]) {
    it(`ends as the interpreter's does in circles of ${passes + 2} states`, async () => {
      const definition = machineOf(circle(passes));
      const graph = withDefinition(await graphOf("prod"), () => JSON.stringify(definition));
      const there = await execute(definition);
      const here = await simulated(graph, {});
      expect(here.outcomes.failed).to.equal(1);
      expect([here.historyEvents.max, here.latency.max]).to.deep.equal([there.events.length, there.seconds]);
    });
  }
});

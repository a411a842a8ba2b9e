import { expect } from "chai";
import fc from "fast-check";
import { literally } from "../../components/policy.ts";
import { wildcard } from "../../local/iam/wildcard.ts";
import { runPipeline } from "../support/pipeline.ts";
import { graphOf } from "../support/stacks.ts";

describe("Text in a policy's pattern", () => {
  it("stands for itself alone", () => {
    const text = fc.string({ unit: fc.constantFrom("*", "?", "$", "{", "}", "a", "/", "é") });
    fc.assert(
      fc.property(text, text, (prefix, key) => {
        const isAllowed = wildcard(`${literally(prefix)}*`, "Resource");
        expect(isAllowed(prefix + key)).to.be.true;
        expect(isAllowed(key)).to.equal(key.startsWith(prefix));
      }),
    );
  });

  it("lets a job read what lands under a prefix that looks like a pattern", async () => {
    const landingPrefix = "in*/${aws:username}?/";
    const graph = await graphOf("prod", { landingPrefix });
    const simulation = {
      seed: 1,
      startUpSeconds: 1,
      durationSeconds: 1,
      secondsPerMiB: 0,
      failureRate: 0,
      scenarios: [],
    };
    const { executions } = await runPipeline(graph, [{ key: `${landingPrefix}a.csv` }], { simulation });
    expect(executions.map(({ status }) => status)).to.deep.equal(["SUCCEEDED"]);
  });
});

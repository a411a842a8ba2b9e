import { expect } from "chai";
import fc from "fast-check";
import { findScenario, matchesGlob } from "../../../functions/lib/scenario.ts";

describe("matchesGlob", () => {
  for (const [pattern, text, fits] of [
    ["*", "", true],
    ["*", "a/b c.csv", true],
    ["a.csv", "a.csv", true],
    ["a.csv", "axcsv", false],
    ["*.csv", "in/a.csv", true],
    ["*.csv", "in/a.csv.gz", false],
    ["in/*", "in/a/b", true],
    ["in/*", "out/in/a", false],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["ab*ba", "aba", false],
    ["a**c", "abc", true],
    ["[x]?", "[x]?", true],
  ] as const) {
    it(`says that "${pattern}" ${fits ? "fits" : "does not fit"} "${text}"`, () => {
      expect(matchesGlob(pattern, text)).to.equal(fits);
    });
  }

  it("agrees with the same pattern as a regular expression", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "b", ".") });
    const patterns = fc.string({ unit: fc.constantFrom("a", "b", ".", "*") });
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        const expression = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`, "s");
        expect(matchesGlob(pattern, text)).to.equal(expression.test(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("findScenario", () => {
  it("can be of one stage, and of some executions", () => {
    const scenario = { match: "*", stage: "Clean", execution: "orders-*", Throw: { Error: "Glue.Error" } };
    const args = { "--key": "a", "--stage": "Clean", "--execution_name": "orders-1" };
    expect(findScenario([scenario], args)).to.equal(scenario);
    expect(findScenario([scenario], { ...args, "--stage": "Load" })).to.equal(undefined);
    expect(findScenario([scenario], { ...args, "--execution_name": "replay-1" })).to.equal(undefined);
    expect(findScenario([scenario], { "--key": "a" })).to.equal(undefined);
  });

  it("takes the first that fits", () => {
    const all = ["b*", "a*", "*"].map((match) => ({ match, Throw: { Error: match } }));
    expect(findScenario(all, { "--key": "abc" })?.match).to.equal("a*");
    expect(findScenario(all, {})?.match).to.equal("*");
    expect(findScenario(all.slice(0, 1), { "--key": "abc" })).to.equal(undefined);
  });
});

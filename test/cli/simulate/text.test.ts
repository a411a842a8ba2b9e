import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { painted, unpainted } from "../../../cli/render/style.ts";
import { bar } from "../../../cli/simulate/text/bars.ts";
import { comparisonLines } from "../../../cli/simulate/text/comparison-lines.ts";
import { resultLines, scenarioLines } from "../../../cli/simulate/text/result-lines.ts";
import { bestOf, type Variant } from "../../../cli/simulate/variants.ts";
import { aHostileResult, aResult } from "../../support/capacity/result.ts";

const result = aResult();
const withCost = (total: number, p95: number, missing = 0): Variant => ({
  settings: { completion: `${total}` },
  result: aResult({
    cost: { ...result.cost, total },
    latency: { ...result.latency, p95 },
    outcomes: { ...result.outcomes, succeeded: result.outcomes.succeeded - missing, failed: missing },
  }),
});

describe("What npm run simulate prints", () => {
  /** `UPDATE_GOLDEN=1 npm test -- FILE` writes the file anew; what changed shows in the diff. */
  const expectGolden = (name: string, lines: readonly string[]): void => {
    const file = new URL(`../../golden/${name}`, import.meta.url);
    const text = `${lines.join("\n")}\n`;
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(file, text);
    expect(text).to.equal(readFileSync(file, "utf8"));
  };

  it("tells all that was found", () => {
    const lines = [...scenarioLines(result, unpainted), "", ...resultLines(result, 100, unpainted)];
    expectGolden("simulate.txt", lines);
    expect(Math.max(...lines.map(({ length }) => length))).to.be.at.most(105);
  });

  it("compares variants, marks the best and says why others are refused", () => {
    expectGolden(
      "simulate.compared.txt",
      comparisonLines(
        [
          {
            settings: { dispatch: "per-file", completion: "poll" },
            result: aResult({
              latency: { ...result.latency, p50: 61, p95: 92.4 },
              cost: { ...result.cost, total: 14_910.2, perThousandFiles: 14.9102 },
            }),
          },
          { settings: { dispatch: "batch", completion: "poll" }, result },
          { settings: { dispatch: "batch", completion: "evnt" }, refused: "The config of stack prod:\n  - completion" },
        ],
        160,
        unpainted,
      ),
    );
  });

  it("says so where nothing was refused or used up, and in which unit AWS's quota is", () => {
    const lines = resultLines(aResult({ throttles: [], bottleneck: undefined }), 100, unpainted);
    expect(lines).to.include("throttles   none");
    expect(lines).to.include("bottleneck  none: nothing was used up");
    const quota = { resource: "StartExecution", saturated: 1, advice: "Ask AWS.", quota: { name: "x", now: 1300 } };
    expect(resultLines(aResult({ bottleneck: quota }), 100, unpainted)).to.include(
      "            AWS's quota x is 1,300",
    );
  });

  it("lets no text from outside reach the terminal as it is", () => {
    const hostile = aHostileResult();
    const text = [...scenarioLines(hostile, unpainted), ...resultLines(hostile, 100, unpainted)].join("");
    expect(text).to.not.include("\u001b");
    expect([...scenarioLines(result, painted), ...resultLines(result, 100, painted)].join("")).to.include("\u001b[1m");
  });

  it("passes over variants in which fewer files succeed", () => {
    const variants = [withCost(1, 1, 5000), withCost(20, 30, 900), withCost(30, 20), withCost(20, 20)];
    expect(bestOf(variants)).to.deep.equal({ cheapest: variants[1], fastest: variants[2] });
    expect(bestOf([{ settings: {}, refused: "no" }])).to.deep.equal({ cheapest: undefined, fastest: undefined });
  });

  it("draws what is there at all, and no more than there is room", () => {
    expect([0, 0.001, 0.5, 1, 7].map((share) => bar(share, 4))).to.deep.equal(["", "▏", "██", "████", "████"]);
  });
});

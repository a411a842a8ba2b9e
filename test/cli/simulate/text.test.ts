import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
import { painted, unpainted } from "../../../cli/render/style.ts";
import { bar } from "../../../cli/simulate/text/bars.ts";
import { folded } from "../../../cli/simulate/text/fold.ts";
import { comparisonLines } from "../../../cli/simulate/text/comparison-lines.ts";
import { resultLines, scenarioLines } from "../../../cli/simulate/text/result-lines.ts";
import { bestOf, type Variant } from "../../../cli/simulate/variants.ts";
import { verdictsOf } from "../../../cli/simulate/verdict.ts";
import type { CapacityResult } from "../../../local/capacity/result.ts";
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
    const lines = [...scenarioLines(result, 100, unpainted), "", ...resultLines(result, 100, unpainted)];
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
    expect(lines).to.include("bottleneck  none: no limit held files up to speak of");
    const quota = { resource: "StartExecution", saturated: 1, advice: "Ask AWS.", quota: { name: "x", now: 1300 } };
    expect(resultLines(aResult({ bottleneck: quota }), 100, unpainted)).to.include(
      "            AWS's quota x is 1,300",
    );
    const more = { ...quota, quota: { ...quota.quota, atLeast: 2600 } };
    expect(resultLines(aResult({ bottleneck: more }), 100, unpainted)).to.include(
      "            AWS's quota x is 1,300; 2,600 or more would keep up on average",
    );
  });

  it("lets no text from outside reach the terminal as it is", () => {
    const hostile = aHostileResult();
    const text = [...scenarioLines(hostile, 100, unpainted), ...resultLines(hostile, 100, unpainted)].join("");
    expect(text).to.not.include("\u001b");
    expect([...scenarioLines(result, 100, painted), ...resultLines(result, 100, painted)].join("")).to.include(
      "\u001b[1m",
    );
  });

  it("passes over variants in which fewer files succeed", () => {
    const variants = [withCost(1, 1, 5000), withCost(19, 30, 900), withCost(30, 20), withCost(20, 20)];
    expect(bestOf(variants)).to.deep.equal({ cheapest: variants[1], fastest: variants[3] });
    expect(bestOf([{ settings: {}, refused: "no" }])).to.deep.equal({ cheapest: undefined, fastest: undefined });
  });

  it("takes the faster of variants that cost the same, and of those as fast the cheaper", () => {
    const variants = [withCost(20, 40), withCost(20.01, 30), withCost(40, 9.999), withCost(30, 10)];
    expect(bestOf(variants)).to.deep.equal({ cheapest: variants[1], fastest: variants[3] });
  });

  describe("verdicts", () => {
    const onGlue = (total: number, p95: number, batching: number): Variant => ({
      settings: { completion: `${total}` },
      result: aResult({
        cost: { ...result.cost, total, services: { Glue: total - 1, Lambda: 1 } },
        latency: { ...result.latency, p95 },
        phases: [
          { name: "batching", mean: batching, p95: batching, share: 1 },
          { name: "running", mean: 20, p95: 20, share: 0 },
        ],
      }),
    });

    it("set the cheapest against the fastest, and say what makes the difference", () => {
      expect(verdictsOf([onGlue(100, 60, 0), onGlue(5, 180, 90), withCost(1, 1, 5000)])).to.deep.equal([
        {
          on: "cheapest",
          variant: "completion=5",
          says: "costs $5.00 against $100.00 of completion=100; most of it is Glue, $4.00 against $99.00",
        },
        {
          on: "fastest",
          variant: "completion=100",
          says: "p95 60.0 s against 3 min 0 s of completion=5; most of it is batching, 0.0 s against 90.0 s on average",
        },
        { on: "passed over", variant: "completion=1", says: "5,880 files did not succeed" },
      ]);
    });

    it("set the best at both against the next best, and say where there is no difference", () => {
      expect(verdictsOf([onGlue(9, 60, 1), onGlue(5, 60, 0)]).map(({ says }) => says)).to.deep.equal([
        "costs $5.00 against $9.00 of completion=9; most of it is Glue, $4.00 against $8.00",
        "p95 60.0 s, as completion=9",
      ]);
      expect(verdictsOf([onGlue(9, 60, 1), { settings: {}, refused: "no" }])).to.deep.equal([]);
    });
  });

  it("keeps to the terminal's width, and leaves nothing out for it", () => {
    const narrow = [...scenarioLines(result, 60, unpainted), ...resultLines(result, 60, unpainted)];
    expect(narrow.filter((line) => line.length > 60)).to.deep.equal([]);
    const wordsOf = (lines: readonly string[]): string => lines.join(" ").replaceAll(/\s+/g, " ");
    for (const [name, value] of Object.entries({ min: "96.2 s", p90: "6 min 51 s", max: "20 min 43 s" })) {
      expect(wordsOf(narrow)).to.include(`${name} ${value}`);
    }
    expect(wordsOf(narrow)).to.include("412 × Glue Glue.ConcurrentRunsExceededException");

    const variants = [withCost(20, 30), withCost(30, 20)];
    const [wide, middle, small] = [160, 100, 50].map((columns) => comparisonLines(variants, columns, unpainted));
    expect(wide?.[0]).to.match(/ bottleneck$/);
    expect(middle?.[0]).to.match(/ failed$/);
    expect(small?.slice(0, 2)).to.deep.equal(["completion=20  cheapest", "  latency p50 4 min 22 s · p95 30.0 s"]);
    for (const lines of [wide, middle, small]) {
      expect(wordsOf(lines ?? [])).to.include(
        "bottleneck completion=20 and completion=30: concurrent runs of csv-job, used up 31 % of the time. Raise",
      );
    }
    for (const [lines, columns] of [
      [middle, 100],
      [small, 50],
    ] as const) {
      expect((lines ?? []).filter((line) => line.length > columns)).to.deep.equal([]);
    }
  });

  it("tears no number from its unit", () => {
    expect(folded(["a notification takes 1 s, and so on"], 23)).to.deep.equal([
      "a notification takes",
      "1 s, and so on",
    ]);
    expect(folded(["one", "two words", "three"], 15)).to.deep.equal(["one · two words", "three"]);
  });

  it("tells the quotas that were given", () => {
    const { scenario } = result;
    const lines = scenarioLines(aResult({ scenario: { ...scenario, quotas: { glueRunsPerJob: 5 } } }), 100, unpainted);
    expect(lines.at(-1)).to.equal("with dispatch=batch completion=event quota glueRunsPerJob=5");
  });

  it("says of looks and windows how much of the files' time they take: they are not used up", () => {
    const looks = { resource: "looks at job runs", saturated: 0.4, advice: "Hear of it sooner." };
    const firstOf = (bottleneck: CapacityResult["bottleneck"]): string | undefined =>
      resultLines(aResult({ bottleneck }), 100, unpainted).find((line) => line.startsWith("bottleneck"));
    const told = "bottleneck  looks at job runs, 40 % of the time that files take";
    expect(firstOf(looks)).to.equal(told);
    for (const key of ["completion", "batchWindowSeconds", "fileOrder"]) {
      expect(firstOf({ ...looks, setting: { key, now: "as it is" } })).to.equal(told);
    }
    expect(firstOf({ ...looks, quota: { name: "x", now: 1 } })).to.match(/, used up 40 % of the time$/);
  });

  it("draws what is there at all, and no more than there is room", () => {
    expect([0, 0.001, 0.5, 1, 7].map((share) => bar(share, 4))).to.deep.equal(["", "▏", "██", "████", "████"]);
  });
});

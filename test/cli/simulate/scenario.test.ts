import { expect } from "chai";
import { money, percent, scenarioParts, span, time } from "../../../cli/simulate/format.ts";
import { scenarioOf } from "../../../cli/simulate/scenario.ts";
import type { Workload } from "../../../local/capacity/workload.ts";
import { aResult } from "../../support/capacity/result.ts";

const none = { fixed: 0, perFile: 0, perMiB: 0, sigma: 0, startUp: 0, failureRate: 0 };
const workload: Workload = {
  files: 1,
  overSeconds: 86_400,
  arrival: { kind: "even" },
  size: { kind: "fixed", bytes: 1000 },
  duration: none,
  seed: 3,
};

describe("scenarioOf", () => {
  const partsOf = (other: Partial<Workload>, traceFile?: string): readonly string[] => {
    const asked = { stack: "prod", program: "mine", settings: {}, quotas: {}, traceFile };
    return scenarioParts(aResult({ scenario: scenarioOf({ ...workload, ...other }, asked) }));
  };

  it("says in words what lands, when, and how long runs take", () => {
    expect(partsOf({})).to.deep.equal([
      "1 file over 24 h, evenly",
      "1.0 kB each",
      "0 s a run, 0 s to start up",
      "seed 3",
    ]);
    expect(
      partsOf({
        files: 20_000,
        overSeconds: 5400,
        arrival: { kind: "burst", bursts: 2 },
        size: { kind: "lognormal", medianBytes: 1.5 * 1024 ** 3, sigma: 0.5 },
        duration: { fixed: 90, perFile: 0.2, perMiB: 0.015, sigma: 0.3, startUp: 25, failureRate: 0.01 },
      }),
    ).to.deep.equal([
      "20,000 files over 90 min, in 2 bursts",
      "1.5 GiB in the middle, lognormal with sigma 0.5",
      "90.0 s + 0.2 s a file + 0.015 s a MiB a run, varying with sigma 0.3, 25 s to start up, 1 % fail",
      "seed 3",
    ]);
  });

  it("names a trace without its folder", () => {
    const arrival = { kind: "trace", at: Float64Array.of(0) } as const;
    expect(partsOf({ arrival, size: { kind: "trace" } }, "/home/me/landed.csv").slice(0, 2)).to.deep.equal([
      "1 file over 24 h, as in landed.csv",
      "sizes as in landed.csv",
    ]);
  });
});

describe("Figures of npm run simulate", () => {
  it("are times, spans, money and shares as people write them", () => {
    expect([0.04, 59.94, 125, 3661, 200_000].map(time)).to.deep.equal([
      ...["0.0 s", "59.9 s", "2 min 5 s", "1 h 1 min", "2 d 7 h"],
    ]);
    expect([0.5, 30, 90, 120, 5400, 86_400, 172_800, 100_001].map(span)).to.deep.equal([
      ...["0.5 s", "30 s", "90 s", "2 min", "90 min", "24 h", "2 d", "27 h 46 min"],
    ]);
    expect([0, 0.05, 12.345, 14_910.2].map(money)).to.deep.equal(["$0", "$0.0500", "$12.35", "$14,910.20"]);
    expect([0, 0.001, 0.5, 1].map(percent)).to.deep.equal(["0 %", "<1 %", "50 %", "100 %"]);
  });
});

import { expect } from "chai";
import { jobRetryDefaults } from "../../../components/pipeline-definition.ts";
import { maxHistoryEvents, pollingDefaults, type Polling } from "../../../components/polling.ts";
import { map, sequence } from "../../../components/stages/build.ts";
import { jobBounds, largestHistory } from "../../../components/stages/stage-history-rules.ts";
import { stagePolling } from "../../../components/stages/stage-polling.ts";
import type { Stage } from "../../../components/stages/stage.ts";
import { bucketOf, runs } from "./harness.ts";

const boundsWith = (polling: Required<Polling>) => () => jobBounds(120, jobRetryDefaults, { polling });

const jobs = (count: number): Stage =>
  sequence(...Array.from({ length: count }, (_, index) => runs(`Job ${index + 1}`)));

const pollingOf = (stage: Stage, given?: Polling) => stagePolling(stage, given, boundsWith);

describe("How often runs of stages are looked at", () => {
  it("is as often as a single job's where there is room for it", () => {
    expect(pollingOf(jobs(3))).to.deep.equal(pollingDefaults);
  });

  it("is less often with more jobs, so that their execution has room for all that may happen", () => {
    for (const count of [5, 6, 8, 10, 14]) {
      const stage = jobs(count);
      const polling = pollingOf(stage);
      expect(polling.ceilingSeconds, String(count)).to.be.greaterThan(60);
      expect(largestHistory(stage, boundsWith(polling)), String(count)).to.be.at.most(maxHistoryEvents);
    }
    expect(pollingOf(jobs(5)).share).to.equal(0.05);
  });

  it("looks at what each child of a distributed map has room for", () => {
    const all = { objects: { bucket: bucketOf("b"), prefix: "in/" } };
    expect(pollingOf(map("All", { over: all, each: () => jobs(8) }))).to.deep.equal(pollingOf(jobs(8)));
  });

  it("is what the pipeline says", () => {
    expect(pollingOf(jobs(10), { ceilingSeconds: 90, share: 0.07, floorSeconds: 2 })).to.deep.equal({
      floorSeconds: 2,
      ceilingSeconds: 90,
      share: 0.07,
    });
    expect(pollingOf(jobs(10), { share: 0.1 })).to.deep.equal({ floorSeconds: 5, ceilingSeconds: 600, share: 0.1 });
    expect(pollingOf(jobs(3), { floorSeconds: 90 })).to.deep.equal({
      floorSeconds: 90,
      ceilingSeconds: 120,
      share: 0.05,
    });
  });

  it("is as seldom as it can be where nothing helps, so that the rules tell what is still too much", () => {
    expect(pollingOf(jobs(60))).to.deep.equal({ floorSeconds: 5, ceilingSeconds: 600, share: 0.25 });
    expect(pollingOf(jobs(60), { floorSeconds: 700 })).to.deep.equal({ ...pollingDefaults, floorSeconds: 700 });
  });
});

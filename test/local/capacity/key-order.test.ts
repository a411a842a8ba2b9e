import { expect } from "chai";
import { traced } from "../../support/capacity/agreement.ts";
import { embedded, type Landing } from "../../support/capacity/embedded.ts";
import { aDuration, meanOf, simulated } from "../../support/capacity/simulated.ts";
import { graphOf } from "../../support/stacks.ts";

const ordered = { fileOrder: "per-key", maxConcurrentRuns: "1000", completion: "sync" } as const;

describe("Versions of a key in a capacity simulation", () => {
  it("are taken on one after the other", async () => {
    const result = await simulated(await graphOf("prod", ordered), { files: 5, keys: 1 });
    expect(result.outcomes.succeeded).to.equal(5);
    expect(result.peaks.executions).to.equal(1);
    // Seventy seconds each, whose end Step Functions sees when it looks for the second time.
    expect(result.latency).to.include({ min: 120, max: 600, mean: 360 });
    expect(meanOf(result, "queued")).to.equal(240);
  });

  it("do not wait for those of other keys", async () => {
    const result = await simulated(await graphOf("prod", ordered), { files: 5 });
    expect(result.latency).to.include({ min: 120, max: 120 });
    expect(result.peaks.executions).to.equal(5);
    expect(result.cost.assumptions).to.include("each file has a key of its own: no version waits for another");
  });

  it("wait the longer, the fewer keys there are, and only where the program keeps an order", async () => {
    const workload = { files: 300, overSeconds: 3000, arrival: { kind: "poisson" } } as const;
    const graph = await graphOf("prod", ordered);
    const [few, many, own] = [
      await simulated(graph, { ...workload, keys: 30 }),
      await simulated(graph, { ...workload, keys: 300 }),
      await simulated(graph, workload),
    ];
    expect(few.latency.mean).to.be.above(many.latency.mean + 30);
    expect(many.latency.mean).to.be.above(own.latency.mean);
    const { fileOrder, ...unordered } = ordered;
    expect(fileOrder).to.equal("per-key");
    const free = await simulated(await graphOf("prod", unordered), { ...workload, keys: 30 });
    expect(free.latency.max).to.equal(120);
    expect(free.cost.assumptions).to.include(
      "keys make no difference: no order of their versions is kept without fileOrder: per-key",
    );
    expect(few.cost.assumptions.filter((text) => text.includes("versions"))).to.deep.equal([]);
  });

  it("are the bottleneck where files wait for one another, and not where they do not", async () => {
    const workload = { files: 300, overSeconds: 3000, arrival: { kind: "poisson" } } as const;
    const graph = await graphOf("prod", ordered);
    const { bottleneck } = await simulated(graph, { ...workload, keys: 10 });
    expect(bottleneck?.resource).to.equal("the order of each key's versions");
    expect(bottleneck?.setting).to.deep.equal({ key: "fileOrder", now: "per-key" });
    expect(bottleneck?.advice).to.match(/^Take versions on as they come: fileOrder: none; or .*completion: event$/);
    expect((await simulated(graph, workload)).bottleneck?.setting?.key).not.to.equal("fileOrder");
  });

  it("are superseded where a newer one was taken on before, as in the embedded cloud", async () => {
    const graph = await graphOf("prod", {
      ...ordered,
      dispatch: "batch",
      batchMaxFiles: "2",
      batchWindowSeconds: "30",
    });
    // The readers take turns: the first and the third file fill a batch, while the second waits for its window's end.
    const landings: readonly Landing[] = [
      { at: 0, bytes: 8, key: 0 },
      { at: 0, bytes: 8, key: 1, noticed: 0.001 },
      { at: 0, bytes: 8, key: 1 },
    ];
    const here = await simulated(graph, traced(landings));
    expect(here.outcomes).to.deep.equal({ succeeded: 2, failed: 0, rejected: 0, unfinished: 0, superseded: 1 });
    expect(here.failures).to.deep.equal([]);
    expect(here.executions).to.equal(1);
    expect(here.latency).to.include({ min: 30, max: 120 });
    const there = await embedded(graph, landings, aDuration());
    expect(there).to.include({ succeeded: 2, superseded: 1, executions: 1 });
    expect([...there.latencies].sort((a, b) => a - b)).to.deep.equal([30.001, 120, 120]);
  });
});

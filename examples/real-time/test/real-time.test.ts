import { expect } from "chai";
import { countPolls, maxHistoryEvents } from "../../../components/polling.ts";
import type { Resource } from "../../../local/resource-graph.ts";
import { expectedOf, sample, Shop, shopGraph, type Step } from "./shop.ts";

const files = [sample(1), sample(2), sample(3)];

/** The samples, five minutes apart, as their events are. */
const landing: readonly Step[] = files.map((text, index) => ({
  at: index * 300,
  does: (shop) => shop.land(`clicks-${index + 1}.jsonl`, text),
}));

describe("The real-time example", () => {
  for (const stack of ["local", "prod"] as const) {
    describe(`on the stack ${stack}`, () => {
      let shop: Shop;
      before(async () => {
        shop = await Shop.run(await shopGraph(stack), landing);
      });

      it("counts each event once, in the window of its own time, as SQL does over the files", async () => {
        const late = await shop.lateIds();
        expect(await shop.windows()).to.deep.equal(await expectedOf(files, late));
      });

      it("sets aside what comes when its window is closed, and nothing else", async () => {
        const lines = await shop.lines("late/");
        const users = new Set(lines.map(({ event }) => (event as { readonly userId: string }).userId));
        expect([...users]).to.deep.equal(["u-offline"]);
        expect(await shop.lateIds()).to.have.length(6);
      });

      it("sets aside what is no event, with its reason", async () => {
        const reasons = (await shop.lines("rejected/")).map(({ reason }) => reason);
        expect(reasons).to.have.members([
          "it is no JSON object",
          'there is no product "p99"',
          'action must be one of view, cart, purchase, got "refund"',
        ]);
      });

      it("ends once the streams are quiet", () => {
        for (const job of ["enrich", "aggregate"] as const) {
          const states = shop.runs(job).map(({ JobRunState }) => JobRunState);
          expect(new Set(states)).to.deep.equal(new Set(["SUCCEEDED"]));
        }
        expect(shop.executions("stateMachineArn")).to.deep.equal(
          ["SUCCEEDED", "SUCCEEDED", "SUCCEEDED"].map(() => "succeeded"),
        );
        expect(
          shop.cloud.queues[Object.keys(shop.cloud.queues).find((name) => name.includes("job-failures")) ?? ""],
        ).to.deep.equal([]);
      });
    });
  }

  it("closes the windows that the watermark has passed, and leaves the others open", async () => {
    const shop = await Shop.run(await shopGraph(), landing);
    const closed = await shop.windows("epoch_ms(window_start) AS window_start, category, is_final");
    const open = closed.filter(([, , isFinal]) => isFinal === false).map(([at]) => Number(at));
    const final = closed.filter(([, , isFinal]) => isFinal === true).map(([at]) => Number(at));
    expect(Math.max(...final)).to.be.below(Math.min(...open));
    // The newest event is from 09:12, and five minutes are allowed.
    expect(new Date(Math.min(...open)).toISOString()).to.equal("2026-01-05T09:06:00.000Z");
  });
});

describe("The keepers of the real-time example", () => {
  it("are the same on both stacks but for what their tasks call", async () => {
    const [local, prod] = await Promise.all((["local", "prod"] as const).map((stack) => definitionsOf(stack)));
    expect(local).to.deep.equal(prod);
    expect(local).to.have.length(3);
  });

  it("have room in an execution's history for a run of seven days, each look a try", async () => {
    const graph = await shopGraph();
    const isKeeper = ({ type, name }: Resource): boolean =>
      type === "aws:sfn/stateMachine:StateMachine" && name === "clicks-enrich-keeper";
    const keeper = String(graph.resources.find(isKeeper)?.properties.definition);
    expect(keeper).to.include("$min([300,");
    // Wait, GetJobRun and CheckJobRun: two, five and two events.
    const looks = countPolls(10_080 * 60, { floorSeconds: 10, ceilingSeconds: 300, share: 0.05 });
    expect(looks * 9).to.be.below(maxHistoryEvents - 1000);
  });
});

/** A job's name has a part that is made up, and a simulated job's is its table's. */
const definitionsOf = async (stack: "local" | "prod"): Promise<readonly unknown[]> => {
  const config = { "real-time:stopAfterIdleMinutes": "5", "real-time:maxRecordsPerShard": "100" };
  const graph = await shopGraph(stack, config);
  return graph.resources
    .filter(({ type }) => type === "aws:sfn/stateMachine:StateMachine")
    .map(
      ({ properties }) =>
        JSON.parse(String(properties.definition), (key, value: unknown) =>
          ["Resource", "JobName", "jobName"].includes(key) ? "…" : value,
        ) as unknown,
    );
};

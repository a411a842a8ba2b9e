import { expect } from "chai";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { expectedOf, products, sample, Shop, shopGraph, type Step } from "./shop.ts";

const files = [sample(1), sample(2), sample(3)];
const land = (number: 1 | 2 | 3, at: number, key = `clicks-${number}.jsonl`): Step => ({
  at,
  does: (shop) => shop.land(key, sample(number)),
});
// Close enough for the jobs not to find their streams quiet in between.
const landing: readonly Step[] = [land(1, 0), land(2, 250), land(3, 500)];

const removeProducts = (at: number): Step => ({
  at,
  does: (shop) =>
    shop.cloud.asUser.call("s3", "deleteObject", {
      Bucket: shop.output("dataBucket"),
      Key: "reference/products.csv",
    }),
});
const restoreProducts = (at: number): Step => ({
  at,
  does: (shop) => shop.putData("reference/products.csv", products),
});

/** Every event that is not late is in its window, once. */
const expectAllCounted = async (shop: Shop): Promise<void> => {
  const late = [...new Set(await shop.lateIds())];
  expect(late).to.have.length(6);
  expect(await shop.windows()).to.deep.equal(await expectedOf(files, late));
};

const statesOf = (shop: Shop, job: "enrich" | "aggregate"): readonly (string | undefined)[] =>
  shop.runs(job).map(({ JobRunState }) => JobRunState);

const failureReports = (shop: Shop): readonly Readonly<Record<string, unknown>>[] => {
  const [, messages = []] = Object.entries(shop.cloud.queues).find(([name]) => name.includes("job-failures")) ?? [];
  return messages.map(({ body }) => JSON.parse(body) as Readonly<Record<string, unknown>>);
};

describe("The real-time example, when things go wrong", () => {
  let graph: ResourceGraph;
  before(async () => {
    graph = await shopGraph();
  });

  it("starts a job again that fails in the middle, and loses and doubles nothing", async () => {
    const shop = await Shop.run(graph, [...landing, removeProducts(240), restoreProducts(370)]);
    const states = statesOf(shop, "enrich");
    expect(states.filter((state) => state === "FAILED").length).to.be.within(1, 4);
    expect(states.at(-1)).to.equal("SUCCEEDED");
    const failed = shop.runs("enrich").find(({ JobRunState }) => JobRunState === "FAILED");
    expect(failed?.ErrorMessage).to.match(/^AccessDenied: .*reference\/products\.csv/);
    expect(shop.executions("enrichKeeperArn")).to.include("followed");
    expect(failureReports(shop)).to.deep.equal([]);
    await expectAllCounted(shop);
  });

  it("gives a job up that keeps failing, tells of it, and goes on where it was when the next file lands", async () => {
    const steps = [land(1, 0), removeProducts(240), land(2, 250), restoreProducts(3600), land(3, 3700)];
    const shop = await Shop.run(graph, steps);
    // Two keepers find the job broken: the one that watched it, and that of the file that has landed since.
    expect(statesOf(shop, "enrich").filter((state) => state === "FAILED")).to.have.length(10);
    expect(shop.executions("enrichKeeperArn").filter((outcome) => outcome === "FAILED")).to.have.length(2);
    const reports = failureReports(shop);
    expect(reports).to.have.length(2);
    for (const report of reports) {
      expect(report).to.deep.include({ outcome: "failed", failures: 5, error: "JobRun.FAILED" });
      expect(report.cause).to.match(/^AccessDenied: /);
    }
    await expectAllCounted(shop);
  });

  it("stops a job's run with its keeper's execution, and keeps what comes meanwhile in the stream", async () => {
    const abort: Step = {
      at: 255,
      does: async ({ cloud, events }) => {
        const started = events.flatMap((event) => (event.kind === "execution-started" ? [event.executionArn] : []));
        const ended = events.flatMap((event) => (event.kind === "execution-ended" ? [event.executionArn] : []));
        const arns = started.filter((arn) => arn.includes(":clicks-enrich-keeper-") && !ended.includes(arn));
        expect(arns).to.have.length.greaterThan(0);
        for (const executionArn of arns) await cloud.asUser.call("states", "stopExecution", { executionArn });
      },
    };
    const shop = await Shop.run(graph, [land(1, 0), land(2, 250), abort, land(3, 1500)]);
    expect(shop.executions("enrichKeeperArn")).to.include("ABORTED");
    const [stopped, next, ...others] = shop.runs("enrich");
    expect(await shop.stateOf(stopped)).to.equal("STOPPED");
    expect(next?.JobRunState).to.equal("SUCCEEDED");
    expect(others).to.deep.equal([]);
    expect(new Set(failureReports(shop).map(({ error }) => error))).to.deep.equal(new Set(["Execution.ABORTED"]));
    await expectAllCounted(shop);
  });

  it("lets a stopped run be: its keeper starts no other", async () => {
    const stop = graph.resources.find(
      ({ type, name }) => type === "aws:lambda/function:Function" && name === "clicks-enrich-stop",
    );
    const steps: readonly Step[] = [
      land(1, 0),
      {
        at: 60,
        does: ({ cloud, events }) => {
          const run = events
            .flatMap((event) => (event.kind === "job-run" ? [event.run] : []))
            .find(({ JobName }) => JobName?.startsWith("clicks-enrich-"));
          const Payload = JSON.stringify({ JobName: run?.JobName, JobRunIds: [run?.Id] });
          return cloud.asUser.call("lambda", "invoke", { FunctionName: stop?.properties.name, Payload });
        },
      },
    ];
    const shop = await Shop.run(graph, steps);
    expect(statesOf(shop, "enrich")).to.deep.equal(["STOPPED"]);
    expect(shop.executions("enrichKeeperArn")).to.deep.equal(["ended"]);
    expect(failureReports(shop)).to.deep.equal([]);
  });

  it("counts once what S3 tells twice, and what the app uploads again", async () => {
    const shop = await Shop.run(graph, [...landing, land(3, 600, "again.jsonl")], {
      deliveries: () => [0, 45_000],
    });
    expect(shop.executions("stateMachineArn")).to.have.length(4);
    await expectAllCounted(shop);
  });

  describe("with one shard and short runs", () => {
    let busy: Shop;
    before(async () => {
      const config = {
        "real-time:shards": "1",
        "real-time:jobTimeoutMinutes": "4",
        "real-time:stopAfterIdleMinutes": "3",
      };
      busy = await Shop.run(await shopGraph("local", config), [land(1, 0), land(2, 0), land(3, 170)]);
    });

    it("sends again what a busy shard turns away", async () => {
      const logs = busy.events.flatMap((event) => (event.kind === "function-log" ? [event.entry] : []));
      const turnedAway = logs.filter(({ message }) => message === "published").map((entry) => Number(entry.turnedAway));
      expect(turnedAway).to.have.length(3);
      expect(Math.max(...turnedAway)).to.be.greaterThan(0);
      await expectAllCounted(busy);
    });

    it("follows a run whose time is over with another, that goes on at the checkpoint", () => {
      const states = statesOf(busy, "enrich");
      expect(states).to.deep.equal(["TIMEOUT", "SUCCEEDED"]);
      expect(busy.executions("enrichKeeperArn")).to.include("followed");
    });
  });
});

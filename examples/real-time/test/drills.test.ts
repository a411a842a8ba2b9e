import { expect } from "chai";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { ServiceError } from "../../../local/services/service.ts";
import { interfere, throttle, type Throttling } from "../../../test/support/interference.ts";
import { messagesIn } from "../../../test/support/pipeline.ts";
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

type Failure = Readonly<Record<string, unknown>>;

/** Jobs that were given up. */
const failureReports = (shop: Shop): readonly Failure[] =>
  messagesIn(shop.cloud, "clicks-job-failures") as readonly Failure[];

/** Files that have come to nothing. */
const fileFailures = (shop: Shop): readonly Failure[] =>
  messagesIn(shop.cloud, "clicks-failures") as readonly Failure[];

/** From then on a service refuses calls. */
const refusing = (at: number, throttling: Throttling): Step => ({
  at,
  does: ({ cloud }) => {
    throttle(cloud, throttling);
    return Promise.resolve();
  },
});

/** Starts an execution as the one failure that is kept says, as a person would. */
const replay = (at: number): Step => ({
  at,
  does: async (shop) => {
    const [failure, ...others] = fileFailures(shop);
    expect(others).to.deep.equal([]);
    const stateMachineArn = shop.output("stateMachineArn");
    await shop.cloud.asUser.startExecution({
      stateMachineArn,
      name: "replay-1",
      input: JSON.stringify(failure?.replay),
    });
  },
});

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

  it("keeps a file that could be published in part only; the replay publishes it, and nothing counts twice", async () => {
    // The first of the two calls that the second file takes has gone through.
    const breaking: Step = {
      at: 240,
      does: ({ cloud }) => {
        let calls = 0;
        interfere(cloud, ({ operation, input, proceed }) => {
          const isOfFile = operation === "putRecords" && JSON.stringify(input).includes("clicks-clicks");
          if (isOfFile && ++calls === 2) throw new ServiceError("KMSAccessDeniedException", "the key is gone");
          return proceed();
        });
        return Promise.resolve();
      },
    };
    const shop = await Shop.run(graph, [land(1, 0), breaking, land(2, 250), replay(300), land(3, 500)]);
    expect(shop.executions("stateMachineArn")).to.deep.equal(["succeeded", "FAILED", "succeeded", "succeeded"]);
    const [failure] = fileFailures(shop);
    expect(failure).to.deep.include({ outcome: "failed", stage: "Publish", error: "KMSAccessDeniedException" });
    expect((failure?.file as { readonly key: string }).key).to.equal("incoming/clicks-2.jsonl");
    expect(failureReports(shop)).to.deep.equal([]);
    await expectAllCounted(shop);
  });

  it("publishes a file that was aborted in the middle once more in a replay, and counts nothing twice", async () => {
    const aborting: Step = {
      at: 240,
      does: ({ cloud, events }) => {
        const restore = interfere(cloud, async ({ operation, input, proceed }) => {
          const answer = await proceed();
          if (operation === "putRecords" && JSON.stringify(input).includes("clicks-clicks")) {
            restore();
            const last = events.findLast(
              (event) => event.kind === "execution-started" && event.name.startsWith("clicks-2"),
            );
            if (last?.kind !== "execution-started") throw new Error("no execution");
            void cloud.asUser.call("states", "stopExecution", { executionArn: last.executionArn });
          }
          return answer;
        });
        return Promise.resolve();
      },
    };
    const shop = await Shop.run(graph, [land(1, 0), aborting, land(2, 250), replay(300), land(3, 500)]);
    expect(shop.executions("stateMachineArn")).to.deep.equal(["succeeded", "ABORTED", "succeeded", "succeeded"]);
    expect(fileFailures(shop)[0]).to.deep.include({ outcome: "failed", error: "Execution.ABORTED" });
    // The jobs are everybody's: they go on.
    expect(failureReports(shop)).to.deep.equal([]);
    expect([...statesOf(shop, "enrich"), ...statesOf(shop, "aggregate")]).to.not.include("STOPPED");
    await expectAllCounted(shop);
  });

  for (const [job, throttling] of [
    ["aggregate", { service: "s3", operation: "putObject", where: /windows\//, error: "SlowDown", times: 2 }],
    [
      "aggregate",
      { service: "s3", operation: "putObject", where: /checkpoints\/aggregate/, error: "SlowDown", times: 2 },
    ],
    ["aggregate", { service: "s3", operation: "putObject", where: /late\//, error: "SlowDown", times: 2 }],
    ["enrich", { service: "s3", operation: "putObject", where: /checkpoints\/enrich/, error: "SlowDown", times: 2 }],
    ["enrich", { service: "s3", operation: "putObject", where: /rejected\//, error: "SlowDown", times: 1 }],
    [
      "enrich",
      {
        service: "kinesis",
        operation: "putRecords",
        where: /clicks-enriched/,
        error: "ProvisionedThroughputExceededException",
        times: 2,
      },
    ],
  ] as const satisfies readonly (readonly ["enrich" | "aggregate", Throttling])[]) {
    const what = `${throttling.service}'s ${throttling.operation} of ${throttling.where.source}`;
    it(`starts ${job} again where ${what} is throttled, and counts each event once`, async () => {
      const shop = await Shop.run(graph, [...landing, refusing(200, throttling)]);
      const states = statesOf(shop, job);
      expect(states.filter((state) => state === "FAILED")).to.have.length(throttling.times);
      expect(states.at(-1)).to.equal("SUCCEEDED");
      expect(statesOf(shop, job === "enrich" ? "aggregate" : "enrich")).to.not.include("FAILED");
      expect([...fileFailures(shop), ...failureReports(shop)]).to.deep.equal([]);
      await expectAllCounted(shop);
    });
  }

  it("sets each line of a file aside that holds no events, and counts those of the others", async () => {
    const poison: Step = {
      at: 100,
      does: (shop) => shop.land("poison.jsonl", '\u0000\u0001PNG\n[1]\n"text"\n{"userId": ""}\n'),
    };
    const shop = await Shop.run(graph, [...landing, poison]);
    const rejected = await shop.lines("rejected/");
    expect(rejected.filter(({ text }) => /PNG|^\[1\]$|^"text"$|^\{"userId": ""\}$/.test(String(text)))).to.have.length(
      4,
    );
    expect(shop.executions("stateMachineArn")).to.deep.equal(Array.from({ length: 4 }, () => "succeeded"));
    await expectAllCounted(shop);
  });

  it("keeps a file with a line that no stream takes, and counts those of the others", async () => {
    const poison: Step = { at: 100, does: (shop) => shop.land("poison.jsonl", "x".repeat(1_100_000)) };
    const shop = await Shop.run(graph, [...landing, poison]);
    const [failure, ...others] = fileFailures(shop);
    expect(others).to.deep.equal([]);
    expect(failure).to.deep.include({ outcome: "failed", stage: "Publish" });
    expect(failure?.cause).to.match(/must be at most 1048576 bytes/);
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

import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { Scenario } from "../../../functions/lib/job-definition.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { throttle } from "../../../test/support/interference.ts";
import { start } from "../../../test/support/jobs.ts";
import { cloudOf, notificationsIn, type PipelineRun } from "../../../test/support/pipeline.ts";
import {
  expectedRevenue,
  failuresIn,
  graphOf,
  revenueOf,
  sample,
  simulationOf,
  sizes,
  statesOf,
  type Failure,
} from "./sizes.ts";

type Cloud = PipelineRun["cloud"];

/** Every size has had one run, which ended so. */
const each = (state: string): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(sizes.map((size) => [size, [state]]));

/** The program on the embedded cloud; what lands is the sample, unless something else is said. */
class Drill {
  readonly cloud: Cloud;
  readonly events: PipelineRun["events"];
  readonly #clock: VirtualClock;
  readonly #outputs: Readonly<Record<string, unknown>>;

  private constructor(
    run: Pick<PipelineRun, "cloud" | "events">,
    clock: VirtualClock,
    outputs: Readonly<Record<string, unknown>>,
  ) {
    this.cloud = run.cloud;
    this.events = run.events;
    this.#clock = clock;
    this.#outputs = outputs;
  }

  static async of(...scenarios: readonly Scenario[]): Promise<Drill> {
    const graph = await graphOf("prod");
    const clock = new VirtualClock(start);
    const run = await cloudOf(graph, { clock, simulation: simulationOf(900, scenarios) });
    return new Drill(run, clock, graph.outputs);
  }

  async land(name: string, body: string | Uint8Array = readFileSync(sample)): Promise<void> {
    const Bucket = String(this.#outputs.landingBucket);
    await this.cloud.asUser.putObject({ Bucket, Key: `incoming/${name}`, Body: Buffer.from(body) });
  }

  async take(name: string, body?: string | Uint8Array): Promise<void> {
    await this.land(name, body);
    await this.cloud.settle();
  }

  async pass(seconds: number): Promise<void> {
    await this.#clock.spawn(() => this.#clock.sleep(seconds * 1000));
  }

  async abort(): Promise<void> {
    const begun = this.events.find((event) => event.kind === "execution-started");
    await this.cloud.asUser.call("states", "stopExecution", { executionArn: begun?.executionArn });
  }

  /** The one failure that is kept; nobody was told of another end. */
  get failure(): Failure {
    const [failure, ...others] = failuresIn(this);
    if (failure === undefined || others.length > 0) throw new Error(`${others.length + 1} failures`);
    expect(notificationsIn(this.cloud)).to.deep.equal([failure]);
    return failure;
  }

  /** Goes on as the failure says, as a person would: all sizes are run again, in the folders of the execution that failed. */
  async expectReplayed(failure: Failure): Promise<void> {
    expect(failure.replay.resume).to.deep.include({ from: "Sizes", executionName: failure.executionName });
    await this.cloud.asUser.startExecution({
      stateMachineArn: String(this.#outputs.stateMachineArn),
      name: "replay-1",
      input: JSON.stringify(failure.replay),
    });
    await this.cloud.settle();
    expect(this.ends.at(-1)).to.deep.equal(["replay-1", "SUCCEEDED"]);
    expect(await statesOf(this, "replay-1")).to.deep.equal(each("SUCCEEDED"));
    expect(await revenueOf(this.cloud, failure.executionName)).to.deep.equal(await expectedRevenue());
    expect(failuresIn(this)).to.have.length(1);
  }

  get ends(): readonly (readonly [name: string, status: string])[] {
    return this.events.flatMap((event) => (event.kind === "execution-ended" ? [[event.name, event.status]] : []));
  }
}

describe("The example cost, when things go wrong", function () {
  this.timeout(60_000);

  for (const size of sizes) {
    it(`stops the other sizes where ${size} fails; a replay runs all of them`, async () => {
      const failing = { match: "*", stage: size, execution: "orders-*", Return: { JobRunState: "STOPPED" } } as const;
      const drill = await Drill.of(failing);
      await drill.take("orders.csv");
      const { failure } = drill;
      expect(drill.ends).to.deep.equal([[failure.executionName, "FAILED"]]);
      expect(failure).to.deep.include({ outcome: "failed", stage: size, error: "JobRun.STOPPED" });
      expect(await statesOf(drill)).to.deep.equal(each("STOPPED"));
      expect(await revenueOf(drill.cloud, failure.executionName)).to.deep.equal({});
      await drill.expectReplayed(failure);
    });
  }

  it("runs a size that fails twice at the most, whatever it costs", async () => {
    const drill = await Drill.of({
      match: "*",
      stage: "Medium",
      Return: { JobRunState: "FAILED", ErrorMessage: "no" },
    });
    await drill.take("orders.csv");
    expect(drill.failure).to.deep.include({ stage: "Medium", error: "JobRun.FAILED" });
    const { Medium, ...others } = await statesOf(drill);
    expect(Medium).to.deep.equal(["FAILED", "FAILED"]);
    expect(others).to.deep.equal(
      Object.fromEntries(Object.entries(each("STOPPED")).filter(([size]) => size !== "Medium")),
    );
  });

  it("keeps a poisoned file and its reason, writes nothing of it, and takes those that come after it", async () => {
    const drill = await Drill.of();
    await drill.take("poison.csv", "name,colour\nCup,blue\n");
    const { failure } = drill;
    expect(failure).to.include({ outcome: "failed", error: "JobRun.FAILED" });
    expect(failure.cause).to.contain("the file has no column product, quantity, unit_price");
    expect(await revenueOf(drill.cloud, failure.executionName)).to.deep.equal({});
    await drill.take("orders.csv");
    const [name = "", status] = drill.ends.at(-1) ?? [];
    expect(status).to.equal("SUCCEEDED");
    expect(await revenueOf(drill.cloud, name)).to.deep.equal(await expectedRevenue());
    expect(failuresIn(drill)).to.have.length(1);
  });

  it("starts each run once where Glue is throttled for a while", async () => {
    const drill = await Drill.of();
    const throttled = { service: "glue", error: "ThrottlingException", times: 10 };
    const starts = throttle(drill.cloud, { ...throttled, operation: "startJobRun" });
    const looks = throttle(drill.cloud, { ...throttled, operation: "getJobRun" });
    await drill.take("orders.csv");
    expect([starts(), looks()]).to.deep.equal([0, 0]);
    expect(drill.ends.map(([, status]) => status)).to.deep.equal(["SUCCEEDED"]);
    expect(await statesOf(drill)).to.deep.equal(each("SUCCEEDED"));
    expect(await revenueOf(drill.cloud, drill.ends[0]?.[0] ?? "")).to.deep.equal(await expectedRevenue());
    expect(failuresIn(drill)).to.deep.equal([]);
  });

  it("runs a size again that S3 has throttled, and no other", async () => {
    const drill = await Drill.of();
    throttle(drill.cloud, { service: "s3", operation: "putObject", error: "SlowDown", times: 1 });
    await drill.take("orders.csv");
    expect(drill.ends.map(([, status]) => status)).to.deep.equal(["SUCCEEDED"]);
    const states = Object.values(await statesOf(drill)).map(String);
    expect(states.sort()).to.deep.equal(["FAILED,SUCCEEDED", ...Array.from({ length: 6 }, () => "SUCCEEDED")]);
    expect(await revenueOf(drill.cloud, drill.ends[0]?.[0] ?? "")).to.deep.equal(await expectedRevenue());
  });

  it("gives up where Glue starts nothing any more, stops what runs, and a replay goes on", async () => {
    const scenario: Scenario = {
      match: "*",
      stage: "Flex",
      execution: "orders-*",
      Throw: { Error: "Glue.ThrottlingException", Cause: "Rate exceeded" },
    };
    const drill = await Drill.of(scenario);
    await drill.take("orders.csv");
    const { failure } = drill;
    expect(failure).to.include({ stage: "Flex" });
    expect(failure.cause).to.contain("Rate exceeded");
    const { Flex, ...others } = await statesOf(drill);
    expect(Flex).to.equal(undefined);
    expect(Object.values(others).flat()).to.deep.equal(Array.from({ length: 6 }, () => "STOPPED"));
    await drill.expectReplayed(failure);
  });

  it("stops all runs of an aborted execution, so that none is paid any longer, and a replay comes to the sums", async () => {
    const drill = await Drill.of();
    await drill.land("orders.csv");
    await drill.pass(120);
    await drill.abort();
    await drill.cloud.settle();
    const { failure } = drill;
    expect(drill.ends).to.deep.equal([[failure.executionName, "ABORTED"]]);
    expect(failure).to.include({ outcome: "failed", error: "Execution.ABORTED" });
    for (const size of sizes) expect(failure.cause).to.match(new RegExp(`stopped jr_\\w+ of ${size}\\b`));
    expect(await statesOf(drill)).to.deep.equal(each("STOPPED"));
    expect(await revenueOf(drill.cloud, failure.executionName)).to.deep.equal({});
    await drill.expectReplayed(failure);
  });
});

import { expect } from "chai";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { expectedOf, rowsThatCount, type Files } from "./reader.ts";
import { day, dayFile, exportName, graphOf, land, live1, live2, Tills, type Step } from "./tills.ts";

const told = { streamed: [live1, live2], exported: { [day]: dayFile } };
const open = { streamed: [live1, live2], exported: {} };
const scenario = (name: string, does: object): Readonly<Record<string, string>> => ({
  maxAttempts: "1",
  simulatedScenarios: JSON.stringify([{ match: `*${exportName}`, execution: name, ...does }]),
});

const putData = (at: number, key: string, text: string): Step => ({
  at,
  does: (tills) =>
    tills.cloud.asUser.putObject({ Bucket: tills.output("liveBucket"), Key: key, Body: Buffer.from(text) }),
});
const removeData = (at: number, key: string): Step => ({
  at,
  does: (tills) => tills.cloud.asUser.call("s3", "deleteObject", { Bucket: tills.output("liveBucket"), Key: key }),
});

const manifests = (tills: Tills): Promise<readonly string[]> => tills.keysIn("outputBucket", "payments/manifests/");

describe("The batch-and-stream example, when things go wrong", () => {
  let graph: ResourceGraph;
  before(async () => {
    graph = await graphOf();
  });

  describe("with the load", () => {
    const steps = [land(0, "1.jsonl", live1), land(100, "2.jsonl", live2), land(300, exportName, dayFile)];

    it("goes on counting what the stream has told where it fails, and a replay loads the day", async () => {
      const failing = scenario("payments-*", { Return: { JobRunState: "FAILED", ErrorMessage: "told to fail" } });
      const tills = await Tills.run(await graphOf("local", failing), steps);
      const [failure, ...others] = tills.failures("payments-failures");
      expect(others).to.deep.equal([]);
      expect(failure).to.deep.include({ stage: "Load day", error: "JobRun.FAILED" });
      expect(failure?.cause).to.contain("told to fail");
      expect(await manifests(tills)).to.deep.equal([]);
      expect(await tills.payments()).to.deep.equal(await expectedOf(open));

      if (failure) await tills.replay(failure);
      expect(tills.states("payments-load-day")).to.deep.equal(["FAILED", "SUCCEEDED"]);
      expect(await tills.payments()).to.deep.equal(await expectedOf(told));
    });

    it("gives it up where Glue keeps turning it away, and a replay loads the day", async () => {
      const busy = scenario("payments-*", { Throw: { Error: "Glue.ThrottlingException", Cause: "Rate exceeded" } });
      const tills = await Tills.run(await graphOf("local", busy), steps);
      const [failure] = tills.failures("payments-failures");
      expect(failure).to.deep.include({ stage: "Load day" });
      expect(failure?.cause).to.contain("Rate exceeded");
      expect(await tills.payments()).to.deep.equal(await expectedOf(open));
      if (failure) await tills.replay(failure);
      expect(await tills.payments()).to.deep.equal(await expectedOf(told));
    });

    it("stops its run where its execution is aborted, before anything has changed", async () => {
      const abort: Step = {
        at: 312,
        does: (tills) => tills.abort("payments-"),
      };
      const tills = await Tills.run(graph, [...steps, abort]);
      expect(tills.states("payments-load-day")).to.deep.equal(["RUNNING"]);
      const [failure] = tills.failures("payments-failures");
      expect(failure).to.deep.include({ error: "Execution.ABORTED", stage: "Load day" });
      expect((failure as { readonly jobRun?: object }).jobRun).to.include({ JobRunState: "STOPPED" });
      expect(await manifests(tills)).to.deep.equal([]);
      expect(await tills.payments()).to.deep.equal(await expectedOf(open));
      if (failure) await tills.replay(failure);
      expect(await tills.payments()).to.deep.equal(await expectedOf(told));
    });

    it("lets the day be where its file is broken, and says what is wrong with it", async () => {
      const poisoned = [...steps.slice(0, 2), land(300, exportName, "payment_id,paid_at,shop\np1,2026-01-05,lyon\n")];
      const tills = await Tills.run(graph, poisoned);
      const [failure] = tills.failures("payments-failures");
      expect(failure?.cause).to.contain("UnreadableFileError: the file has no column amount_cents");
      expect(await manifests(tills)).to.deep.equal([]);
      expect(await tills.payments()).to.deep.equal(await expectedOf(open));
    });

    it("refuses a file whose name has no day", async () => {
      const tills = await Tills.run(graph, [land(0, "payments.csv", dayFile)]);
      const [failure] = tills.failures("payments-failures");
      expect(failure?.cause).to.contain("its name must end with the day, like 2026-01-05.csv");
    });

    it("sets aside rows that are no payments of the day, with their reasons", async () => {
      const tills = await Tills.run(graph, steps);
      const [[, content] = []] = await tills.objects("outputBucket", "payments/_rejected/");
      const [header, ...lines] = Buffer.from(content ?? [])
        .toString("utf8")
        .trim()
        .split("\n");
      expect(header).to.equal("line,reason,content");
      expect(lines.map((line) => line.split(",").slice(0, 3).join(","))).to.deep.equal([
        `102,"column ""amount_cents"": not a bigint","p5-bad`,
        `202,"paid_at is not of 2026-01-05","p6-early`,
      ]);
    });

    it("counts the same where only the cleaning up fails, and a replay does no more than that", async () => {
      // The manifests of the day cannot be read for a while: one of them is none.
      const key = `payments/manifests/day=${day}/0000000000.json`;
      const asUser = (tills: Tills, call: "putObject" | "deleteObject"): Promise<unknown> => {
        const Bucket = tills.output("outputBucket");
        return call === "putObject"
          ? tills.cloud.asUser.putObject({ Bucket, Key: key, Body: Buffer.from("broken") })
          : tills.cloud.asUser.call("s3", "deleteObject", { Bucket, Key: key });
      };
      const tills = await Tills.run(graph, [...steps, { at: 400, does: (to) => asUser(to, "putObject") }]);
      const [failure] = tills.failures("payments-failures");
      expect(failure).to.deep.include({ stage: "Clean up" });
      await asUser(tills, "deleteObject");
      expect(await tills.payments()).to.deep.equal(await expectedOf(told));
      expect(await tills.keysIn("liveBucket", `live/day=${day}/`)).to.not.be.empty;
      if (failure) await tills.replay(failure);
      expect(tills.states("payments-load-day")).to.deep.equal(["SUCCEEDED"]);
      expect(await tills.keysIn("liveBucket", `live/day=${day}/`)).to.be.empty;
      expect(await tills.payments()).to.deep.equal(await expectedOf(told));
    });
  });

  describe("with the stream", () => {
    it("starts the streaming job again that fails in the middle, and loses and doubles nothing", async () => {
      // A checkpoint that cannot be read, for two minutes.
      const broken = "checkpoint/commits/9999999999.json";
      const tills = await Tills.run(graph, [
        land(0, "1.jsonl", live1),
        putData(90, broken, "broken"),
        land(100, "2.jsonl", live2),
        removeData(220, broken),
        land(600, exportName, dayFile),
      ]);
      const states = tills.states("payments-live");
      expect(states).to.include("FAILED");
      expect(states.at(-1)).to.equal("SUCCEEDED");
      expect(tills.failures("payments-job-failures")).to.deep.equal([]);
      expect(await tills.payments()).to.deep.equal(await expectedOf(told));
    });

    it("does a batch again that broke off behind its writes, though its day was loaded in between", async () => {
      const looks: Files[] = [];
      // The batch's commit is taken away again, as if it had never been written.
      const tills = await Tills.run(graph, [
        land(0, "1.jsonl", live1),
        removeData(90, "checkpoint/commits/0000000001.json"),
        land(100, exportName, dayFile),
        land(200, "2.jsonl", live2),
        { at: 300, does: async (to) => looks.push(await to.files()) },
        land(3600, exportName, dayFile),
      ]);
      const shown = tills.events.flatMap((event) => (event.kind === "function-log" ? [event.entry] : []));
      expect(shown.filter(({ message, batch }) => message === "live" && batch === 1)).to.have.length(2);
      const files: Files = looks[0] ?? new Map<string, string>();
      expect([...files.keys()].filter((name) => name.includes(`live/day=${day}/batch=0000000001`))).to.have.length(1);
      const rows = await rowsThatCount(files);
      expect(new Set(rows.map((row) => row.payment_id)).size).to.equal(rows.length);
      expect(await tills.payments()).to.deep.equal(await expectedOf(told));
    });

    it("sets aside what is no payment, with its reason", async () => {
      const tills = await Tills.run(graph, [land(0, "1.jsonl", live1)]);
      const lines = (await tills.objects("liveBucket", "rejected/")).flatMap(([, content]) =>
        Buffer.from(content).toString("utf8").trim().split("\n"),
      );
      const reasons = lines.map((line) => (JSON.parse(line) as { readonly reason: string }).reason);
      expect(reasons).to.have.members(["it is no JSON object", "paid_at must be a time in ISO 8601"]);
    });

    it("sends again what a busy shard turns away", async () => {
      const small = await graphOf("local", { "batch-and-stream:shards": "1" });
      const many = Array.from({ length: 1500 }, (_, index) =>
        JSON.stringify({
          payment_id: `p7-${index}`,
          paid_at: `2026-01-07T10:${String(index % 60).padStart(2, "0")}:00Z`,
          shop: "lyon",
          amount_cents: index,
        }),
      ).join("\n");
      const tills = await Tills.run(small, [land(0, "many.jsonl", many)]);
      const logs = tills.events.flatMap((event) => (event.kind === "function-log" ? [event.entry] : []));
      const [published] = logs.filter(({ message }) => message === "published");
      expect(Number(published?.turnedAway)).to.be.greaterThan(0);
      expect(await tills.payments()).to.deep.equal(await expectedOf({ streamed: [many], exported: {} }));
    });

    it("has payments of days that it has forgotten wait for their load", async () => {
      const short = await graphOf("local", { "batch-and-stream:rememberedDays": "1" });
      const steps = [land(0, "1.jsonl", live2), land(100, "2.jsonl", live1)];
      const tills = await Tills.run(short, steps);
      expect(await tills.keysIn("liveBucket", `late/day=${day}/`)).to.not.be.empty;
      const counted = new Set((await tills.payments()).map((row) => row.payment_id));
      expect(counted).to.not.include("p5-0100");
      const loaded = await Tills.run(short, [...steps, land(200, exportName, dayFile)]);
      expect(await loaded.payments()).to.deep.equal(await expectedOf(told));
      expect(await loaded.keysIn("liveBucket", `late/day=${day}/`)).to.be.empty;
    });
  });
});

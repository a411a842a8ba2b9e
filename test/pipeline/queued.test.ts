import { expect } from "chai";
import { readFileEntries } from "../../cli/run/file-entries.ts";
import type { FileEntry } from "../../functions/lib/queued/file-entry.ts";
import { VirtualClock } from "../../local/clock.ts";
import { evaluate } from "../../local/evaluate.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { ServiceError } from "../../local/services/service.ts";
import { interfere } from "../support/interference.ts";
import { aSimulation, start } from "../support/jobs.ts";
import { bodiesIn, cloudOf, jobRunsIn, runPipeline, type PipelineRun } from "../support/pipeline.ts";
import { statementsOf, type PolicyStatement } from "../support/least-privilege.ts";
import { graphOf, projectDirectory, resourcesOf } from "../support/stacks.ts";

type Config = Readonly<Record<string, string>>;

const hour = 3_600_000;
const simulation = aSimulation();
const graphFor = (stack: string, config: Config): Promise<ResourceGraph> =>
  graphOf(stack, { simulatedFailureRate: "0", ...config });

const ways: Readonly<Record<string, Config>> = {
  "in batches": { dispatch: "batch" },
  "with all that there is": {
    dispatch: "batch",
    maxConcurrentExecutions: "2",
    fileOrder: "per-key",
    observability: "true",
    security: "true",
  },
  "one by one, with a ledger": { ledger: "true", completion: "sync" },
  "one by one, in order and not too many at once": { maxConcurrentExecutions: "2", fileOrder: "per-key" },
};

const filesNamed = (...names: readonly string[]) => names.map((name) => ({ key: `incoming/${name}` }));

/** What the ledger knows, by the files' names. */
const entriesOf = async ({ cloud }: Pick<PipelineRun, "cloud">, graph: ResourceGraph) => {
  const entries = await readFileEntries(cloud, graph);
  return Object.fromEntries(entries.map((entry) => [entry.file.key.replace("incoming/", ""), entry] as const));
};

const statesOf = (entries: Readonly<Record<string, FileEntry>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(entries).map(([name, { state }]) => [name, state]));

const urns = ({ resources }: ResourceGraph): readonly string[] => resources.map(({ urn }) => urn).sort();

/** How many executions there were at once at the most; one that tells of its end has one state left, which takes no time. */
const mostAtOnce = ({ events }: PipelineRun): number => {
  const steps = events.flatMap(({ kind, at }) => {
    if (kind === "execution-started") return [{ at, by: 1 }];
    return kind === "execution-ended" ? [{ at, by: -1 }] : [];
  });
  let [open, most] = [0, 0];
  for (const { by } of steps.sort((a, b) => a.at - b.at || a.by - b.by)) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
};

for (const [way, config] of Object.entries(ways)) {
  describe(`Files that are taken on ${way}`, () => {
    it("make a preview register what an update does, and allow no action by wildcard", async () => {
      const graph = await graphFor("prod", config);
      const given = { simulatedFailureRate: "0", ...config };
      const previewed = await evaluate({ directory: projectDirectory, stack: "prod", config: given, preview: true });
      expect(urns(previewed)).to.deep.equal(urns(graph));
      const statements = resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy").flatMap(
        (policy) => statementsOf(policy) as readonly (PolicyStatement & { readonly Resource: readonly string[] })[],
      );
      expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).to.deep.equal([]);
      const broad = statements.filter(({ Resource }) => Resource.includes("*")).map(({ Sid }) => Sid);
      expect(broad).to.have.members(["DeliverLogs", "PutMetrics"]);
    });

    for (const stack of ["local", "prod"]) {
      it(`all come to their end on the ${stack} stack, once each, however often they are told of`, async () => {
        const graph = await graphFor(stack, config);
        const run = await runPipeline(graph, filesNamed("a.csv", "b.csv", "c.csv", "wrong.pdf"), {
          simulation,
          deliveries: () => [0, 0, 5000, 2 * hour],
        });
        const entries = await entriesOf(run, graph);
        expect(statesOf(entries)).to.deep.equal({
          "a.csv": "succeeded",
          "b.csv": "succeeded",
          "c.csv": "succeeded",
          "wrong.pdf": "rejected",
        });
        const runs = config.dispatch === "batch" ? 1 : 3;
        expect(jobRunsIn(run.events)).to.have.length(runs);
        const { output, ...a } = entries["a.csv"] ?? {};
        expect(a).to.include({ attempts: 1, generation: 0 });
        expect(await run.text("outputBucket", `${output?.prefix ?? ""}part-00000.parquet`)).to.match(/^PAR1/);
        expect(Object.values(run.cloud.queues).flat()).to.deep.equal([], "nothing is left in a queue");
      });
    }
  });
}

for (const stack of ["local", "prod"]) {
  describe(`A batch on the ${stack} stack`, () => {
    it("succeeds without the files that no job can read: those fail, each with its own reason and replay", async () => {
      const graph = await graphFor(stack, { dispatch: "batch" });
      const poisoned = { key: "incoming/poison.csv", body: 'a,b\n"x,1\n' };
      const run = await runPipeline(graph, [...filesNamed("a.csv", "b.csv"), poisoned], { simulation });
      const entries = await entriesOf(run, graph);
      expect(statesOf(entries)).to.deep.equal({ "a.csv": "succeeded", "b.csv": "succeeded", "poison.csv": "failed" });
      expect(run.executions.map(({ status }) => status)).to.deep.equal(["SUCCEEDED"]);
      expect(entries["a.csv"]?.rowsWritten).to.equal(1);
      const { error, cause, executionName } = entries["poison.csv"] ?? {};
      expect(`${String(error)}: ${String(cause)}`).to.match(/quote/);
      expect(executionName).to.equal(run.executions[0]?.name);
      const [kept, ...others] = bodiesIn(run.cloud, "failures");
      expect(others).to.deep.equal([]);
      expect(JSON.parse(kept ?? "")).to.deep.include({ outcome: "failed", file: entries["poison.csv"]?.file });
    });

    it("takes as many files and bytes as it may, and no more", async () => {
      const graph = await graphFor(stack, { dispatch: "batch", batchMaxFiles: "4", batchMaxBytes: "20" });
      const names = Array.from({ length: 9 }, (_, index) => `${index}.csv`);
      const run = await runPipeline(graph, filesNamed(...names), { simulation });
      expect(Object.values(statesOf(await entriesOf(run, graph)))).to.deep.equal(names.map(() => "succeeded"));
      // Eight bytes each.
      expect(run.executions.map(({ input }) => input.arguments.size).sort()).to.deep.equal([16, 16, 16, 16, 8]);
    });
  });

  describe(`Files on the ${stack} stack that are taken on one by one`, () => {
    it("wait for a place among so many executions, without a try in vain", async () => {
      const graph = await graphFor(stack, { maxConcurrentExecutions: "2", standIn: "false" });
      const names = Array.from({ length: 7 }, (_, index) => `${index}.csv`);
      const run = await runPipeline(graph, filesNamed(...names), { simulation, standIns: false });
      expect(Object.values(statesOf(await entriesOf(run, graph)))).to.deep.equal(names.map(() => "succeeded"));
      expect(mostAtOnce(run)).to.equal(2);
      expect(jobRunsIn(run.events)).to.have.length(7);
    });

    it("are started after an outage that is longer than anything is tried for", async () => {
      const graph = await graphFor(stack, { ledger: "true", standIn: "false" });
      const clock = new VirtualClock(start);
      const { cloud } = await cloudOf(graph, { clock, simulation, standIns: false });
      interfere(cloud, async ({ service, proceed }) => {
        if (service === "states" && clock.now() < start + 6 * hour)
          throw new ServiceError("AccessDeniedException", "no");
        return proceed();
      });
      const Bucket = String(graph.outputs.landingBucket);
      await cloud.asUser.putObject({ Bucket, Key: "incoming/a.csv", Body: Buffer.from("a\n1\n") });
      await cloud.settle();
      expect(statesOf(await entriesOf({ cloud }, graph))).to.deep.equal({ "a.csv": "succeeded" });
      // S3's message alone, which does nothing when it is replayed.
      expect(bodiesIn(cloud, "failures").map((body) => Object.keys(JSON.parse(body) as object))).to.deep.equal([
        ["Records"],
      ]);
    });

    it("wait for older versions of their key", async () => {
      const graph = await graphFor(stack, { fileOrder: "per-key", standIn: "false" });
      const { cloud, events } = await cloudOf(graph, { simulation, standIns: false });
      const Bucket = String(graph.outputs.landingBucket);
      for (const Body of ["a\n1\n", "a\n22\n", "a\n333\n"]) {
        await cloud.asUser.putObject({ Bucket, Key: "incoming/a.csv", Body: Buffer.from(Body) });
      }
      await cloud.settle();
      const sizes = events.flatMap((event) =>
        event.kind === "execution-started" ? [(event.input as { arguments: { size: number } }).arguments.size] : [],
      );
      expect(sizes).to.deep.equal([4, 5, 6]);
      const runs = jobRunsIn(events).map(({ StartedOn, CompletedOn }) => [Number(StartedOn), Number(CompletedOn)]);
      expect(runs).to.have.length(3);
      for (const [index, [startedOn = 0]] of runs.entries()) {
        expect(startedOn).to.be.at.least(runs[index - 1]?.[1] ?? 0);
      }
    });
  });
}

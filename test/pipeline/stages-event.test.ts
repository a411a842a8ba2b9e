import { expect } from "chai";
import { VirtualClock } from "../../local/clock.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { ServiceError } from "../../local/services/service.ts";
import { deaf, hearingTwice, isStart } from "../support/completion.ts";
import { interfere } from "../support/interference.ts";
import { aSimulation, start } from "../support/jobs.ts";
import { cloudOf, jobRunsIn, notificationsIn, type PipelineRun } from "../support/pipeline.ts";
import { resourceOf, resourcesOf } from "../support/stacks.ts";
import { stagesGraphOf } from "../support/staged.ts";

/** The first runs of Totals fail. */
const scenarios = [
  {
    match: "*twice*",
    stage: "Totals",
    attempts: [1, 2],
    Return: { JobRunState: "FAILED" as const, ErrorMessage: "x" },
  },
];
const simulation = aSimulation({ scenarios });

const given = (stack: string): Promise<ResourceGraph> =>
  stagesGraphOf(stack, {
    completion: "event",
    maxAttempts: "3",
    ...(stack === "local" && {
      simulatedStartUpSeconds: String(simulation.startUpSeconds),
      simulatedDurationSeconds: String(simulation.durationSeconds),
      simulatedScenarios: JSON.stringify(scenarios),
    }),
  });

const landing = async (
  graph: ResourceGraph,
  {
    key = "incoming/a.csv",
    meddle = () => undefined,
  }: { key?: string; meddle?: (cloud: PipelineRun["cloud"]) => void } = {},
) => {
  const run = await cloudOf(graph, { clock: new VirtualClock(start), simulation });
  meddle(run.cloud);
  await run.cloud.asUser.putObject({
    Bucket: String(graph.outputs.landingBucket),
    Key: key,
    Body: Buffer.from("file"),
  });
  await run.cloud.settle();
  return run;
};

type Run = Awaited<ReturnType<typeof landing>>;

const statesIn = ({ events }: Run): readonly string[] =>
  events.flatMap((event) =>
    event.kind === "history" && event.event.type.endsWith("StateEntered") ? [String(event.event.details.name)] : [],
  );

const secondsOf = ({ events }: Run): number => {
  const at = (kind: string) => events.find((event) => event.kind === kind)?.at ?? NaN;
  return (at("execution-ended") - at("execution-started")) / 1000;
};

const outcomesOf = ({ cloud }: Run): readonly unknown[] => notificationsIn(cloud).map(({ outcome }) => outcome);

/** Stage and attempt of each run. */
const runsIn = ({ events }: Run): readonly string[] =>
  jobRunsIn(events).map(({ Arguments: args }) => `${String(args?.["--stage"])} ${String(args?.["--attempt"])}`);

/** What the function answered that ends the tasks which wait. */
const resolvedIn = ({ events }: Run): readonly unknown[] =>
  events.flatMap((event) =>
    event.kind === "function-log" && event.functionName.startsWith("flow-completion") && "state" in event.entry
      ? [event.entry.message]
      : [],
  );

const once = ["Clean 1", "Totals 1", "Convert 1", "Publish 1"];

for (const stack of ["local", "prod"]) {
  describe(`Stages on the ${stack} stack, whose runs tell of their ends by events`, () => {
    it("follow each other as soon as a run has ended, with nobody looking at it", async () => {
      const run = await landing(await given(stack));
      expect(outcomesOf(run)).to.deep.equal(["succeeded"]);
      expect(runsIn(run)).to.deep.equal(once);
      // Three runs of twenty seconds one after the other; Convert begins ten seconds after Totals.
      expect(secondsOf(run)).to.equal(70);
      expect(
        statesIn(run)
          .filter((name) => name.endsWith("JobRun"))
          .sort(),
      ).to.deep.equal(
        ["Clean", "Convert", "Publish", "Totals"].flatMap((stage) => [`${stage} CheckJobRun`, `${stage} StartJobRun`]),
      );
      expect(resolvedIn(run)).to.deep.equal(["resolved", "resolved", "resolved", "resolved"]);
    });

    it("are heard of by one rule and one function for all their jobs, and by no others", async () => {
      const graph = await given(stack);
      const { eventPattern } = resourceOf(graph, "aws:cloudwatch/eventRule:EventRule", "flow-completion").properties;
      const { jobNames } = graph.outputs as { readonly jobNames: Readonly<Record<string, string>> };
      expect(JSON.parse(String(eventPattern))).to.deep.equal({
        source: ["aws.glue", "glue-pipeline.simulation"],
        "detail-type": ["Glue Job State Change"],
        detail: {
          jobName: ["Clean", "Totals", "Convert", "Publish"].map((stage) => jobNames[stage]),
          state: ["SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"],
        },
      });
      const functions = resourcesOf(graph, "aws:lambda/function:Function").map(({ name }) => name);
      expect(functions.filter((name) => /completion|start-for-token|find/.test(name)).sort()).to.deep.equal([
        "flow-completion",
        "flow-job-find",
        "flow-job-start-for-token",
      ]);
    });

    it("run a stage again after a failure, and it alone", async () => {
      const run = await landing(await given(stack), { key: "incoming/twice.csv" });
      expect(outcomesOf(run)).to.deep.equal(["succeeded"]);
      expect([...runsIn(run)].sort()).to.deep.equal([...once, "Totals 2", "Totals 3"].sort());
      expect(statesIn(run).filter((name) => /FindJobRun|GetJobRun/.test(name))).to.deep.equal([]);
    });

    it("find their runs by a look where events are lost", async () => {
      const run = await landing(deaf(await given(stack)));
      expect(outcomesOf(run)).to.deep.equal(["succeeded"]);
      expect(runsIn(run)).to.deep.equal(once);
      expect(statesIn(run).filter((name) => name.endsWith("FindJobRun"))).to.have.length(4);
      // Each after fifteen minutes, of two at once ten seconds later.
      expect(secondsOf(run)).to.equal(3 * 900 + 10);
    });

    it("end once where events come twice", async () => {
      const run = await landing(hearingTwice(await given(stack)));
      expect(outcomesOf(run)).to.deep.equal(["succeeded"]);
      expect([...resolvedIn(run)].sort()).to.deep.equal([
        ...Array<string>(4).fill("late"),
        ...Array<string>(4).fill("resolved"),
      ]);
      expect(runsIn(run)).to.deep.equal(once);
    });

    it("have one run each where answers to starts are lost", async () => {
      const lost = new Set<unknown>();
      const meddle = (cloud: PipelineRun["cloud"]): void => {
        interfere(cloud, async (call) => {
          const answer = await call.proceed();
          const [, stage] = /--stage\W+(\w+)/.exec(JSON.stringify(call.input)) ?? [];
          if (!isStart(call) || lost.has(stage)) return answer;
          lost.add(stage);
          throw new ServiceError("InternalServiceException", "The answer was lost");
        });
      };
      const run = await landing(await given(stack), { meddle });
      expect(lost.size).to.equal(4);
      expect(outcomesOf(run)).to.deep.equal(["succeeded"]);
      expect(runsIn(run)).to.deep.equal(once);
    });
  });
}

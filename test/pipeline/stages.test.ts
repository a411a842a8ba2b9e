import { expect } from "chai";
import { VirtualClock } from "../../local/clock.ts";
import type { Cloud } from "../../local/cloud.ts";
import { readObject } from "../../functions/lib/s3-folder.ts";
import { evaluate } from "../../local/evaluate.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { start } from "../support/jobs.ts";
import { cloudOf, jobRunsIn, notificationsIn, runPipeline, type PipelineRun } from "../support/pipeline.ts";
import { masked, stagesGraphOf, stagesProgram, stagesSimulation as simulation } from "../support/staged.ts";

type Message = Readonly<Record<string, unknown>>;

const variants = ["poll", "sync", "event"].flatMap((completion) =>
  ["true", "false"].map((security) => ({ completion, security, observability: "true" })),
);

const stacksOf = (...completions: readonly string[]) =>
  completions.flatMap((completion) => ["local", "prod"].map((stack) => [stack, completion] as const));

const urns = ({ resources }: ResourceGraph): readonly string[] => resources.map(({ urn }) => urn).sort();

/** The stages whose jobs had a run, in the order of their start. */
const stagesRun = (events: PipelineRun["events"]): readonly unknown[] =>
  jobRunsIn(events).map((run) => run.Arguments?.["--stage"]);

const failuresIn = (cloud: Cloud): readonly Message[] =>
  Object.entries(cloud.queues)
    .filter(([name]) => name.includes("failures"))
    .flatMap(([, messages]) => messages.map(({ body }) => JSON.parse(body) as Message));

const textAt = async (cloud: Cloud, Bucket: string, Key: string): Promise<string> =>
  Buffer.from(await readObject(cloud.asUser, { Bucket, Key })).toString("utf8");

const put = (cloud: Cloud, graph: ResourceGraph, body: string): Promise<unknown> =>
  cloud.asUser.putObject({
    Bucket: String(graph.outputs.landingBucket),
    Key: "incoming/a.csv",
    Body: Buffer.from(body),
  });

const endsIn = (events: PipelineRun["events"]): readonly string[] =>
  events.flatMap((event) => (event.kind === "execution-ended" ? [event.status] : []));

/** The state of each stage's run when all is over, as whoever has the runs tells it. */
const statesOf = async (graph: ResourceGraph, cloud: Cloud, events: PipelineRun["events"]): Promise<Message> => {
  const names = graph.outputs.jobNames as Readonly<Record<string, string>>;
  const states = await Promise.all(
    jobRunsIn(events).map(async ({ Id: RunId, Arguments: args }) => {
      const stage = args?.["--stage"] ?? "";
      const input = { JobName: names[stage], RunId };
      const getter = graph.resources.find(
        ({ type, name }) => type === "aws:lambda/function:Function" && name === `flow-${stage.toLowerCase()}-get`,
      );
      const answer =
        getter === undefined
          ? await cloud.asUser.call("glue", "getJobRun", input)
          : await invoked(cloud, getter.properties.name, input);
      return [stage, (answer as { JobRun: { JobRunState: string } }).JobRun.JobRunState];
    }),
  );
  return Object.fromEntries(states) as Message;
};

const invoked = async (cloud: Cloud, FunctionName: unknown, input: object): Promise<unknown> => {
  const call = { FunctionName, Payload: JSON.stringify(input) };
  const { Payload } = (await cloud.asUser.call("lambda", "invoke", call)) as { readonly Payload: string };
  return JSON.parse(Payload);
};

interface Resume {
  readonly from: string;
  readonly executionName: string;
  readonly results: Message;
}

const replay = (graph: ResourceGraph, cloud: Cloud, failure: Message): Promise<unknown> =>
  cloud.asUser.call("states", "startExecution", {
    stateMachineArn: graph.outputs.stateMachineArn,
    name: "replay",
    input: JSON.stringify(failure.replay),
  });

const settled = async (cloud: Cloud, clock: VirtualClock): Promise<void> => {
  await cloud.settle();
  // What was asked to stop takes a moment.
  clock.schedule(60_000, () => Promise.resolve());
  await cloud.settle();
};

describe("A pipeline with stages", () => {
  for (const config of variants) {
    describe(`with completion ${config.completion} and security ${config.security}`, () => {
      it("has one definition, whoever runs the jobs", async () => {
        const [simulated, real] = await Promise.all([stagesGraphOf("local", config), stagesGraphOf("prod", config)]);
        expect(masked(simulated)).to.deep.equal(masked(real));
      });

      it("registers the same resources in a preview as in an update", async () => {
        for (const stack of ["local", "prod"]) {
          const previewed = await evaluate({
            directory: stagesProgram,
            stack,
            config: { maxAttempts: "1", simulatedFailureRate: "0", ...config },
            preview: true,
          });
          expect(urns(previewed)).to.deep.equal(urns(await stagesGraphOf(stack, config)));
        }
      });

      for (const stack of ["local", "prod"]) {
        it(`takes a file through all stages of the ${stack} stack, each reading what the one before has written`, async () => {
          const graph = await stagesGraphOf(stack, config);
          const { executions, events, cloud } = await runPipeline(graph, [{ key: "incoming/a.csv", body: "file" }], {
            simulation,
          });
          expect(executions.map(({ status }) => status)).to.deep.equal(["SUCCEEDED"]);
          expect(stagesRun(events)).to.deep.equal(["Clean", "Totals", "Convert", "Publish"]);
          const [{ name, output } = { name: "", output: undefined }] = executions;
          const bucket = String(graph.outputs.outputBucket);
          const text = (folder: string) => textAt(cloud, bucket, `${folder}/execution=${name}/part.txt`);
          expect(await text("convert")).to.equal("Convert(Clean(file))Convert(rates)");
          expect(await text("public")).to.equal("Publish(Totals(Clean(file)))");
          expect(output?.output).to.deep.equal({ bucket, prefix: `public/execution=${name}/` });
          expect(failuresIn(cloud)).to.deep.equal([]);
        });
      }
    });
  }

  for (const [stack, completion] of stacksOf("poll", "event")) {
    describe(`whose stage fails, on the ${stack} stack with completion ${completion}`, () => {
      const failing = async (body: string) => {
        const graph = await stagesGraphOf(stack, { completion });
        const clock = new VirtualClock(start);
        const { cloud, events } = await cloudOf(graph, { clock, simulation });
        await put(cloud, graph, body);
        await settled(cloud, clock);
        const [failure, ...others] = failuresIn(cloud);
        if (failure === undefined || others.length > 0) throw new Error("not one failure");
        return { graph, clock, cloud, events, failure };
      };

      for (const stage of ["Clean", "Totals", "Publish"]) {
        it(`tells that it was ${stage}, with error and cause`, async () => {
          const { cloud, failure, graph } = await failing(`poison-${stage.toLowerCase()}`);
          expect(failure).to.include({ outcome: "failed", stage, error: "JobRun.FAILED" });
          const [, id = ""] = /^Job run (\S+) of/.exec(String(failure.cause)) ?? [];
          const { [stage]: jobName = "" } = graph.outputs.jobNames as Record<string, string>;
          expect(failure.cause).to.equal(
            `Job run ${id} of ${jobName} was FAILED after attempt 1: ${stage} cannot read this`,
          );
          expect(notificationsIn(cloud).map(({ outcome }) => outcome)).to.deep.equal(["failed"]);
        });
      }

      it("stops the run beside it, of which nobody waits any more", async () => {
        const { graph, cloud, events } = await failing("poison-totals");
        expect(await statesOf(graph, cloud, events)).to.deep.equal({
          Clean: "SUCCEEDED",
          Totals: "FAILED",
          Convert: "STOPPED",
        });
      });

      it("goes on from there in a replay, in the folders of the execution that failed", async () => {
        const { graph, clock, cloud, events, failure } = await failing("poison-totals");
        const name = String(failure.executionName);
        const bucket = String(graph.outputs.outputBucket);
        await cloud.asUser.putObject({
          Bucket: bucket,
          Key: `clean/execution=${name}/part.txt`,
          Body: Buffer.from("mended"),
        });
        await replay(graph, cloud, failure);
        await settled(cloud, clock);
        expect(endsIn(events)).to.deep.equal(["FAILED", "SUCCEEDED"]);
        expect(stagesRun(events)).to.deep.equal(["Clean", "Totals", "Convert", "Totals", "Convert", "Publish"]);
        expect(await textAt(cloud, bucket, `public/execution=${name}/part.txt`)).to.equal("Publish(Totals(mended))");
        const owners = jobRunsIn(events).map((run) => run.Arguments?.["--execution_name"]);
        expect(owners).to.deep.equal([name, name, name, "replay", "replay", "replay"]);
        expect(failuresIn(cloud)).to.have.length(1);
      });
    });

    describe(`whose execution is stopped, on the ${stack} stack with completion ${completion}`, () => {
      /** Somebody stops it while two stages run side by side. */
      const stopped = async () => {
        const graph = await stagesGraphOf(stack, { completion });
        const clock = new VirtualClock(start);
        const { cloud, events } = await cloudOf(graph, { clock, simulation });
        await put(cloud, graph, "file");
        let stopping: Promise<unknown> = Promise.resolve();
        clock.schedule(37_000, () => {
          const begun = events.find((event) => event.kind === "execution-started");
          stopping = cloud.asUser.call("states", "stopExecution", { executionArn: begun?.executionArn });
          return Promise.resolve();
        });
        await settled(cloud, clock);
        await stopping;
        const [failure] = failuresIn(cloud);
        if (failure === undefined) throw new Error("no failure was kept");
        return { graph, clock, cloud, events, failure };
      };

      it("leaves no run behind, and tells which stages' runs were stopped", async () => {
        const { graph, cloud, events, failure } = await stopped();
        expect(await statesOf(graph, cloud, events)).to.deep.equal({
          Clean: "SUCCEEDED",
          Totals: "STOPPED",
          Convert: "STOPPED",
        });
        expect(failure).to.include({ outcome: "failed", stage: "Convert", error: "Execution.ABORTED" });
        expect(failure.cause).to.match(/ was ABORTED; stopped jr_\w+ of Totals; stopped jr_\w+ of Convert$/);
        expect(failure.input).to.have.keys("arguments");
        expect(notificationsIn(cloud)).to.deep.equal([failure]);
      });

      it("goes on from there in a replay", async () => {
        const { graph, clock, cloud, events, failure } = await stopped();
        const name = String(failure.executionName);
        const { from, executionName, results } = (failure.replay as { readonly resume: Resume }).resume;
        expect({ from, executionName }).to.deep.equal({ from: "Report", executionName: name });
        expect(results.clean).to.include({ stage: "Clean", attempts: 1 });
        await replay(graph, cloud, failure);
        await settled(cloud, clock);
        expect(endsIn(events)).to.deep.equal(["ABORTED", "SUCCEEDED"]);
        expect(stagesRun(events).filter((stage) => stage === "Clean")).to.have.length(1);
        const published = await textAt(cloud, String(graph.outputs.outputBucket), `public/execution=${name}/part.txt`);
        expect(published).to.equal("Publish(Totals(Clean(file)))");
      });
    });
  }
});

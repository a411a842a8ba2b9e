import { expect } from "chai";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { aSimulation } from "../support/jobs.ts";
import { jobRunsIn, notificationsIn, runPipeline, type PipelineRun } from "../support/pipeline.ts";
import { graphOf, resourcesOf } from "../support/stacks.ts";

const hour = 3_600_000;

const simulation: Simulation = aSimulation({
  scenarios: [
    { match: "*bad*", Return: { JobRunState: "FAILED", ErrorMessage: "no space left" } },
    { match: "*late*", Return: { JobRunState: "TIMEOUT" } },
    { match: "*second*", attempts: [1], Return: { JobRunState: "FAILED" } },
    { match: "*gone*", Throw: { Error: "EntityNotFoundException", Cause: "no such job" } },
    // Whether a run was started is not known then.
    { match: "*unsure*", Throw: { Error: "OperationTimeoutException", Cause: "no answer" } },
  ],
});

const scenarios = { simulatedFailureRate: "0", simulatedScenarios: JSON.stringify(simulation.scenarios) };

/** A run of an hour is given up; a short one has ended for a while when it is looked at for the first time. */
const patience = { maxAttempts: "2", giveUpAfterMinutes: "20", pollFloorSeconds: "100", pollCeilingSeconds: "100" };

const fewPlaces = { standIn: "false", maxConcurrentRuns: "2", jobRunQueuing: "false" };

const graphFor = (stack: string, dispatch: string, config: Readonly<Record<string, string>> = patience) =>
  graphOf(stack, { dispatch, ...scenarios, ...config });

const files = ["good.csv", "bad.csv", "late.csv", "second.csv", "gone.csv", "unsure.csv", "wrong.pdf"].map((name) => ({
  key: `incoming/${name}`,
}));

/** A run's messages by file, without what no two runs have in common. */
const messagesOf = ({ cloud, queue }: PipelineRun): object => {
  const masked = (messages: readonly unknown[]): readonly unknown[] =>
    messages
      .map((message) => JSON.stringify(message))
      .map((text) => text.replaceAll(/[0-9a-f]{32,64}|019B[0-9A-F]+/g, "ID"))
      .map((text) => text.replaceAll(/ \(Service: \w+, [^)]*\)|(?<="ExecutionTime":)\d+/g, ""))
      .map((text) => text.replaceAll('"ExecutionTime":,', ""))
      .sort()
      .map((text) => JSON.parse(text) as unknown);
  return { told: masked(notificationsIn(cloud)), kept: masked(queue("failures")) };
};

for (const stack of ["local", "prod"]) {
  describe(`A file on the ${stack} stack without a state machine`, () => {
    it("ends as it would with one: nobody who reads the messages can tell", async () => {
      const direct = await runPipeline(await graphFor(stack, "direct"), files, { simulation });
      const machine = await runPipeline(await graphFor(stack, "per-file"), files, { simulation });
      expect(direct.executions).to.deep.equal([]);
      expect(machine.executions).to.have.length(files.length);
      expect(messagesOf(direct)).to.deep.equal(messagesOf(machine));
      const subjects = ({ cloud }: PipelineRun) => cloud.notifications.map(({ subject }) => subject);
      expect(subjects(direct)).to.have.members(subjects(machine));
      expect(jobRunsIn(direct.events).map(argumentsIn)).to.have.deep.members(
        jobRunsIn(machine.events).map(argumentsIn),
      );
    });

    it("gets its output", async () => {
      const graph = await graphFor(stack, "direct");
      const run = await runPipeline(graph, [{ key: "incoming/good.csv" }], { simulation });
      const [told] = notificationsIn(run.cloud) as { readonly output: { readonly prefix: string } }[];
      expect(await run.text("outputBucket", `${told?.output.prefix ?? ""}part-00000.parquet`)).to.match(/^PAR1/);
      expect(run.cloud.queues).to.deep.equal(
        Object.fromEntries(Object.keys(run.cloud.queues).map((name) => [name, []])),
        "no reminder is left",
      );
      expect(run.cloud.tableSizes[String(graph.outputs.ledgerTable)]).to.equal(1);
    });

    it("is taken on once, whatever S3 and Lambda deliver how often", async () => {
      const graph = await graphFor(stack, "direct", fewPlaces);
      const run = await runPipeline(graph, [{ key: "incoming/good.csv" }], {
        simulation,
        standIns: false,
        deliveries: () => [0, 0, 0, 0, 0, 5_000, 2 * hour],
      });
      expect(jobRunsIn(run.events)).to.have.length(1);
      expect(notificationsIn(run.cloud)).to.have.length(1);
    });

    it("waits for a place while there is none", async () => {
      const graph = await graphFor(stack, "direct", fewPlaces);
      const many = Array.from({ length: 20 }, (_, index) => ({ key: `incoming/${index}.csv` }));
      const run = await runPipeline(graph, many, { simulation, standIns: false });
      expect(notificationsIn(run.cloud).map(({ outcome }) => outcome)).to.deep.equal(many.map(() => "succeeded"));
      expect(jobRunsIn(run.events)).to.have.length(many.length);
    });

    it("needs every permission that its functions have", async () => {
      const graph = await graphFor(stack, "direct");
      expect(denials(await runAll(graph))).to.equal(0);
      const unneeded: string[] = [];
      const checked: string[] = [];
      for (const policy of resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy")) {
        if (!/dispatcher|direct|-list|-stop/.test(policy.name)) continue;
        const document = JSON.parse(String(policy.properties.policy)) as { Statement: { Sid: string }[] };
        for (const { Sid } of document.Statement) {
          const Statement = document.Statement.filter((statement) => statement.Sid !== Sid);
          const properties = { ...policy.properties, policy: JSON.stringify({ ...document, Statement }) };
          const resources = graph.resources.map((other) => (other === policy ? { ...policy, properties } : other));
          checked.push(Sid);
          if (Sid !== "WriteLog" && !(await isDenied({ ...graph, resources }))) unneeded.push(`${policy.name}.${Sid}`);
        }
      }
      expect(unneeded).to.deep.equal([]);
      expect(checked).to.include.members([
        ...["KeepLedger", "StartJobRun", "Remind", "KeepFailedEvent"],
        ...["WatchJobRun", "Watch", "KeepFailure", "Notify"],
      ]);
    }).timeout(60_000);
  });
}

const argumentsIn = ({ Arguments = {} }: { readonly Arguments?: Readonly<Record<string, string>> | undefined }) => [
  Arguments["--key"],
  Arguments["--attempt"],
  Object.keys(Arguments),
];

/** One of each outcome, a run that is given up, a start without an answer, and an event that nobody can read. */
const runAll = async (graph: ResourceGraph): Promise<PipelineRun> => {
  const run = await runPipeline(graph, files, { simulation });
  await run.cloud.asUser.call("lambda", "invoke", {
    FunctionName: graph.outputs.dispatcherName,
    InvocationType: "Event",
    Payload: JSON.stringify({ Records: [{ eventName: "ObjectCreated:Put", s3: {} }] }),
  });
  await run.cloud.settle();
  return run;
};

const denials = ({ events, queue }: PipelineRun): number =>
  JSON.stringify([events, queue("failures")]).split(/AccessDenied|is not authorized to perform/).length - 1;

const isDenied = async (graph: ResourceGraph): Promise<boolean> => {
  try {
    return denials(await runAll(graph)) > 0;
  } catch (error) {
    if (error instanceof Error && error.name.startsWith("AccessDenied")) return true;
    throw error;
  }
};

import { expect } from "chai";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import type { Simulation } from "../../functions/lib/job-definition.ts";
import { graphOf, resourcesOf } from "../support/stacks.ts";
import { runPipeline, type PipelineRun } from "../support/pipeline.ts";

/** Statements without which a run goes on as before. */
const onlyForLogsAndMetrics: Readonly<Record<string, string>> = {
  WriteLog: "a function without it works, and its log is empty",
  WriteLogs: "a job without it works, and its log is empty",
  DeliverLogs: "the log of executions; Step Functions checks it when the machine is created",
  PutMetrics: "the job's metrics",
};

const simulation: Simulation = {
  seed: 1,
  startUpSeconds: 1,
  durationSeconds: 1,
  secondsPerMiB: 0,
  failureRate: 0,
  scenarios: [{ match: "*bad*", Return: { JobRunState: "FAILED" } }],
};

const config = {
  maxAttempts: "1",
  simulatedStartUpSeconds: "1",
  simulatedDurationSeconds: "1",
  simulatedFailureRate: "0",
  simulatedScenarios: JSON.stringify(simulation.scenarios),
};

interface Document {
  readonly Statement: readonly { readonly Sid: string }[];
}

/** A file that succeeds, one that fails, one that is rejected, and an event that no dispatcher can read. */
const run = async (graph: ResourceGraph): Promise<PipelineRun> => {
  const files = [{ key: "incoming/good.csv" }, { key: "incoming/bad.csv" }, { key: "incoming/empty.csv", body: "" }];
  const done = await runPipeline(graph, files, { simulation });
  await done.cloud.asUser.call("lambda", "invoke", {
    FunctionName: graph.outputs.dispatcherName,
    InvocationType: "Event",
    Payload: JSON.stringify({ Records: [{ eventName: "ObjectCreated:Put", s3: {} }] }),
  });
  await done.cloud.settle();
  return done;
};

/** What of a run tells that a permission was missing. */
const denials = ({ events, queue }: PipelineRun): number =>
  JSON.stringify([events, queue("failures")]).split(/AccessDenied|is not authorized to perform/).length - 1;

/** Some permissions are checked when what needs them is made, as on AWS. */
const isDenied = async (graph: ResourceGraph): Promise<boolean> => {
  try {
    return denials(await run(graph)) > 0;
  } catch (error) {
    if (error instanceof Error && error.name.startsWith("AccessDenied")) return true;
    throw error;
  }
};

describe("Least privilege", () => {
  for (const stack of ["local", "prod"]) {
    it(`leaves nothing out: a run on the ${stack} stack is denied nothing`, async () => {
      const done = await run(await graphOf(stack, config));
      expect(denials(done)).to.equal(0);
      expect(done.executions.map(({ status }) => status).sort()).to.deep.equal(["FAILED", "SUCCEEDED", "SUCCEEDED"]);
      expect(done.queue("failures")).to.have.length(2);
    });

    it(`has no statement on the ${stack} stack that a run does not need`, async () => {
      const graph = await graphOf(stack, config);
      const unneeded: string[] = [];
      const checked: string[] = [];
      for (const policy of resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy")) {
        const document = JSON.parse(String(policy.properties.policy)) as Document;
        for (const { Sid } of document.Statement) {
          const Statement = document.Statement.filter((statement) => statement.Sid !== Sid);
          const properties = { ...policy.properties, policy: JSON.stringify({ ...document, Statement }) };
          const resources = graph.resources.map((other) => (other === policy ? { ...policy, properties } : other));
          if (!(await isDenied({ ...graph, resources }))) unneeded.push(`${policy.name}.${Sid}`);
          checked.push(Sid);
        }
      }
      expect(unneeded.filter((name) => !(name.slice(name.indexOf(".") + 1) in onlyForLogsAndMetrics))).to.deep.equal(
        [],
      );
      expect(checked).to.include.members([
        "StartExecution",
        "KeepFailedEvent",
        "ReadLandedFiles",
        "WriteOutput",
        "ListOutput",
        "StartJobRun",
        "GetJobRun",
        "Notify",
        "KeepFailure",
      ]);
    }).timeout(60_000);
  }
});

import { expect } from "chai";
import type { GetJobRunResponse, StartJobRunResponse } from "@aws-sdk/client-glue";
import { createDynamoJobRunStore } from "../../../functions/lib/dynamo-job-run-store.ts";
import type { StandInEvent } from "../../../functions/lib/glue.ts";
import { JobFailure } from "../../../functions/lib/glue-error.ts";
import { createGlueService, runOfItem } from "../../../local/services/glue.ts";
import { readJobs } from "../../../local/services/glue-jobs.ts";
import type { NotHonoured } from "../../../local/services/kinds.ts";
import { ServiceError } from "../../../local/services/service.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { TableInMemory } from "../../support/dynamo-db.ts";
import { caller, glueCloud, glueJob, mayReadScript } from "../../support/glue/cloud.ts";
import type { GlueCloud } from "../../support/glue/cloud.ts";
import { graphOf, roleArn } from "../../support/graph.ts";
import { aRun, aSimulation, failureOf, start } from "../../support/jobs.ts";
import { worldOf } from "../../support/world-of.ts";

const JobName = "process-csv";

async function begin({ api }: GlueCloud, input: object = {}): Promise<string> {
  const answer = (await api.call(caller, "glue", "startJobRun", { JobName, ...input })) as StartJobRunResponse;
  return answer.JobRunId ?? "";
}

async function look({ api }: GlueCloud, RunId: string): Promise<GetJobRunResponse["JobRun"]> {
  return ((await api.call(caller, "glue", "getJobRun", { JobName, RunId })) as GetJobRunResponse).JobRun;
}

async function pass({ clock }: GlueCloud, seconds: number): Promise<void> {
  await clock.spawn(() => clock.sleep(seconds * 1000));
}

describe("Glue in the embedded cloud", () => {
  it("runs the declared job with its declared size, arguments and times", async () => {
    const cloud = await glueCloud();
    const id = await begin(cloud, { Arguments: { "--key": "a.csv" } });
    await pass(cloud, 60);
    expect(await look(cloud, id)).to.deep.include({
      JobRunState: "SUCCEEDED",
      WorkerType: "G.1X",
      NumberOfWorkers: 2,
      GlueVersion: "5.1",
      Timeout: 60,
      Arguments: { "--key": "a.csv" },
      CompletedOn: new Date(start + 20_000),
    });
  });

  it("shows each answer of GetJobRun with the run's progress", async () => {
    const cloud = await glueCloud();
    const id = await begin(cloud);
    await pass(cloud, 14);
    await look(cloud, id);
    const event = cloud.events.at(-1);
    expect(event).to.include({ kind: "job-run", progress: 0.5 });
    expect(event).to.have.nested.property("run.JobRunState", "RUNNING");
  });

  it("asks for permission on the job's ARN", async () => {
    const cloud = await glueCloud();
    const id = await begin(cloud);
    const reader = roleArn("reader");
    await cloud.api.call(reader, "glue", "getJobRun", { JobName, RunId: id });
    for (const [operation, input] of [
      ["startJobRun", { JobName }],
      ["getJobRuns", { JobName }],
      ["batchStopJobRun", { JobName, JobRunIds: [id] }],
    ] as const) {
      const error = await failureOf(() => cloud.api.call(reader, "glue", operation, input));
      expect(error.name).to.equal("AccessDeniedException");
      expect(error.message).to.contain(`glue:${operation.charAt(0).toUpperCase()}${operation.slice(1)}`);
      expect(error.message).to.contain("arn:aws:glue:eu-central-1:123456789012:job/process-csv");
    }
  });

  it("fails with the services' own kind of error", async () => {
    const cloud = await glueCloud();
    const error = await failureOf(() => begin(cloud, { JobName: "other" }));
    expect(error).to.be.instanceOf(ServiceError);
    expect(error.name).to.equal("EntityNotFoundException");
    const fault = new Error("fault");
    const graph = graphOf([glueJob()]);
    const world = worldOf(graph, new VirtualClock(start), () => {
      throw fault;
    });
    const service = createGlueService(world, { simulation: aSimulation() });
    const { JobRunId: RunId } = (await service.operations.startJobRun?.run(
      { JobName } as never,
      "",
    )) as StartJobRunResponse;
    const look = async (): Promise<unknown> => await service.operations.getJobRun?.run({ JobName, RunId } as never, "");
    expect(await failureOf(look)).to.equal(fault);
  });

  it("fails a run whose role may not read the script, as Glue would", async () => {
    const cloud = await glueCloud({}, glueJob(), []);
    const id = await begin(cloud);
    await pass(cloud, 60);
    const run = await look(cloud, id);
    expect(run).to.have.property("JobRunState", "FAILED");
    expect(run?.ErrorMessage).to.contain("The script s3://scripts/0a1b/process_csv.py cannot be read: AccessDenied: ");
    expect(run?.ErrorMessage).to.contain("s3:GetObject");
  });

  it("fails a run whose script is not there", async () => {
    const command = { name: "glueetl", scriptLocation: "s3://scripts/gone.py" };
    const mayList = { Action: "s3:ListBucket", Resource: "arn:aws:s3:::scripts" };
    const cloud = await glueCloud({}, glueJob({ command }), [mayReadScript, mayList]);
    const id = await begin(cloud);
    await pass(cloud, 60);
    expect((await look(cloud, id))?.ErrorMessage).to.contain("NoSuchKey");
  });

  it("has the stand-in of the script's name do the work, once", async () => {
    const calls: (StandInEvent & { role: string; module: string | undefined })[] = [];
    const cloud = await glueCloud({
      standIn: (job, event) => Promise.resolve(calls.push({ ...event, role: job.roleArn, module: job.standIn })),
    });
    const id = await begin(cloud, { Arguments: { "--key": "a.csv" } });
    await pass(cloud, 60);
    await look(cloud, id);
    await look(cloud, id);
    expect(calls).to.have.length(1);
    expect(calls[0]).to.deep.include({
      JobName,
      JobRunId: id,
      Arguments: { "--TempDir": "s3://temp/", "--key": "a.csv" },
      role: roleArn("job"),
    });
    expect(calls[0]?.module).to.match(/functions[/\\]stand-ins[/\\]process-csv\.ts$/);
  });

  for (const [error, message] of [
    [new JobFailure("as told"), "as told"],
    [new Error("binary file"), "binary file"],
    [new ServiceError("AccessDenied", "no"), "AccessDenied: no"],
  ] as const) {
    it(`fails the run with "${message}" when that is what the stand-in throws`, async () => {
      const cloud = await glueCloud({ standIn: () => Promise.reject(error) });
      const id = await begin(cloud);
      await pass(cloud, 60);
      expect(await look(cloud, id)).to.include({ JobRunState: "FAILED", ErrorMessage: message });
    });
  }

  it("says once that nothing stands in for a script", async () => {
    const found: NotHonoured[] = [];
    const command = { name: "glueetl", scriptLocation: "s3://scripts/0a1b/process_csv_not.py" };
    const options = { standIn: () => Promise.resolve(), notHonoured: (entry: NotHonoured) => found.push(entry) };
    const cloud = await glueCloud(options, glueJob({ command }));
    await begin(cloud);
    await begin(cloud);
    expect(found).to.have.length(1);
    expect(found[0]?.reason).to.equal(
      "nothing stands in for the script 0a1b/process_csv_not.py: the job's runs take their time and write nothing",
    );
  });

  it("remembers as many ended runs as it is told to", async () => {
    const cloud = await glueCloud({ keep: 1 }, glueJob({ executionProperty: { maxConcurrentRuns: 9 } }));
    const ids = [await begin(cloud), await begin(cloud), await begin(cloud)];
    await pass(cloud, 60);
    for (const id of ids.slice(0, 2)) await look(cloud, id);
    expect((await failureOf(() => look(cloud, ids[0] ?? ""))).name).to.equal("EntityNotFoundException");
    expect(await look(cloud, ids[1] ?? "")).to.have.property("JobRunState", "SUCCEEDED");
    expect(await look(cloud, ids[2] ?? "")).to.have.property("JobRunState", "SUCCEEDED");
  });

  it("emits nothing for a job that may read its script and has no work to do", async () => {
    const cloud = await glueCloud({}, glueJob(), [mayReadScript]);
    await begin(cloud);
    expect(cloud.events.filter(({ kind }) => kind === "job-run")).to.deep.equal([]);
  });
});

describe("A declared Glue job", () => {
  const read = (given: Readonly<Record<string, unknown>>): ReturnType<typeof readJobs>[number] | undefined =>
    readJobs(graphOf([glueJob(given)]))[0];

  it("has Glue's defaults for what is left open", () => {
    const job = read({
      workerType: undefined,
      numberOfWorkers: undefined,
      timeout: undefined,
      executionProperty: undefined,
      glueVersion: undefined,
      defaultArguments: undefined,
    });
    expect(job?.definition).to.deep.equal({
      Name: "process-csv",
      Command: "glueetl",
      GlueVersion: "5.0",
      WorkerType: "G.1X",
      NumberOfWorkers: 10,
      Timeout: 480,
      MaxConcurrentRuns: 1,
      JobRunQueuingEnabled: false,
      DefaultArguments: {},
      NonOverridableArguments: {},
    });
    expect(read({ glueVersion: "4.0", timeout: undefined })?.definition.Timeout).to.equal(2880);
  });

  it("is read with all that decides how it runs", () => {
    const command = { name: "pythonshell", scriptLocation: "s3://scripts/a.py" };
    const given = { maxCapacity: 1, securityConfiguration: "sealed", command };
    const shell = read({ ...given, workerType: undefined, numberOfWorkers: undefined })?.definition;
    expect(shell).to.include({ Command: "pythonshell", MaxCapacity: 1, SecurityConfiguration: "sealed" });
    expect(shell).to.not.have.any.keys("WorkerType", "NumberOfWorkers");
    expect(read({ executionClass: "FLEX", notificationProperty: { notifyDelayAfter: 5 } })?.definition).to.include({
      ExecutionClass: "FLEX",
      NotifyDelayAfter: 5,
    });
    const streaming = { command: { name: "gluestreaming", scriptLocation: "s3://scripts/a.py" } };
    expect(read({ ...streaming, maintenanceWindow: "Sun:3" })?.definition).to.include({ MaintenanceWindow: "Sun:3" });
    expect(read({ workerType: "G.32X" })?.definition.WorkerType).to.equal("G.32X");
  });

  it("gives its runs its notify delay, its maintenance window, and DPU seconds where it scales", async () => {
    const command = { name: "gluestreaming", scriptLocation: "s3://scripts/0a1b/process_csv.py" };
    const cloud = await glueCloud(
      {},
      glueJob({
        command,
        maintenanceWindow: "Sun:3",
        notificationProperty: { notifyDelayAfter: 5 },
        defaultArguments: { "--enable-auto-scaling": "true" },
      }),
    );
    const id = await begin(cloud);
    const other = await begin(cloud, { NotificationProperty: { NotifyDelayAfter: 9 } });
    await pass(cloud, 60);
    expect(await look(cloud, id)).to.deep.include({
      JobRunState: "SUCCEEDED",
      MaintenanceWindow: "Sun:3",
      NotificationProperty: { NotifyDelayAfter: 5 },
      DPUSeconds: 24,
    });
    expect((await look(cloud, other))?.NotificationProperty).to.deep.equal({ NotifyDelayAfter: 9 });
  });

  it("takes a run of a worker type that is newer than the list", async () => {
    const cloud = await glueCloud({}, glueJob({ workerType: "G.32X" }));
    expect(await look(cloud, await begin(cloud))).to.include({ WorkerType: "G.32X", MaxCapacity: 64 });
    const error = await failureOf(() => begin(cloud, { WorkerType: "G.64X" }));
    expect(error.message).to.match(/^WorkerType must be one of G\.025X, .*, got "G\.64X"$/);
  });

  for (const [what, given, request, message] of [
    [
      "a streaming worker for a batch job",
      {},
      { WorkerType: "G.025X" },
      "WorkerType G.025X is not for jobs whose command is glueetl",
    ],
    [
      "a Ray worker for a batch job",
      {},
      { WorkerType: "Z.2X" },
      "WorkerType Z.2X is not for jobs whose command is glueetl",
    ],
    [
      "FLEX for a stream",
      { command: { name: "gluestreaming", scriptLocation: "s3://scripts/a.py" } },
      { ExecutionClass: "FLEX" },
      "ExecutionClass FLEX needs the command glueetl, GlueVersion 3.0 or newer and WorkerType G.1X or G.2X, got gluestreaming, 5.1 and G.1X",
    ],
  ] as const) {
    it(`refuses a run that asks for ${what}`, async () => {
      const cloud = await glueCloud({}, glueJob(given));
      const error = await failureOf(() => begin(cloud, request));
      expect(error).to.include({ name: "InvalidInputException", message });
    });
  }

  for (const [given, message] of [
    [{ command: undefined }, "aws:glue/job:Job process-csv.command must be an object, got nothing"],
    [
      { command: { name: "glueetl", scriptLocation: "/a.py" } },
      'aws:glue/job:Job process-csv.command.scriptLocation must be an s3:// location, got "/a.py"',
    ],
    [
      { command: { name: "ray", scriptLocation: "s3://a/b" } },
      "command.name must be one of glueetl, gluestreaming, pythonshell",
    ],
    [
      { command: { name: "pythonshell", scriptLocation: "s3://a/b" } },
      'workerType must be left out: a Python shell job has maxCapacity, got "G.1X"',
    ],
    [{ maintenanceWindow: "Sun:3" }, 'maintenanceWindow must be left out: it is for streaming jobs, got "Sun:3"'],
    [
      { command: { name: "gluestreaming", scriptLocation: "s3://a/b" }, maintenanceWindow: "Sunday" },
      'maintenanceWindow must be a day and an hour, like "Sun:3", got "Sunday"',
    ],
    [{ maxCapacity: 10 }, "maxCapacity must be left out: Spark jobs have workerType and numberOfWorkers, got 10"],
  ] as const) {
    it(`is refused with "${message}"`, () => {
      expect(() => read(given)).to.throw(message);
    });
  }
});

describe("runOfItem", () => {
  it("tells a run from the item of a simulated job's table", async () => {
    const table = new TableInMemory();
    await createDynamoJobRunStore(table, "runs").add(aRun());
    const { JobName: name, Id } = aRun();
    const { Item = {} } = await table.getItem({ TableName: "runs", Key: { JobName: { S: name }, Id: { S: Id } } });
    const told = runOfItem(Item, start + 14_250);
    expect(told?.progress).to.equal(0.5);
    expect(told?.run.JobRunState).to.equal("RUNNING");
  });

  it("finds none in other items", () => {
    expect(runOfItem({ Id: { S: "slot#0001" } }, start)).to.equal(undefined);
  });
});

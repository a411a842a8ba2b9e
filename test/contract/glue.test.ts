import { ExecutionClass, JobMode, JobRunState, WorkerType } from "@aws-sdk/client-glue";
import type { JobRun, StartJobRunRequest } from "@aws-sdk/client-glue";
import { expect } from "chai";
import type { FinalState, JobDefinition, Simulation } from "../../functions/lib/job-definition.ts";
import { aJob, aSimulation, failureOf, start } from "../support/jobs.ts";
import { embeddedGlue, simulatedJob } from "./subjects.ts";
import type { Subject } from "./subjects.ts";

const JobName = "process-csv";

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string" && value !== "";
const isWhole: Check = (value) => Number.isInteger(value) && Number(value) >= 0;
const isNumber: Check = (value) => typeof value === "number" && value >= 0;
const isDate: Check = (value) => value instanceof Date && !Number.isNaN(value.getTime());
const isTexts: Check = (value) => typeof value === "object" && value !== null && Object.values(value).every(isText);
const isOneOf =
  (values: Readonly<Record<string, string>>): Check =>
  (value) =>
    Object.values<unknown>(values).includes(value);

/** Each field that Glue's JobRun has, with what it may hold. */
const jobRunFields: Readonly<Record<keyof JobRun, Check>> = {
  Id: (value) => /^jr_[0-9a-f]{64}$/.test(String(value)),
  Attempt: isWhole,
  PreviousRunId: isText,
  TriggerName: isText,
  JobName: isText,
  JobMode: isOneOf(JobMode),
  JobRunQueuingEnabled: (value) => typeof value === "boolean",
  StartedOn: isDate,
  LastModifiedOn: isDate,
  CompletedOn: isDate,
  JobRunState: isOneOf(JobRunState),
  Arguments: isTexts,
  ErrorMessage: isText,
  PredecessorRuns: Array.isArray,
  AllocatedCapacity: isWhole,
  ExecutionTime: isWhole,
  Timeout: isWhole,
  MaxCapacity: isNumber,
  WorkerType: isOneOf(WorkerType),
  NumberOfWorkers: isWhole,
  SecurityConfiguration: isText,
  LogGroupName: isText,
  NotificationProperty: (value) => typeof value === "object",
  GlueVersion: isText,
  DPUSeconds: isNumber,
  ExecutionClass: isOneOf(ExecutionClass),
  MaintenanceWindow: isText,
  ProfileName: isText,
  StateDetail: isText,
  ExecutionRoleSessionPolicy: isText,
};

const always: readonly (keyof JobRun)[] = [
  "Id",
  "Attempt",
  "JobName",
  "JobMode",
  "JobRunQueuingEnabled",
  "StartedOn",
  "LastModifiedOn",
  "JobRunState",
  "PredecessorRuns",
  "AllocatedCapacity",
  "ExecutionTime",
  "Timeout",
  "MaxCapacity",
  "LogGroupName",
  "GlueVersion",
];

const ended: readonly JobRunState[] = ["SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"];

function checkShape(run: JobRun): void {
  for (const [name, value] of Object.entries(run)) {
    expect(Object.keys(jobRunFields), `a field of JobRun`).to.include(name);
    expect(jobRunFields[name as keyof JobRun](value), `${name}: ${JSON.stringify(value)}`).to.equal(true);
  }
  expect(run).to.include.all.keys(...always);
  expect("CompletedOn" in run).to.equal(run.JobRunState !== undefined && ended.includes(run.JobRunState));
  expect("StateDetail" in run).to.equal(run.JobRunState === "WAITING");
}

for (const [name, makeSubject] of [
  ["A simulated job", simulatedJob],
  ["The embedded Glue", embeddedGlue],
] as const) {
  describe(`${name}, as Glue's clients see it`, () => {
    const make = (job: Partial<JobDefinition> = {}, simulation: Partial<Simulation> = {}): Promise<Subject> =>
      makeSubject(aJob(job), aSimulation(simulation));

    const begin = async (subject: Subject, request: Partial<StartJobRunRequest> = {}): Promise<string> => {
      const answer = await subject.startJobRun({ JobName, ...request });
      expect(Object.keys(answer)).to.deep.equal(["JobRunId"]);
      return answer.JobRunId ?? "";
    };

    const look = async (subject: Subject, RunId: string): Promise<JobRun> => {
      const answer = await subject.getJobRun({ JobName, RunId, PredecessorsIncluded: false });
      expect(Object.keys(answer)).to.deep.equal(["JobRun"]);
      const { JobRun = {} } = answer;
      checkShape(JobRun);
      return JobRun;
    };

    it("runs from STARTING over RUNNING to SUCCEEDED", async () => {
      const subject = await make();
      const id = await begin(subject, { Arguments: { "--key": "a.csv" } });
      expect(await look(subject, id)).to.include({ JobRunState: "STARTING", ExecutionTime: 0 });
      await subject.pass(8);
      expect(await look(subject, id)).to.include({ JobRunState: "RUNNING" });
      await subject.pass(30);
      expect(await look(subject, id)).to.deep.equal({
        Id: id,
        Attempt: 0,
        JobName,
        JobMode: "SCRIPT",
        JobRunQueuingEnabled: false,
        StartedOn: new Date(start),
        LastModifiedOn: new Date(start + 20_000),
        CompletedOn: new Date(start + 20_000),
        JobRunState: "SUCCEEDED",
        Arguments: { "--key": "a.csv" },
        PredecessorRuns: [],
        AllocatedCapacity: 2,
        ExecutionTime: 12,
        Timeout: 60,
        MaxCapacity: 2,
        WorkerType: "G.1X",
        NumberOfWorkers: 2,
        LogGroupName: "/aws-glue/jobs",
        GlueVersion: "5.1",
        ExecutionClass: "STANDARD",
      });
    });

    for (const state of ["SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "STOPPED", "EXPIRED"] satisfies FinalState[]) {
      it(`ends as ${state} and stays so`, async () => {
        const scenarios = [{ match: "*", Return: { JobRunState: state } }];
        const subject = await make({ Timeout: 5 }, { scenarios });
        const id = await begin(subject);
        await subject.pass(400);
        const run = await look(subject, id);
        expect(run.JobRunState).to.equal(state);
        expect("ErrorMessage" in run).to.equal(state === "FAILED" || state === "ERROR");
        await subject.pass(4000);
        expect(await look(subject, id)).to.deep.equal(run);
      });
    }

    it("reaches each of Glue's states", async () => {
      const subject = await make({ MaxConcurrentRuns: 1, JobRunQueuingEnabled: true, Timeout: 1 });
      const forced = ["SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "STOPPED", "EXPIRED"];
      const ids = [];
      for (const state of forced) ids.push(await begin(subject, { Arguments: { "--simulated_state": state } }));
      const seen = new Set<string | undefined>();
      for (let second = 0; second < 300; second += 1) {
        for (const id of ids) seen.add((await look(subject, id)).JobRunState);
        await subject.pass(1);
      }
      expect([...seen].sort()).to.deep.equal(Object.values(JobRunState).sort());
    });

    it("takes what a run overrides from the request", async () => {
      const subject = await make();
      const overrides = {
        Timeout: 10,
        WorkerType: "G.2X",
        NumberOfWorkers: 5,
        ExecutionClass: "FLEX",
        SecurityConfiguration: "sealed",
        NotificationProperty: { NotifyDelayAfter: 5 },
        ExecutionRoleSessionPolicy: '{\n  "Version": "2012-10-17"\n}',
      } as const;
      const id = await begin(subject, overrides);
      await subject.pass(60);
      expect(await look(subject, id)).to.deep.include({
        ...overrides,
        MaxCapacity: 10,
        AllocatedCapacity: 10,
        DPUSeconds: 120,
      });
    });

    it("sizes a Python shell job by capacity alone", async () => {
      const subject = await make({ Command: "pythonshell", MaxCapacity: 0.0625 });
      const run = await look(subject, await begin(subject));
      expect(run).to.include({ MaxCapacity: 0.0625, AllocatedCapacity: 0, LogGroupName: "/aws-glue/python-jobs" });
      expect(run).not.to.have.any.keys("WorkerType", "NumberOfWorkers", "ExecutionClass");
      expect(await look(subject, await begin(subject, { MaxCapacity: 1 }))).to.include({ MaxCapacity: 1 });
      for (const wrong of [{ MaxCapacity: 2 }, { WorkerType: "G.1X" as const }]) {
        expect((await failureOf(() => begin(subject, wrong))).name).to.equal("Glue.InvalidInputException");
      }
    });

    for (const [what, request] of [
      ["an empty job name", { JobName: "" }],
      ["no job name", { JobName: undefined }],
      ["a job name of 256 characters", { JobName: "j".repeat(256) }],
      ["a job name on two lines", { JobName: "a\nb" }],
      ["arguments that are no texts", { Arguments: { "--attempt": 1 } }],
      ["arguments that are a list", { Arguments: ["--a"] }],
      ["more than 260 KB of arguments", { Arguments: { "--a": "x".repeat(266_240) } }],
      ["the reserved argument --debug", { Arguments: { "--debug": "1" } }],
      ["the reserved argument --mode", { Arguments: { "--mode": "1" } }],
      ["the reserved argument --JOB_NAME", { Arguments: { "--JOB_NAME": "1" } }],
      ["the reserved argument --endpoint", { Arguments: { "--endpoint": "1" } }],
      ["a forced state that is none", { Arguments: { "--simulated_state": "RUNNING" } }],
      ["a timeout of 0", { Timeout: 0 }],
      ["a timeout of 10,081 minutes", { Timeout: 10_081 }],
      ["half a minute of timeout", { Timeout: 0.5 }],
      ["no workers", { NumberOfWorkers: 0 }],
      ["a single worker", { NumberOfWorkers: 1 }],
      ["more workers than 32 bits count", { NumberOfWorkers: 2 ** 31 }],
      ["an unknown worker type", { WorkerType: "G.3X" }],
      ["an unknown execution class", { ExecutionClass: "SPOT" }],
      ["capacity beside workers", { MaxCapacity: 10 }],
      ["a negative capacity", { MaxCapacity: -1 }],
      ["allocated capacity beside workers", { AllocatedCapacity: 10 }],
      ["FLEX with large workers", { ExecutionClass: "FLEX", WorkerType: "G.4X" }],
      ["FLEX with a queue", { ExecutionClass: "FLEX", JobRunQueuingEnabled: true }],
      ["a queue that is a text", { JobRunQueuingEnabled: "yes" }],
      ["a notification that is a text", { NotificationProperty: "5" }],
      ["a misspelt field of a notification", { NotificationProperty: { NotifyDelay: 5 } }],
      ["a notification after no time", { NotificationProperty: { NotifyDelayAfter: 0 } }],
      ["an unknown field", { JobArguments: {} }],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const subject = await make();
        const wrong = { JobName, ...request } as unknown as StartJobRunRequest;
        expect((await failureOf(() => subject.startJobRun(wrong))).name).to.equal("Glue.InvalidInputException");
      });
    }

    it("refuses worker types that the job's version of Glue does not have", async () => {
      const subject = await make({ GlueVersion: "3.0" });
      const error = await failureOf(() => begin(subject, { WorkerType: "R.1X" }));
      expect(error).to.include({
        name: "Glue.InvalidInputException",
        message: "WorkerType R.1X needs GlueVersion 4.0 or newer, got 3.0",
      });
      await begin(subject, { WorkerType: "G.8X" });
    });

    it("knows no other job and no other run", async () => {
      const subject = await make();
      const unknown = { JobName: "other" };
      const RunId = `jr_${"0".repeat(64)}`;
      for (const call of [
        () => subject.startJobRun(unknown),
        () => subject.getJobRun({ ...unknown, RunId }),
        () => subject.getJobRuns(unknown),
        () => subject.getJobRun({ JobName, RunId }),
      ]) {
        expect((await failureOf(call)).name).to.equal("Glue.EntityNotFoundException");
      }
      // The one operation that does not fail with it: it tells of each run by itself.
      const { Errors, SuccessfulSubmissions } = await subject.batchStopJobRun({ ...unknown, JobRunIds: [RunId] });
      expect(SuccessfulSubmissions).to.deep.equal([]);
      expect(Errors?.map(({ ErrorDetail }) => ErrorDetail?.ErrorCode)).to.deep.equal(["EntityNotFoundException"]);
    });

    it("counts the characters of a name, not the units that JavaScript has for them", async () => {
      const subject = await make();
      const named = (count: number): Promise<Error> =>
        failureOf(() => subject.startJobRun({ JobName: "😀".repeat(count) }));
      expect((await named(255)).name).to.equal("Glue.EntityNotFoundException");
      expect((await named(256)).name).to.equal("Glue.InvalidInputException");
    });

    it("refuses what GetJobRun, GetJobRuns and BatchStopJobRun do not take", async () => {
      const subject = await make();
      for (const call of [
        () => subject.getJobRun({ JobName, RunId: "" }),
        () => subject.getJobRun({ JobName, RunId: "x", PredecessorsIncluded: "no" as unknown as boolean }),
        () => subject.getJobRun("text" as unknown as { JobName: string; RunId: string }),
        () => subject.getJobRuns({ JobName, MaxResults: 201 }),
        () => subject.getJobRuns({ JobName, MaxResults: 0 }),
        () => subject.getJobRuns({ JobName, NextToken: "next" }),
        () => subject.batchStopJobRun({ JobName, JobRunIds: [] }),
        () => subject.batchStopJobRun({ JobName, JobRunIds: ["a\nb"] }),
        () => subject.batchStopJobRun({ JobName, JobRunIds: Array.from({ length: 26 }, (_, n) => `jr_${n}`) }),
      ]) {
        expect((await failureOf(call)).name).to.equal("Glue.InvalidInputException");
      }
    });

    it("refuses a run too many, and has it wait where the job or the request says so", async () => {
      const subject = await make({ MaxConcurrentRuns: 1 });
      await begin(subject);
      expect((await failureOf(() => begin(subject))).name).to.equal("Glue.ConcurrentRunsExceededException");
      const id = await begin(subject, { JobRunQueuingEnabled: true });
      expect(await look(subject, id)).to.include({ JobRunState: "WAITING", JobRunQueuingEnabled: true });
      await subject.pass(20);
      expect((await look(subject, id)).JobRunState).to.equal("STARTING");
    });

    for (const error of [
      "InvalidInputException",
      "EntityNotFoundException",
      "InternalServiceException",
      "OperationTimeoutException",
      "ResourceNumberLimitExceededException",
      "ConcurrentRunsExceededException",
      "ThrottlingException",
    ]) {
      it(`fails with ${error} when a scenario says so`, async () => {
        const scenarios = [{ match: "*", Throw: { Error: error, Cause: "as told" } }];
        const subject = await make({}, { scenarios });
        const found = await failureOf(() => begin(subject));
        expect(found).to.include({ name: `Glue.${error}`, message: "as told" });
      });
    }

    it("stops a run over STOPPING, and says what cannot be stopped", async () => {
      const subject = await make();
      const done = await begin(subject, { Arguments: { "--key": "a" } });
      await subject.pass(60);
      const id = await begin(subject, { Arguments: { "--key": "b" } });
      await subject.pass(10);
      const answer = await subject.batchStopJobRun({ JobName, JobRunIds: [id, done, "jr_none"] });
      expect(answer.SuccessfulSubmissions).to.deep.equal([{ JobName, JobRunId: id }]);
      expect(answer.Errors?.map(({ JobRunId, ErrorDetail }) => [JobRunId, ErrorDetail?.ErrorCode])).to.deep.equal([
        [done, "InvalidInputException"],
        ["jr_none", "EntityNotFoundException"],
      ]);
      expect(answer.Errors?.[0]?.ErrorDetail?.ErrorMessage).to.contain(
        "cannot be stopped any more: it has come to its end",
      );
      expect((await look(subject, id)).JobRunState).to.equal("STOPPING");
      const again = await subject.batchStopJobRun({ JobName, JobRunIds: [id] });
      expect(again).to.deep.equal({ SuccessfulSubmissions: [{ JobName, JobRunId: id }], Errors: [] });
      await subject.pass(6);
      expect((await look(subject, id)).JobRunState).to.equal("STOPPED");
    });

    it("lists runs newest first, page by page", async () => {
      const subject = await make({ MaxConcurrentRuns: 10 });
      const ids = [];
      for (let n = 0; n < 5; n += 1) {
        ids.unshift(await begin(subject));
        await subject.pass(1);
      }
      const first = await subject.getJobRuns({ JobName, MaxResults: 3 });
      expect(first.NextToken).to.be.a("string");
      const second = await subject.getJobRuns({ JobName, MaxResults: 3, NextToken: first.NextToken });
      expect(second).not.to.have.property("NextToken");
      const runs = [...(first.JobRuns ?? []), ...(second.JobRuns ?? [])];
      runs.forEach(checkShape);
      expect(runs.map(({ Id }) => Id)).to.deep.equal(ids);
    });
  });
}

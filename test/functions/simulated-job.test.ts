import { expect } from "chai";
import { createHandler as createBatchStopJobRun } from "../../functions/batch-stop-job-run.ts";
import { createHandler as createGetJobRun, handler as getJobRun } from "../../functions/get-job-run.ts";
import { createHandler as createStartJobRun, handler as startJobRun } from "../../functions/start-job-run.ts";
import type { Dependencies } from "../../functions/lib/aws.ts";
import { systemClock } from "../../functions/lib/system-clock.ts";
import { TableInMemory } from "../support/dynamo-db.ts";
import { aJob, aSimulation, failureOf, start } from "../support/jobs.ts";

const JobName = "process-csv";
const environment = {
  TABLE_NAME: "runs",
  JOB: JSON.stringify(aJob()),
  SIMULATION: JSON.stringify(aSimulation()),
  STAND_IN: "",
};

type HandlerDependencies = Pick<Dependencies, "dynamoDb" | "lambda" | "env" | "now" | "log">;

function dependencies(given: Partial<HandlerDependencies> = {}): HandlerDependencies {
  return {
    dynamoDb: new TableInMemory(),
    lambda: { invoke: () => Promise.reject(new Error("not to be called")) },
    env: environment,
    now: () => start,
    log: () => undefined,
    ...given,
  };
}

describe("The functions of a simulated job", () => {
  it("are handlers for Lambda, with the machine's clock", () => {
    expect(startJobRun).to.be.a("function");
    expect(getJobRun).to.be.a("function");
    expect(systemClock()).to.be.closeTo(new Date().getTime(), 1000);
  });

  it("start a run and tell of it, dates as ISO strings", async () => {
    const deps = dependencies();
    const { JobRunId: RunId } = await createStartJobRun(deps)({ JobName });
    const answer = await createGetJobRun({ ...deps, now: () => start + 60_000 })({ JobName, RunId });
    expect(answer.JobRun).to.include({
      JobRunState: "SUCCEEDED",
      StartedOn: new Date(start).toISOString(),
      CompletedOn: new Date(start + 20_000).toISOString(),
    });
  });

  it("stop a run, and say of each that cannot be stopped why", async () => {
    const deps = dependencies();
    const { JobRunId: RunId = "" } = await createStartJobRun(deps)({ JobName });
    const answer = await createBatchStopJobRun(deps)({ JobName, JobRunIds: [RunId, "jr_none"] });
    expect(answer.SuccessfulSubmissions).to.deep.equal([{ JobName, JobRunId: RunId }]);
    expect(answer.Errors?.map(({ JobRunId, ErrorDetail }) => [JobRunId, ErrorDetail?.ErrorCode])).to.deep.equal([
      ["jr_none", "EntityNotFoundException"],
    ]);
    const later = createGetJobRun({ ...deps, now: () => start + 60_000 });
    expect((await later({ JobName, RunId })).JobRun?.JobRunState).to.equal("STOPPED");
    const wrong = await failureOf(() => createBatchStopJobRun(deps)({ JobName, JobRunIds: [] }));
    expect(wrong.name).to.equal("Glue.InvalidInputException");
  });

  it("log what they answer", async () => {
    const entries: object[] = [];
    const deps = dependencies({ log: (entry) => entries.push(entry) });
    const { JobRunId } = await createStartJobRun(deps)({ JobName });
    await createGetJobRun(deps)({ JobName, RunId: JobRunId });
    expect(entries).to.deep.equal([
      { level: "INFO", message: "started", JobName, JobRunId },
      { level: "INFO", message: "looked", JobName, JobRunId, JobRunState: "STARTING" },
    ]);
  });

  it("fail under the names that Step Functions reports for Glue", async () => {
    const error = await failureOf(() => createStartJobRun(dependencies())({ JobName: "other" }));
    expect(error.name).to.equal("Glue.EntityNotFoundException");
    const unknown = await failureOf(() => createGetJobRun(dependencies())({ JobName, RunId: "jr_none" }));
    expect(unknown.name).to.equal("Glue.EntityNotFoundException");
  });

  it("leave a scenario's error that has a prefix of its own as it is", async () => {
    const scenarios = [{ match: "*", Throw: { Error: "Lambda.TooManyRequestsException" } }];
    const env = { ...environment, SIMULATION: JSON.stringify(aSimulation({ scenarios })) };
    const error = await failureOf(() => createStartJobRun(dependencies({ env }))({ JobName }));
    expect(error.name).to.equal("Lambda.TooManyRequestsException");
  });

  it("have the stand-in do the work, and pass on that it cannot be called", async () => {
    const calls: unknown[] = [];
    let denied = true;
    const deps = dependencies({
      env: { ...environment, STAND_IN: "worker" },
      lambda: {
        invoke: (input) => {
          calls.push(input.FunctionName);
          if (!denied) return Promise.resolve({ Payload: "{}" });
          return Promise.reject(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
        },
      },
    });
    const { JobRunId: RunId } = await createStartJobRun(deps)({ JobName });
    const look = createGetJobRun({ ...deps, now: () => start + 60_000 });
    expect(await failureOf(() => look({ JobName, RunId }))).to.have.property("name", "AccessDeniedException");
    denied = false;
    expect((await look({ JobName, RunId })).JobRun?.JobRunState).to.equal("SUCCEEDED");
    expect(calls).to.deep.equal(["worker", "worker"]);
  });

  it("pass on what the table says other than that a condition does not hold", async () => {
    const dynamoDb = new TableInMemory();
    dynamoDb.putItem = () =>
      Promise.reject(Object.assign(new Error("no table"), { name: "ResourceNotFoundException" }));
    const error = await failureOf(() => createStartJobRun(dependencies({ dynamoDb }))({ JobName }));
    expect(error.name).to.equal("ResourceNotFoundException");
  });

  it("name an item of the table that is none of theirs", async () => {
    const dynamoDb = new TableInMemory();
    await dynamoDb.putItem({ TableName: "runs", Item: { JobName: { S: JobName }, Id: { S: "jr_1" } } });
    const error = await failureOf(() => createGetJobRun(dependencies({ dynamoDb }))({ JobName, RunId: "jr_1" }));
    expect(error.message).to.contain("must have a text Run");
  });

  for (const [name, value] of [
    ["TABLE_NAME", undefined],
    ["JOB", undefined],
    ["JOB", "{"],
    ["SIMULATION", "3"],
  ] as const) {
    it(`name the variable ${name} when it is ${value ?? "missing"}`, async () => {
      const deps = dependencies({ env: { ...environment, [name]: value } });
      const error = await failureOf(() => createStartJobRun(deps)({ JobName }));
      expect(error.message).to.contain(`The environment variable ${name} must be`);
    });
  }
});

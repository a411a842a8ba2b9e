import type { JobRun, StartJobRunRequest } from "@aws-sdk/client-glue";
import { expect } from "chai";
import { createHandler as createFind, handler as find } from "../../functions/find-job-run.ts";
import { createHandler as createResolve, handler as resolve } from "../../functions/resolve-job-run.ts";
import { createHandler as createStart, handler as startForToken } from "../../functions/start-job-run-for-token.ts";
import type { GlueCalls, Tasks } from "../../functions/lib/aws.ts";
import { failureOf, start } from "../support/jobs.ts";

const run = (Id: string, given: Partial<JobRun> = {}): JobRun => ({
  Id,
  JobName: "job",
  JobRunState: "SUCCEEDED",
  StartedOn: new Date(start + 1000),
  Arguments: { "--execution_name": "a-csv-1", "--attempt": "1", "--task_token": "token" },
  ...given,
});

const named = (name: string): Error => Object.assign(new Error(`${name} it is`), { name });

/** Glue with some runs, newest first, which it lists two at a time; and Step Functions with tasks that wait. */
const setting = (runs: readonly JobRun[], { refusal, tellError }: { refusal?: Error; tellError?: Error } = {}) => {
  const started: StartJobRunRequest[] = [];
  const told: Parameters<Tasks["sendTaskSuccess"]>[0][] = [];
  const waits: number[] = [];
  const pages: string[] = [];
  let looks = 0;
  const glueCalls: GlueCalls = {
    startJobRun: (request) => {
      started.push(request);
      return refusal === undefined ? Promise.resolve({ JobRunId: "jr_new" }) : Promise.reject(refusal);
    },
    getJobRun: ({ RunId }) => {
      looks += 1;
      const found = runs.filter(({ Id }) => Id === RunId);
      const seen = found[Math.min(looks, found.length) - 1];
      return Promise.resolve(seen === undefined ? {} : { JobRun: seen });
    },
    getJobRuns: ({ NextToken = "0" }) => {
      const from = Number(NextToken);
      pages.push(NextToken);
      const next = from + 2 < runs.length ? { NextToken: String(from + 2) } : {};
      return Promise.resolve({ JobRuns: runs.slice(from, from + 2), ...next });
    },
    batchStopJobRun: () => Promise.reject(new Error("not to be asked")),
  };
  const deps = {
    glueCalls,
    lambda: { invoke: () => Promise.reject(new Error("not to be asked")) },
    sqs: { sendMessage: () => Promise.reject(new Error("not to be asked")) },
    tasks: {
      sendTaskSuccess: (input: Parameters<Tasks["sendTaskSuccess"]>[0]) => {
        told.push(input);
        return tellError === undefined ? Promise.resolve({}) : Promise.reject(tellError);
      },
    },
    env: {},
    now: () => start + 2000,
    sleep: (ms: number) => {
      waits.push(ms);
      return Promise.resolve();
    },
    log: () => undefined,
  };
  return { deps, started, told, waits, pages };
};

/** The same where the job named "job" is simulated. */
const simulated = ({ deps, ...rest }: ReturnType<typeof setting>) => {
  const invoked: string[] = [];
  const lambda = {
    invoke: ({ FunctionName }: { readonly FunctionName: string }) => {
      invoked.push(FunctionName);
      return Promise.resolve({ Payload: JSON.stringify({ JobRunId: "jr_function" }) });
    },
  };
  const env = { SIMULATED_JOBS: JSON.stringify({ job: { start: "start-function", ends: "queue" } }) };
  return { ...rest, invoked, deps: { ...deps, lambda, env } };
};

const request = { JobName: "job", Arguments: { "--execution_name": "a-csv-1", "--attempt": "1" }, NumberOfWorkers: 4 };
const EnteredTime = new Date(start).toISOString();

describe("The function that starts a run for a task's token", () => {
  it("starts it with what StartJobRun takes, and looks for nothing at the first try", async () => {
    const { deps, started } = setting([run("jr_1")]);
    expect(await createStart(deps)({ ...request, EnteredTime, RetryCount: 0 })).to.deep.equal({ JobRunId: "jr_new" });
    expect(started).to.deep.equal([request]);
  });

  it("starts none at a later try where an earlier one has", async () => {
    const others = ["jr_9", "jr_8"].map((id) => run(id, { Arguments: { "--execution_name": "b-csv-1" } }));
    const { deps, started } = setting([...others, run("jr_1")]);
    const error = await failureOf(() => createStart(deps)({ ...request, EnteredTime, RetryCount: 1 }));
    expect(error.name).to.equal("JobRun.AlreadyStarted");
    expect(error.message).to.include("jr_1");
    expect(started).to.deep.equal([]);
  });

  it("starts one at a later try where none of that attempt is there since the state was entered", async () => {
    const { deps, started } = setting([
      run("jr_2", { Arguments: { "--execution_name": "a-csv-1", "--attempt": "2" } }),
      run("jr_1", { StartedOn: new Date(start - 3_600_000) }),
    ]);
    await createStart(deps)({ ...request, EnteredTime, RetryCount: 3 });
    expect(started).to.have.length(1);
  });

  it("does not leaf through the runs of hours where it has waited so long for a place", async () => {
    const minutes = Array.from({ length: 180 }, (_, age) => age);
    const runs = minutes.map((age) => run(`jr_${age}`, { StartedOn: new Date(start - age * 60_000), Arguments: {} }));
    const { deps, started, pages } = setting(runs);
    const entered = new Date(start - 180 * 60_000).toISOString();
    await createStart(deps)({ ...request, EnteredTime: entered, RetryCount: 40 });
    expect(started).to.have.length(1);
    expect(pages).to.have.length(13);
    // It sees what the tries have done that it cannot know of.
    const silent = run("jr_silent", { StartedOn: new Date(start - 16 * 60_000) });
    const { deps: found } = setting([...runs.slice(0, 16), silent, ...runs.slice(16)]);
    const error = await failureOf(() => createStart(found)({ ...request, EnteredTime: entered, RetryCount: 40 }));
    expect(error.message).to.include("jr_silent");
  });

  it("fails by the names that Step Functions has for Glue's errors", async () => {
    const { deps } = setting([], { refusal: named("ConcurrentRunsExceededException") });
    const error = await failureOf(() => createStart(deps)({ ...request, EnteredTime, RetryCount: 0 }));
    expect(error.name).to.equal("Glue.ConcurrentRunsExceededException");
  });

  it("has a run whose end cannot be announced all the same", async () => {
    const { deps } = simulated(setting([]));
    const sqs = { sendMessage: () => Promise.reject(new Error("lost")) };
    const started = await createStart({ ...deps, sqs })({ ...request, EnteredTime, RetryCount: 0 });
    expect(started).to.deep.equal({ JobRunId: "jr_function" });
  });

  it("announces it where its job is simulated, and leaves the runs of Glue's jobs to Glue", async () => {
    const { deps, invoked, started } = simulated(setting([]));
    const sent: unknown[] = [];
    const sqs = { sendMessage: (message: unknown) => Promise.resolve(sent.push(message)).then(() => ({})) };
    await createStart({ ...deps, sqs })({ ...request, EnteredTime, RetryCount: 0 });
    expect(sent).to.deep.equal([
      { QueueUrl: "queue", MessageBody: JSON.stringify({ JobName: "job", JobRunId: "jr_function" }) },
    ]);
    await createStart({ ...deps, sqs })({ ...request, JobName: "other", EnteredTime, RetryCount: 0 });
    expect(invoked).to.deep.equal(["start-function"]);
    expect(started.map(({ JobName }) => JobName)).to.deep.equal(["other"]);
    expect(sent).to.have.length(1);
  });

  it("tells a run of a map's item from those of other items", async () => {
    const ofItem = (item: string) => ({ ...request.Arguments, "--map_item": item });
    const runs = [run("jr_1", { Arguments: ofItem("0") }), run("jr_0", { Arguments: ofItem("1") })];
    const { deps, started } = setting(runs);
    const again = (item: string) =>
      createStart(deps)({ ...request, Arguments: ofItem(item), EnteredTime, RetryCount: 1 });
    expect((await failureOf(() => again("1"))).message).to.include("jr_0");
    await again("2");
    expect(started.map(({ Arguments }) => Arguments?.["--map_item"])).to.deep.equal(["2"]);
  });
});

describe("The function that finds a run", () => {
  const sought = { JobName: "job", ExecutionName: "a-csv-1", Attempt: "1", Since: EnteredTime };

  it("finds the one of the attempt, on whatever page it is", async () => {
    const { deps } = setting([run("jr_4", { Arguments: {} }), run("jr_3", { Arguments: {} }), run("jr_1")]);
    expect(await createFind(deps)(sought)).to.deep.equal({ JobRunId: "jr_1" });
  });

  it("fails where there is none", async () => {
    const error = await failureOf(() => createFind(setting([]).deps)(sought));
    expect(error.name).to.equal("JobRun.NotFound");
    expect(error.message).to.equal("job has no run of attempt 1 of a-csv-1");
  });

  it("finds the one of a map's item", async () => {
    const ofItem = (Id: string, item: string) =>
      run(Id, { Arguments: { "--execution_name": "a-csv-1", "--attempt": "1", "--map_item": item } });
    const { deps } = setting([ofItem("jr_1", "1"), ofItem("jr_0", "0")]);
    expect(await createFind(deps)({ ...sought, MapItem: "0" })).to.deep.equal({ JobRunId: "jr_0" });
    const error = await failureOf(() => createFind(deps)({ ...sought, MapItem: "2" }));
    expect(error.message).to.equal("job has no run of attempt 1 of a-csv-1, item 2");
  });
});

describe("The function that ends the tasks which wait for runs", () => {
  const event = { detail: { jobName: "job", jobRunId: "jr_1", state: "SUCCEEDED" } };

  it("tells the task of the run, however it ended, without its arguments", async () => {
    const failed = run("jr_1", { JobRunState: "FAILED", ErrorMessage: "out of memory" });
    const { deps, told } = setting([failed]);
    expect(await createResolve(deps)(event)).to.deep.equal({ resolved: "resolved" });
    expect(told.map(({ taskToken }) => taskToken)).to.deep.equal(["token"]);
    expect(JSON.parse(String(told[0]?.output))).to.deep.equal({
      Id: "jr_1",
      JobName: "job",
      JobRunState: "FAILED",
      ErrorMessage: "out of memory",
      StartedOn: new Date(start + 1000).toISOString(),
    });
  });

  it("leaves runs alone that nobody waits for by a token", async () => {
    const { deps, told } = setting([run("jr_1", { Arguments: {} })]);
    expect(await createResolve(deps)(event)).to.deep.equal({ resolved: "not waited for" });
    expect(told).to.deep.equal([]);
  });

  for (const name of ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"]) {
    it(`is done where the token is closed: ${name}`, async () => {
      const { deps } = setting([run("jr_1")], { tellError: named(name) });
      expect(await createResolve(deps)(event)).to.deep.equal({ resolved: "late" });
    });
  }

  it("fails where it could be told of later", async () => {
    const { deps } = setting([run("jr_1")], { tellError: named("ThrottlingException") });
    expect((await failureOf(() => createResolve(deps)(event))).name).to.equal("ThrottlingException");
  });

  it("looks again at a run that has ended by its event and not yet by GetJobRun, for a while", async () => {
    const running = run("jr_1", { JobRunState: "RUNNING" });
    const soon = setting([running, run("jr_1")]);
    expect(await createResolve(soon.deps)(event)).to.deep.equal({ resolved: "resolved" });
    expect(soon.waits).to.deep.equal([1000]);
    const never = setting([running]);
    expect((await failureOf(() => createResolve(never.deps)(event))).message).to.include("goes on by GetJobRun");
    expect(never.told).to.deep.equal([]);
  });

  it("refuses what is no event of a run", async () => {
    const { deps } = setting([]);
    expect((await failureOf(() => createResolve(deps)({ detail: {} }))).message).to.include("jobName and jobRunId");
  });
});

describe("The handlers of these functions", () => {
  it("are made without a client or a variable", () => {
    for (const handler of [find, resolve, startForToken]) expect(handler).to.be.a("function");
  });
});

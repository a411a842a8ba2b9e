import { wrongRequest } from "./conversation.ts";
import { againstRules, overrides, wrongLooks, wrongStarts } from "./requests.ts";
import { sameValue } from "./run-rules.ts";
import type { BatchStopJobRunResponse, StartJobRunRequest } from "@aws-sdk/client-glue";
import type { JobDefinition } from "../../functions/lib/job-definition.ts";
import type { Conversation } from "./conversation.ts";

/** A part of the script, with a job of its own that it begins with. */
export interface Chapter {
  readonly job: Partial<JobDefinition>;
  readonly play: (talk: Conversation) => Promise<void>;
}

const JobName = "process-csv";
const noRun = `jr_${"0".repeat(64)}`;
const notFound = ["EntityNotFoundException"];
const Arguments = { "--key": "incoming/a b+%C3%BC ü 😀.csv", "--attempt": "1", "--empty": "", "--lines": 'a\nb\t"c"' };

/**
 * What every subject is asked. Left out: what the simulation does not claim (MaxRetries and, as a request comes from a
 * state machine, fields that the API has not) and what no emulator can be made to do (each final state; see the test of
 * the simulation).
 */
export const script: readonly Chapter[] = [
  { job: {}, play: lifeOfARun },
  { job: { MaxConcurrentRuns: 20 }, play: overriding },
  { job: { MaxConcurrentRuns: 100 }, play: wrongRequests },
  { job: {}, play: whatThereIsNot },
  { job: { MaxConcurrentRuns: 1 }, play: tooManyAtOnce },
  { job: {}, play: stops },
  { job: { MaxConcurrentRuns: 10 }, play: lists },
  { job: {}, play: runningAgain },
  { job: { Command: "pythonshell", MaxCapacity: 0.0625, MaxConcurrentRuns: 10 }, play: pythonShell },
];

async function lifeOfARun(talk: Conversation): Promise<void> {
  const id = await talk.step("a start without arguments").start();
  const run = await talk.step("the first look").expectState(id, "STARTING");
  talk.expectFields(run, {
    Attempt: 0,
    JobName,
    PredecessorRuns: [],
    Timeout: 60,
    WorkerType: "G.1X",
    NumberOfWorkers: 2,
    MaxCapacity: 2,
    AllocatedCapacity: 2,
    GlueVersion: "5.1",
    LogGroupName: "/aws-glue/jobs",
  });
  await talk.step("its states").follow(id, ["STARTING", "RUNNING", "SUCCEEDED"]);
  await talk.pass(4000);
  await talk.step("a look long after the end").expectState(id, "SUCCEEDED");
  const other = await talk.step("a start with arguments").start({ Arguments });
  talk.step("its arguments");
  const told = (await talk.look(other))?.Arguments;
  // The run's own are told, be it with the job's or without.
  if (!sameValue({ ...told, ...Arguments }, told)) talk.note("value", "JobRun.Arguments lacks some of the run's");
}

async function overriding(talk: Conversation): Promise<void> {
  for (const [asked, also = {}] of overrides) {
    const id = await talk
      .step(`a start with ${Object.keys(asked).join(" and ")}`)
      .start(asked as Partial<StartJobRunRequest>);
    talk.expectFields(await talk.look(id), { ...asked, ...also });
  }
}

async function wrongRequests(talk: Conversation): Promise<void> {
  for (const [title, fields, codes = wrongRequest] of wrongStarts) {
    await talk.step(`a start with ${title}`).refused("StartJobRun", { JobName, ...fields }, codes);
  }
  for (const [operation, title, body] of wrongLooks) {
    await talk.step(`${operation} with ${title}`).refused(operation, body, wrongRequest);
  }
}

async function whatThereIsNot(talk: Conversation): Promise<void> {
  const none = await talk.step("a job without runs").ask("GetJobRuns", { JobName });
  if (none !== undefined && none.JobRuns?.length !== 0) talk.note("value", "GetJobRuns of a new job is no empty list");
  const unknown = { JobName: "other" };
  talk.step("an unknown job");
  await talk.refused("StartJobRun", unknown, notFound);
  await talk.refused("GetJobRun", { ...unknown, RunId: noRun }, notFound);
  await talk.refused("GetJobRuns", unknown, notFound);
  talk.step("an unknown run");
  await talk.refused("GetJobRun", { JobName, RunId: noRun }, notFound);
  await talk.step("an unknown previous run").refused("StartJobRun", { JobName, JobRunId: noRun }, notFound);
  const stop = await talk.step("stopping an unknown run").ask("BatchStopJobRun", { JobName, JobRunIds: [noRun] });
  expectStops(talk, stop, [], [noRun]);
}

async function tooManyAtOnce(talk: Conversation): Promise<void> {
  const first = await talk.step("the first run").start();
  const tooMany = ["ConcurrentRunsExceededException"];
  await talk.step("a run too many").refused("StartJobRun", { JobName }, tooMany);
  const queued = await talk.step("a queued run").start({ JobRunQueuingEnabled: true });
  const waiting = await talk.expectState(queued, "WAITING");
  talk.expectFields(waiting, { JobRunQueuingEnabled: true });
  await talk.step("the states of a queued run").follow(queued, ["WAITING", "STARTING", "RUNNING", "SUCCEEDED"]);
  await talk.step("the first run").expectState(first, "SUCCEEDED");
  await talk.step("a run after them").start();
}

async function stops(talk: Conversation): Promise<void> {
  const ended = await talk.step("a run to its end").start({ Arguments: { "--key": "a" } });
  await talk.pass(60);
  const id = await talk.step("a run to be stopped").start({ Arguments: { "--key": "b" } });
  await talk.pass(10);
  if (ended === undefined || id === undefined) return;
  talk.step("stopping a run on its way, one that has ended and one that is not there");
  expectStops(
    talk,
    await talk.ask("BatchStopJobRun", { JobName, JobRunIds: [id, ended, noRun] }),
    [id],
    [ended, noRun],
  );
  await talk.step("after BatchStopJobRun").expectState(id, "STOPPING");
  await talk.step("the states of a stopped run").follow(id, ["STOPPING", "STOPPED"]);
}

async function lists(talk: Conversation): Promise<void> {
  const ids = [];
  for (let n = 0; n < 5; n += 1) {
    ids.unshift(await talk.step("five runs").start({ Arguments: { "--key": `${n}` } }));
    await talk.pass(1);
  }
  const first = await talk.step("a page of three").ask("GetJobRuns", { JobName, MaxResults: 3 });
  if (first === undefined) return;
  if (first.JobRuns?.length !== 3) talk.note("value", "GetJobRuns does not keep to MaxResults");
  if (first.NextToken === undefined) {
    talk.note("value", "GetJobRuns has no NextToken though there are more");
    return;
  }
  const NextToken = first.NextToken;
  const second = await talk.step("the page after it").ask("GetJobRuns", { JobName, MaxResults: 3, NextToken });
  if (second?.NextToken !== undefined) talk.note("value", "GetJobRuns has a NextToken though there are no more");
  const runs = [...(first.JobRuns ?? []), ...(second?.JobRuns ?? [])];
  const told = runs.map(({ Id }) => Id);
  if (told.join() !== ids.join()) talk.note("value", "GetJobRuns does not list all runs, newest first");
  for (const run of runs) talk.checkRun(run, run.Id ?? "");
}

async function runningAgain(talk: Conversation): Promise<void> {
  const first = await talk.step("a run").start({ Arguments });
  await talk.pass(60);
  if (first === undefined) return;
  const again = await talk.step("the same run again").start({ JobRunId: first });
  if (again === first) talk.note("value", "a run that is run again keeps its id");
  talk.expectFields(await talk.look(again), { PreviousRunId: first });
}

async function pythonShell(talk: Conversation): Promise<void> {
  const run = await talk.step("a Python shell run").look(await talk.start());
  talk.expectFields(run, { MaxCapacity: 0.0625, LogGroupName: "/aws-glue/python-jobs" });
  if (run?.WorkerType !== undefined) talk.note("shape", "JobRun.WorkerType is there in a Python shell run");
  const large = await talk.step("a Python shell run of one DPU").start({ MaxCapacity: 1 });
  talk.expectFields(await talk.look(large), { MaxCapacity: 1 });
  for (const wrong of [{ MaxCapacity: 2 }, { WorkerType: "G.1X", NumberOfWorkers: 2 }]) {
    talk.step(`${Object.keys(wrong).join(" and ")} of a Python shell run`);
    await talk.refused("StartJobRun", { JobName, ...wrong }, againstRules);
  }
}

/** BatchStopJobRun answers for each run by itself. */
function expectStops(
  talk: Conversation,
  answer: BatchStopJobRunResponse | undefined,
  stopped: readonly string[],
  failed: readonly string[],
): void {
  if (answer === undefined) return;
  const { SuccessfulSubmissions = [], Errors = [] } = answer;
  if (SuccessfulSubmissions.map(({ JobRunId }) => JobRunId).join() !== stopped.join()) {
    talk.note("value", "SuccessfulSubmissions are not the runs on their way");
  }
  if (Errors.map(({ JobRunId }) => JobRunId).join() !== failed.join()) {
    talk.note("value", "Errors are not the runs that cannot be stopped");
  }
  if (![...SuccessfulSubmissions, ...Errors].every((entry) => entry.JobName === JobName)) {
    talk.note("value", "an entry of BatchStopJobRun has not the job's name");
  }
  if (
    !Errors.every(({ ErrorDetail }) => ErrorDetail?.ErrorCode !== undefined && ErrorDetail.ErrorMessage !== undefined)
  ) {
    talk.note("shape", "an error of BatchStopJobRun has no ErrorCode or ErrorMessage");
  }
}

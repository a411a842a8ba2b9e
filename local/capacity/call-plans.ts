import type {
  AnswerPlan,
  CallPlan,
  ExecutionPlan,
  ListPlan,
  LookPlan,
  Refusals,
  RunPlan,
  StartPlan,
  StopPlan,
} from "./call-plan.ts";
import type { CallEffect, Flow, OutcomeId } from "./flow.ts";
import { STAND_IN } from "./flow/stand-ins.ts";
import { isFinal, stateNames } from "./run-states.ts";
import { CapacityError, type CapacityFunction, type CapacityProgram } from "./program.ts";
import type { Service } from "./requests.ts";

/** No two runs have the same. */
const runId = `jr_${STAND_IN}`;

/** Reads what calls are from what the definition names and the program declares. */
export class CallPlans {
  readonly #program: CapacityProgram;
  readonly #flow: Flow;

  constructor(program: CapacityProgram, flow: Flow) {
    this.#program = program;
    this.#flow = flow;
  }

  planOf({ resource, arguments: given }: CallEffect): CallPlan {
    const called = this.#program.functions.get(resource);
    if (called !== undefined) return this.#ofFunction(called, fields(given), (value) => value);
    const [, name = ""] = /^arn:aws[a-z-]*:states:::(.+)$/.exec(resource) ?? [];
    const args = fields(given);
    switch (name) {
      case "aws-sdk:glue:startJobRun":
      case "glue:startJobRun":
        return this.#start(args, throttleOf(name), (value) => value);
      case "aws-sdk:glue:getJobRun":
        return this.#look(args, throttleOf(name), (value) => value);
      case "aws-sdk:glue:batchStopJobRun":
        return this.#stop(args, (value) => value);
      case "aws-sdk:glue:getJobRuns":
        return this.#list(args, throttleOf(name), (value) => value);
      case "glue:startJobRun.sync":
        return this.#run(args, { by: "looks", throttled: throttleOf(name), givesUpAfter: Infinity, functions: [] });
      case "lambda:invoke":
      case "lambda:invoke.waitForTaskToken":
        return this.#invoke(args, name.endsWith(".waitForTaskToken"));
      case "states:startExecution":
        return this.#startExecution(args, "StepFunctions.AWSStepFunctionsException");
      case "aws-sdk:sfn:startExecution":
        return this.#startExecution(args, "Sfn.SfnException");
      default:
        return this.#answer(serviceOf(name), undefined, answers[name] ?? {});
    }
  }

  #invoke(args: Fields, waits: boolean): CallPlan {
    const called = this.#program.functions.get(String(args.FunctionName));
    const payload = fields(args.Payload);
    if (called === undefined) return this.#answer(undefined, undefined, inPayload({}));
    if (waits && payload.JobName !== undefined) {
      const functions = [called];
      return this.#run(payload, { by: "event", throttled: ofFunctions, givesUpAfter: Infinity, functions });
    }
    return this.#ofFunction(called, payload, inPayload);
  }

  #ofFunction(called: CapacityFunction, args: Fields, wrap: Wrap): CallPlan {
    switch (called.module) {
      case "start-job-run":
        return this.#start(args, ofFunctions, wrap);
      case "get-job-run":
        return this.#look(args, ofFunctions, wrap);
      case "batch-stop-job-run":
        return this.#stop(args, wrap);
      case "get-job-runs":
        return this.#list(args, ofFunctions, wrap);
      case "find-job-run":
        return this.#find(args, wrap);
      case "start-job-run-sync":
        // The function looks for ten minutes; then it stops the run.
        return this.#run(args, { by: "looks", throttled: ofFunctions, givesUpAfter: 600_000, functions: [] });
      default:
        return this.#answer(undefined, called, wrap({}));
    }
  }

  #start(args: Fields, throttled: string, wrap: Wrap): StartPlan {
    const job = this.#job(args);
    return { kind: "start", job, started: this.#result(wrap({ JobRunId: runId })), ...this.#refusals(throttled) };
  }

  #look(args: Fields, throttled: string, wrap: Wrap): LookPlan {
    const job = this.#job(args);
    const states = stateNames.map((name) => this.#result(wrap({ JobRun: this.#jobRun(job, name) })));
    return { kind: "look", job, states, throttled: this.#throttled(throttled) };
  }

  #stop(args: Fields, wrap: Wrap): StopPlan {
    const JobName = String(args.JobName);
    const stopped = this.#result(wrap({ SuccessfulSubmissions: [{ JobName, JobRunId: runId }], Errors: [] }));
    return { kind: "stop", job: this.#job(args), stopped };
  }

  #list(args: Fields, throttled: string, wrap: Wrap): ListPlan {
    const job = this.#job(args);
    const states = stateNames.map((name) => this.#result(wrap({ JobRuns: [this.#jobRun(job, name)] })));
    const nothing = this.#result(wrap({ JobRuns: [] }));
    return { kind: "list", job, states, nothing, throttled: this.#throttled(throttled) };
  }

  /** However the run is: it tells which it is. */
  #find(args: Fields, wrap: Wrap): ListPlan {
    const found = this.#result(wrap({ JobRunId: runId }));
    const nothing = this.#error("JobRun.NotFound", "There is no such run");
    const throttled = this.#throttled(ofFunctions);
    return { kind: "list", job: this.#job(args), states: stateNames.map(() => found), nothing, throttled };
  }

  #run(
    args: Fields,
    { by, throttled, ...more }: Pick<RunPlan, "by" | "givesUpAfter" | "functions"> & { readonly throttled: string },
  ): RunPlan {
    const job = this.#job(args);
    return {
      kind: "run",
      job,
      by,
      ...more,
      ends: stateNames.map((name, code) => {
        const run = this.#jobRun(job, name);
        const isResult = by === "event" || name === "SUCCEEDED";
        return isFinal(code) && !isResult ? this.#error("States.TaskFailed", JSON.stringify(run)) : this.#result(run);
      }),
      gaveUp: this.#error("States.TaskFailed", JSON.stringify(this.#jobRun(job, "RUNNING"))),
      timedOut: this.#error("States.Timeout", "The task took longer than its TimeoutSeconds"),
      silent: this.#error("States.HeartbeatTimeout", "The task was silent for its HeartbeatSeconds"),
      ...this.#refusals(throttled),
    };
  }

  #startExecution({ StateMachineArn }: Fields, throttled: string): ExecutionPlan {
    const machine = String(StateMachineArn);
    const ExecutionArn = `${machine.replace(":stateMachine:", ":execution:")}:${STAND_IN}`;
    const started = this.#result({ ExecutionArn, StartDate: "2026-01-01T00:00:00Z" });
    return { kind: "execution", machine, started, throttled: this.#throttled(throttled) };
  }

  #answer(service: Service | undefined, calls: CapacityFunction | undefined, result: unknown): AnswerPlan {
    const answer = this.#result(result);
    return { kind: "answer", service, calls, answer, throttled: this.#throttled("Lambda.TooManyRequestsException") };
  }

  /** What differs from run to run, such as its times, is the same of all. */
  #jobRun(job: number, JobRunState: string): object {
    const failed = JobRunState === "FAILED" || JobRunState === "TIMEOUT";
    const JobName = this.#program.jobs[job]?.definition.Name;
    return {
      Id: runId,
      JobName,
      JobRunState,
      ExecutionTime: 0,
      ...(failed && { ErrorMessage: `the run was ${JobRunState}` }),
    };
  }

  #refusals(throttled: string): Refusals {
    return {
      byJob: this.#error("Glue.ConcurrentRunsExceededException", "Concurrent runs exceeded for the job"),
      byAccount: this.#error("Glue.ResourceNumberLimitExceededException", "The account's concurrent runs are used up"),
      throttled: this.#throttled(throttled),
    };
  }

  /** Stages name a job each; where the name tells nothing there is one. */
  #job({ JobName }: Fields): number {
    const { jobs } = this.#program;
    const named = jobs.findIndex(({ definition }) => definition.Name === JobName);
    if (named >= 0) return named;
    if (jobs.length === 1) return 0;
    const known = jobs.map(({ definition }) => definition.Name).join(", ");
    throw new CapacityError(`JobName must be a job of the program (${known}), got ${JSON.stringify(JobName)}`);
  }

  #result(result: unknown): OutcomeId {
    return this.#flow.outcome({ result });
  }

  #throttled(name: string): OutcomeId {
    return this.#error(name, "Rate exceeded");
  }

  #error(name: string, cause: string): OutcomeId {
    return this.#flow.outcome({ error: { name, cause } });
  }
}

type Fields = Readonly<Record<string, unknown>>;
type Wrap = (value: unknown) => unknown;

const fields = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});

/** As the optimised integration of Lambda gives an answer. */
const inPayload: Wrap = (Payload) => ({ ExecutedVersion: "$LATEST", Payload, StatusCode: 200 });

/** A function that stands for Glue names throttling as Glue's API does. */
const ofFunctions = "Glue.ThrottlingException";

/** How Step Functions names Glue's throttling (P). */
const throttleOf = (name: string): string =>
  name.startsWith("aws-sdk:") ? "Glue.GlueException" : "Glue.AWSGlueException";

const serviceOf = (name: string): Service | undefined => {
  const [, service = ""] = /^(?:aws-sdk:)?([a-z0-9]+):/.exec(name) ?? [];
  switch (service) {
    case "sns":
    case "sqs":
    case "s3":
    case "dynamodb":
      return service;
    case "events":
    case "eventbridge":
      return "events";
    default:
      return undefined;
  }
};

/** What states may read of an answer. */
const answers: Readonly<Record<string, unknown>> = {
  "sns:publish": { MessageId: "00000000-0000-0000-0000-000000000000" },
  "sqs:sendMessage": { MessageId: "00000000-0000-0000-0000-000000000000" },
  "events:putEvents": { FailedEntryCount: 0, Entries: [] },
};

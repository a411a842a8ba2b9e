import { isRecord } from "../../functions/lib/json.ts";
import { isSettled } from "../../functions/lib/job-run.ts";
import { ListeningGlueClient, codeOf } from "../support/glue/client.ts";
import { operationOf, shapeOf } from "../support/glue/model.ts";
import { problemsOf } from "../support/glue/validator.ts";
import { runProblems, sameValue } from "./run-rules.ts";
import type { JobRun, JobRunState } from "@aws-sdk/client-glue";
import type { Exchange, Input, Output, Wire } from "../support/glue/client.ts";
import type { OperationName, ServiceModel } from "../support/glue/model.ts";
import type { Findings } from "./findings.ts";
import type { Problem, RunFields } from "./run-rules.ts";

/** Something to talk to: where it answers, and how to let time go by for it. */
export interface Partner {
  readonly url: string;
  readonly pass: (seconds: number) => Promise<void>;
  /** Waits until a run is as far as it gets by itself at once, where time is the machine's. */
  readonly begun?: (runId: string) => Promise<void>;
}

/** Which codes may tell that a request is wrong. The last two are those of AWS's request parsers, which no model lists. */
export const wrongRequest = ["InvalidInputException", "ValidationException", "SerializationException"] as const;

const unreadable = "an answer that the SDK cannot read";
const jobName = "process-csv";

/** Talks to something as a client of Glue does, and notes each answer that Glue could not have given. */
export class Conversation {
  readonly #model: ServiceModel;
  readonly #client: ListeningGlueClient;
  readonly #partner: Partner;
  readonly #findings: Findings;
  readonly #lastSeen = new Map<string, JobRun>();
  #step = "";

  constructor(model: ServiceModel, partner: Partner, findings: Findings) {
    this.#model = model;
    this.#findings = findings;
    this.#partner = partner;
    this.#client = new ListeningGlueClient(partner.url);
  }

  close(): void {
    this.#client.close();
  }

  /** Names what follows. */
  step(title: string): this {
    this.#step = title;
    return this;
  }

  pass(seconds: number): Promise<void> {
    return this.#partner.pass(seconds);
  }

  /** Notes what is wrong with this step. */
  note(kind: Problem["kind"], what: string): void {
    this.#findings.note(kind, `${this.#step}: ${what}`);
  }

  /** Calls, and expects an answer. Nothing if there is none. */
  async ask<Name extends OperationName>(operation: Name, input: Input<Name>): Promise<Output<Name> | undefined> {
    return this.#answered(await this.#client.call(operation, input));
  }

  /** Calls, and expects to be refused with one of these codes. The body may be one that the SDK's types forbid. */
  async refused(operation: OperationName, body: unknown, codes: readonly string[]): Promise<void> {
    const { wire, result } = await this.#client.callWithBody(operation, body);
    if (!("error" in result)) {
      this.note("error", `${operation} is accepted, not refused with ${codes[0] ?? "an error"}`);
      return;
    }
    const code = codeOf(result.error) ?? unreadable;
    if (!codes.includes(code)) {
      this.note("error", `${operation} is refused with ${code}, not ${codes[0] ?? "an error"}`);
    }
    this.#checkError(operation, code, wire);
  }

  /** Calls with any body, and expects nothing but that the answer is one that the model allows. True: accepted. */
  async anything(operation: OperationName, body: unknown): Promise<boolean> {
    const exchange = await this.#client.callWithBody(operation, body);
    if (!("error" in exchange.result)) {
      this.#answered(exchange);
      return true;
    }
    const code = codeOf(exchange.result.error) ?? unreadable;
    const declared = operationOf(this.#model, operation).errors.map(({ shape }) => shape);
    if (!declared.includes(code)) this.note("error", `${operation} fails with ${code}, which it does not have`);
    this.#checkError(operation, code, exchange.wire);
    return false;
  }

  /** Starts a run and gives its id; nothing if that failed, which is noted. */
  async start(request: Omit<Input<"StartJobRun">, "JobName"> = {}): Promise<string | undefined> {
    const answer = await this.ask("StartJobRun", { JobName: jobName, ...request });
    if (answer === undefined) return undefined;
    const { JobRunId } = answer;
    if (JobRunId === undefined) {
      this.#findings.note("shape", "StartJobRunResponse.JobRunId is missing");
      return undefined;
    }
    if (!/^jr_[0-9a-f]{64}$/.test(JobRunId))
      this.#findings.note("shape", "JobRunId is not jr_ and 64 hexadecimal digits");
    await this.#partner.begun?.(JobRunId);
    return JobRunId;
  }

  /** Looks at a run and checks what Glue always keeps to. Without an id there is nothing to look at. */
  async look(RunId: string | undefined): Promise<JobRun | undefined> {
    if (RunId === undefined) return undefined;
    const answer = await this.ask("GetJobRun", { JobName: jobName, RunId });
    const run = answer?.JobRun;
    if (answer !== undefined && run === undefined) this.#findings.note("shape", "GetJobRunResponse.JobRun is missing");
    if (run !== undefined) this.checkRun(run, RunId);
    return run;
  }

  /** Looks at a run and expects it in a state. */
  async expectState(RunId: string | undefined, state: JobRunState): Promise<JobRun | undefined> {
    const run = await this.look(RunId);
    const found = run?.JobRunState;
    if (found !== undefined && found !== state) this.note("state", `${found}, not ${state}`);
    return run;
  }

  /** Looks at a run second by second until it has ended, and expects to have seen these states. */
  async follow(
    RunId: string | undefined,
    expected: readonly JobRunState[],
    seconds = 300,
  ): Promise<JobRun | undefined> {
    if (RunId === undefined) return undefined;
    const seen: JobRunState[] = [];
    for (let second = 0; second < seconds; second += 1) {
      const run = await this.look(RunId);
      const state = run?.JobRunState;
      if (state === undefined) return undefined;
      if (seen.at(-1) !== state) seen.push(state);
      if (isSettled(state)) {
        const [told, meant] = [seen.join(" → "), expected.join(" → ")];
        if (told !== meant) this.note("state", `${told}, not ${meant}`);
        return run;
      }
      await this.pass(1);
    }
    this.note("state", `${seen.join(" → ")} and no end in ${seconds} looks`);
    return undefined;
  }

  /** Expects what a run says of itself. */
  expectFields(run: JobRun | undefined, expected: RunFields): void {
    if (run === undefined) return;
    for (const [name, meant] of Object.entries(expected)) {
      const told = (run as Readonly<Record<string, unknown>>)[name];
      if (told === undefined) this.note("value", `JobRun.${name} is not told`);
      else if (!sameValue(told, meant)) this.note("value", `JobRun.${name} is not ${JSON.stringify(meant)}`);
    }
  }

  /** Checks what holds for each run at every moment, whatever it does. */
  checkRun(run: JobRun, id: string): void {
    for (const { kind, what } of runProblems(run, id, this.#lastSeen.get(id))) this.#findings.note(kind, what);
    this.#lastSeen.set(id, run);
  }

  #answered<Name extends OperationName>({ operation, wire, result }: Exchange<Name>): Output<Name> | undefined {
    this.#checkHeaders(wire);
    if ("error" in result) {
      const code = codeOf(result.error) ?? unreadable;
      this.note("error", `${operation} fails with ${code}`);
      return undefined;
    }
    if (wire.status !== 200) this.#findings.note("shape", `the status of ${operation} is ${wire.status}, not 200`);
    const { shape } = operationOf(this.#model, operation).output;
    problemsOf(this.#model, shape, wire.body).forEach((problem) => {
      // A run is a run, alone or in a list.
      this.#findings.note("shape", problem.replaceAll(/GetJobRuns?Response\.JobRun(s\[\])?/g, "JobRun"));
    });
    return result.output;
  }

  #checkError(operation: OperationName, code: string, wire: Wire): void {
    this.#checkHeaders(wire);
    const modelled = Object.hasOwn(this.#model.shapes, code);
    const status = modelled && shapeOf(this.#model, code).fault === true ? 500 : 400;
    if (wire.status !== status && code !== unreadable) {
      this.#findings.note("error", `the status of ${code} is ${wire.status}, not ${status}`);
    }
    if (!isRecord(wire.body)) {
      this.#findings.note("error", `the body of a failed ${operation} is no JSON object`);
      return;
    }
    const { __type: type, ...members } = wire.body;
    if (typeof type !== "string" || type.split("#").at(-1) !== code)
      this.#findings.note("error", "__type is not the error's code");
    if (!modelled) return;
    problemsOf(this.#model, code, members).forEach((problem) => {
      this.#findings.note("error", problem.replace(code, "an error").replace(code, "the error's shape"));
    });
    if (typeof members.Message !== "string" || members.Message === "")
      this.#findings.note("error", "an error has no Message");
  }

  #checkHeaders({ headers }: Wire): void {
    const type = `application/x-amz-json-${this.#model.metadata.jsonVersion}`;
    if (headers["content-type"]?.startsWith(type) !== true)
      this.#findings.note("shape", `the content type is not ${type}`);
    if ((headers["x-amzn-requestid"] ?? "") === "")
      this.#findings.note("shape", "the header x-amzn-requestid is missing");
  }
}

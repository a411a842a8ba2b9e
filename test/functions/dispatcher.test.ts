import { expect } from "chai";
import fc from "fast-check";
import { createHandler, handler } from "../../functions/dispatcher.ts";
import type { StepFunctions } from "../../functions/lib/aws.ts";
import { failureOf } from "../support/jobs.ts";
import { s3Record } from "../support/s3-events.ts";

const env = {
  STATE_MACHINE_ARN: "arn:aws:states:eu-central-1:123456789012:stateMachine:pipeline",
  JOB_NAME: "process-csv",
};

type Started = Parameters<StepFunctions["startExecution"]>[0];

interface Machine extends StepFunctions {
  readonly started: Map<string, Started>;
  /** Error names for coming calls; undefined lets one through. */
  readonly failures: (string | undefined)[];
}

/** A state machine whose executions have all ended: a name that was used is refused. */
function aMachine(): Machine {
  const started = new Map<string, Started>();
  const failures: (string | undefined)[] = [];
  return {
    started,
    failures,
    startExecution: (input) => {
      const failure = failures.shift() ?? (started.has(input.name ?? "") ? "ExecutionAlreadyExists" : undefined);
      if (failure !== undefined) return Promise.reject(Object.assign(new Error("refused"), { name: failure }));
      started.set(input.name ?? "", input);
      return Promise.resolve({ executionArn: `${env.STATE_MACHINE_ARN}:${input.name ?? ""}`, startDate: new Date(0) });
    },
  };
}

function dispatcher(machine: StepFunctions, entries: unknown[] = []): (event: unknown) => Promise<unknown> {
  return createHandler({ stepFunctions: machine, env, log: (entry) => entries.push(entry) });
}

describe("dispatcher", () => {
  it("is a handler for Lambda", () => {
    expect(handler).to.be.a("function");
  });

  it("starts an execution with the job's name and what the event says of the object", async () => {
    const machine = aMachine();
    const event = { Records: [s3Record({ key: "incoming/a+b%2B.csv" })] };
    expect(await dispatcher(machine)(event)).to.deep.equal({ started: 1, already: 0, ignored: 0 });
    const [execution] = machine.started.values();
    expect(execution?.stateMachineArn).to.equal(env.STATE_MACHINE_ARN);
    expect(execution?.name).to.match(/^a-b-csv-[0-9a-f]{64}$/);
    expect(JSON.parse(execution?.input ?? "")).to.deep.equal({
      jobName: "process-csv",
      arguments: {
        bucket: "landing",
        key: "incoming/a b+.csv",
        versionId: "v1",
        size: 1024,
        sequencer: "0055AED6DCD90281E5",
      },
    });
  });

  it("says null for the version where there is none", async () => {
    const machine = aMachine();
    await dispatcher(machine)({ Records: [s3Record({ versionId: undefined })] });
    const [execution] = machine.started.values();
    expect(execution?.input).to.contain('"versionId":"null"');
  });

  it("treats an execution that exists as done", async () => {
    const dispatch = dispatcher(aMachine());
    const event = { Records: [s3Record({})] };
    await dispatch(event);
    expect(await dispatch(event)).to.deep.equal({ started: 0, already: 1, ignored: 0 });
  });

  it("ignores what is no upload, and logs why", async () => {
    const machine = aMachine();
    const entries: unknown[] = [];
    const event = { Records: [s3Record({ eventName: "ObjectRemoved:Delete" })] };
    expect(await dispatcher(machine, entries)(event)).to.deep.equal({ started: 0, already: 0, ignored: 1 });
    expect(machine.started.size).to.equal(0);
    expect(entries[0]).to.deep.equal({
      level: "INFO",
      message: "ignored",
      reason: "ObjectRemoved:Delete is no upload",
    });
  });

  it("tries all records, names those that failed, and starts nothing twice when the event comes again", async () => {
    const machine = aMachine();
    machine.failures.push(undefined, "ThrottlingException", undefined);
    const event = { Records: [s3Record({ key: "a" }), s3Record({ key: "b" }), s3Record({ key: "c" }), { odd: true }] };
    const error = await failureOf(() => dispatcher(machine)(event));
    expect(error.name).to.equal("DispatchError");
    expect(error.message).to.equal(
      "2 of 4 records failed: landing/b: ThrottlingException: refused; Records[3].eventName must be a text, got nothing",
    );
    expect(machine.started.size).to.equal(2);
    const again = { Records: event.Records.slice(0, 3) };
    expect(await dispatcher(machine)(again)).to.deep.equal({ started: 1, already: 2, ignored: 0 });
  });

  it("names the variable that is missing", async () => {
    const handle = createHandler({ stepFunctions: aMachine(), env: {}, log: () => undefined });
    const error = await failureOf(() => handle({ Records: [s3Record({})] }));
    expect(error.message).to.contain("The environment variable STATE_MACHINE_ARN must be set");
  });

  it("starts each object version exactly once, however often and in whatever order its events come", async () => {
    const upload = fc.record({
      key: fc.constantFrom("a", "b", "c/d"),
      version: fc.constantFrom("1", "2", "3", undefined),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(upload, { maxLength: 8 }),
        fc.array(fc.nat()),
        fc.boolean(),
        async (uploads, repeats, batched) => {
          const records = uploads.map(({ key, version }, index) =>
            s3Record({ key, versionId: version, sequencer: version === undefined ? `S${index}` : "0" }),
          );
          const versions = new Set(
            uploads.map(({ key, version }, index) => JSON.stringify([key, version ?? `S${index}`])),
          );
          const late = records.length === 0 ? [] : repeats.flatMap((at) => records.slice(at % records.length));
          const delivered = [...late, ...records, ...late.toReversed()];
          const machine = aMachine();
          const dispatch = dispatcher(machine);
          if (batched) await dispatch({ Records: delivered });
          else for (const record of delivered) await dispatch({ Records: [record] });
          expect(machine.started.size).to.equal(versions.size);
        },
      ),
    );
  });
});

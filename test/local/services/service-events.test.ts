import type { StartJobRunResponse } from "@aws-sdk/client-glue";
import { expect } from "chai";
import { createRunEndReporter } from "../../../local/services/glue-events.ts";
import type { ServiceEvent } from "../../../local/services/events.ts";
import { caller, glueCloud } from "../../support/glue/cloud.ts";
import { start } from "../../support/world.ts";
import { declaredMachine, executionArn, machineArn, setUp, SLOW } from "../states/step-functions-world.ts";

describe("Step Functions' events", () => {
  it("tell of an execution's start and of its end, whatever that is", async () => {
    const events: ServiceEvent[] = [];
    const fail = { A: { Type: "Fail", Error: "Broken", Cause: "by hand" } };
    const { startExecution, call, clock, later } = setUp({
      machines: [
        declaredMachine("m", SLOW),
        declaredMachine("f", fail),
        declaredMachine("x", SLOW, { type: "EXPRESS" }),
      ],
      putEvent: (event) => events.push(event),
    });
    await startExecution({ name: "whole", input: '{"a":1}' });
    await startExecution({ name: "stopped" });
    await startExecution({ name: "broken", stateMachineArn: machineArn("f") });
    await startExecution({ name: "unheard", stateMachineArn: machineArn("x") });
    await later(1000);
    await call("stopExecution", { executionArn: executionArn("stopped"), error: "Operator", cause: "enough" });
    await clock.idle();
    const ends = Object.fromEntries(
      events.map(({ detail }) => [`${String(detail.name)} ${String(detail.status)}`, detail]),
    );
    expect(Object.keys(ends)).to.have.members([
      "whole RUNNING",
      "stopped RUNNING",
      "broken RUNNING",
      "broken FAILED",
      "stopped ABORTED",
      "whole SUCCEEDED",
    ]);
    expect(events.at(-1)).to.deep.equal({
      source: "aws.states",
      "detail-type": "Step Functions Execution Status Change",
      resources: [executionArn("whole")],
      detail: {
        executionArn: executionArn("whole"),
        stateMachineArn: machineArn("m"),
        name: "whole",
        status: "SUCCEEDED",
        startDate: start,
        stopDate: start + 60_000,
        input: '{"a":1}',
        inputDetails: { included: true },
        output: '{"a":1}',
        outputDetails: { included: true },
        stateMachineVersionArn: null,
        stateMachineAliasArn: null,
        redriveCount: 0,
        redriveDate: null,
        redriveStatus: null,
        redriveStatusReason: null,
        error: null,
        cause: null,
      },
    });
    expect(ends["stopped ABORTED"]).to.include({ error: "Operator", cause: "enough", output: null });
    expect(ends["broken FAILED"]).to.include({ error: "Broken", cause: "by hand", output: null });
    expect(ends["whole RUNNING"]).to.include({ stopDate: null, output: null });
  });

  it("leave out an input that is too long for an event", async () => {
    const events: ServiceEvent[] = [];
    const { startExecution, clock } = setUp({ putEvent: (event) => events.push(event) });
    await startExecution({ name: "long", input: JSON.stringify("x".repeat(250 * 1024)) });
    await clock.idle();
    const [begun, ended] = events.map(({ detail }) => detail);
    expect(begun).to.deep.include({ input: null, inputDetails: { included: false } });
    expect(ended).to.deep.include({ output: null, outputDetails: { included: false } });
  });
});

describe("Glue's events", () => {
  const JobName = "process-csv";

  it("tell of the end of a run once it is seen, and of a stopped one by themselves", async () => {
    const events: ServiceEvent[] = [];
    const { api, clock } = await glueCloud({ putEvent: (event) => events.push(event) });
    const begin = async (): Promise<string> =>
      ((await api.call(caller, "glue", "startJobRun", { JobName })) as StartJobRunResponse).JobRunId ?? "";
    const [seen, stopped] = [await begin(), await begin()];
    await api.call(caller, "glue", "batchStopJobRun", { JobName, JobRunIds: [stopped, "jr_none"] });
    await clock.idle();
    await clock.spawn(() => clock.sleep(60_000));
    for (let look = 0; look < 2; look += 1) await api.call(caller, "glue", "getJobRun", { JobName, RunId: seen });
    expect(events).to.deep.equal([
      {
        source: "aws.glue",
        "detail-type": "Glue Job State Change",
        resources: [],
        detail: { jobName: JobName, severity: "INFO", state: "STOPPED", jobRunId: stopped, message: "Job run stopped" },
      },
      {
        source: "aws.glue",
        "detail-type": "Glue Job State Change",
        resources: [],
        detail: {
          jobName: JobName,
          severity: "INFO",
          state: "SUCCEEDED",
          jobRunId: seen,
          message: "Job run succeeded",
        },
      },
    ]);
  });

  it("carry a failed run's own message, and leave out the ends that Glue makes no event of", () => {
    const details: unknown[] = [];
    const report = createRunEndReporter(({ detail }) => details.push(detail));
    report({ Id: "1", JobName, JobRunState: "RUNNING" });
    report({ Id: "1", JobName, JobRunState: "FAILED", ErrorMessage: "no such column" });
    report({ Id: "2", JobName, JobRunState: "TIMEOUT" });
    report({ Id: "3", JobName, JobRunState: "EXPIRED" });
    expect(details).to.deep.equal([
      { jobName: JobName, severity: "ERROR", state: "FAILED", jobRunId: "1", message: "no such column" },
      { jobName: JobName, severity: "WARN", state: "TIMEOUT", jobRunId: "2", message: "Job run timed out" },
    ]);
  });

  it("are remembered for a while only, which changes nothing for runs that are told once", () => {
    let told = 0;
    const report = createRunEndReporter(() => (told += 1));
    for (let id = 0; id < 25_000; id += 1) report({ Id: String(id), JobName, JobRunState: "SUCCEEDED" });
    report({ Id: "24999", JobName, JobRunState: "SUCCEEDED" });
    expect(told).to.equal(25_000);
  });
});

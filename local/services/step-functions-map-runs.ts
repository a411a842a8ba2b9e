import { endOf, type Execution, type Executions, newExecution } from "../states/executions.ts";
import { type ExecutionResult, type MachineHost, StatesError } from "../states/machine.ts";
import { MapRunRecord } from "../states/map-run-records.ts";
import type { ChildExecution, MapRun, MapRuns, ResultRecord } from "../states/map-runs.ts";
import { contextOf, executionArn } from "../states/start-request.ts";
import type { World } from "./world.ts";

/** How Step Functions runs what a child execution is made of. */
export interface MapRunWorld {
  readonly world: World;
  readonly executions: Executions;
  readonly hostOf: (execution: Execution) => MachineHost;
}

/** The Map Runs of one execution. */
export const mapRunsOf = (parent: Execution, { world, executions, hostOf }: MapRunWorld): MapRuns => ({
  begin: (settings) => {
    requireStart(world, parent);
    const record = new MapRunRecord(parent, settings, world.ids.uuid(), world.clock.now());
    executions.addMapRun(record);
    return new RunningMap(record, { world, executions, hostOf });
  },
  s3: (operation, input) => world.api.call(parent.machine.roleArn, "s3", operation, input),
});

/** A Map's executions are started in the name of the machine's role. */
const requireStart = ({ authoriser }: World, { machine }: Execution): void => {
  const resource = machine.arn.replace(/\/[^/]*$/, "");
  const decision = authoriser.decide(machine.roleArn, { action: "states:StartExecution", resource });
  if (decision.allowed) return;
  throw new StatesError(
    "StepFunctions.AWSStepFunctionsException",
    `User: ${authoriser.userArn(machine.roleArn)} is not authorized to perform: states:StartExecution on resource: ` +
      `${resource} ${decision.reason} (Service: AWSStepFunctions, Error Code: AccessDeniedException)`,
  );
};

class RunningMap implements MapRun {
  readonly arn: string;
  readonly #record: MapRunRecord;
  readonly #around: MapRunWorld;

  constructor(record: MapRunRecord, around: MapRunWorld) {
    this.arn = record.arn;
    this.#record = record;
    this.#around = around;
  }

  expect(executions: number, items: number): void {
    this.#record.expect(executions, items);
  }

  child(input: unknown, items: number): ChildExecution {
    const { world, executions, hostOf } = this.#around;
    const { machine, parent } = this.#record;
    const name = world.ids.uuid();
    const execution = newExecution({
      arn: executionArn(machine, name, world.ids),
      name,
      machine,
      input: JSON.stringify(input),
      startedAt: world.clock.now(),
      mapRun: this.#record,
    });
    executions.add(execution);
    this.#record.move(items, "PENDING", "RUNNING");
    world.observe({ kind: "execution-started", executionArn: execution.arn, name, input, parentArn: parent.arn });
    return {
      context: contextOf(execution, input),
      host: hostOf(execution),
      signal: execution.stop.signal,
      stop: () => {
        execution.stop.abort();
      },
      end: (result) => {
        this.#end(execution, result, items);
      },
      record: () => recordOf(execution),
    };
  }

  pending(input: unknown): ResultRecord {
    return {
      Input: JSON.stringify(input),
      InputDetails: { Included: true },
      StateMachineArn: this.#record.machine.arn,
      Status: "PENDING",
    };
  }

  end(status: "SUCCEEDED" | "FAILED" | "ABORTED", resultsWritten: number): void {
    this.#record.end(status, resultsWritten, this.#around.world.clock.now());
  }

  #end(execution: Execution, result: ExecutionResult, items: number): void {
    const { world, executions } = this.#around;
    executions.close(execution, result, world.clock.now());
    this.#record.move(items, "RUNNING", result.status);
    world.observe({ kind: "execution-ended", executionArn: execution.arn, name: execution.name, ...endOf(result) });
  }
}

/** An execution as a result file tells of it. */
const recordOf = (execution: Execution): ResultRecord => {
  const { output, status = "RUNNING", error, cause } = execution.result === undefined ? {} : endOf(execution.result);
  return {
    ExecutionArn: execution.arn,
    Input: execution.input,
    InputDetails: { Included: true },
    Name: execution.name,
    ...(status === "SUCCEEDED"
      ? { Output: JSON.stringify(output), OutputDetails: { Included: true } }
      : { ...(error !== undefined && { Error: error }), ...(cause !== undefined && { Cause: cause }) }),
    RedriveCount: 0,
    RedriveStatus: status === "SUCCEEDED" ? "NOT_REDRIVABLE" : "REDRIVABLE_BY_MAP_RUN",
    ...(status === "SUCCEEDED" && { RedriveStatusReason: "Execution is SUCCEEDED and cannot be redriven" }),
    StartDate: new Date(execution.startedAt).toISOString(),
    StateMachineArn: execution.machine.arn,
    Status: status,
    ...(execution.stoppedAt !== undefined && { StopDate: new Date(execution.stoppedAt).toISOString() }),
  };
};

import type { DescribeExecutionCommandOutput, StartExecutionCommandOutput } from "@aws-sdk/client-sfn";
import { VirtualClock } from "../../../local/clock.ts";
import type { CloudEvent } from "../../../local/events.ts";
import type { Operation, Service } from "../../../local/services/service.ts";
import { createStepFunctions } from "../../../local/services/step-functions.ts";
import type { StepFunctionsOptions } from "../../../local/services/step-functions-service.ts";
import { accountId, graphOf, region, role, roleArn } from "../../support/graph.ts";
import type { Declared } from "../../support/graph.ts";
import { worldOf } from "../../support/world-of.ts";
import { start } from "../../support/world.ts";
import type { States } from "./harness.ts";
import { machineOf } from "./harness.ts";

export const machineArn = (name: string): string => `arn:aws:states:${region}:${accountId}:stateMachine:${name}`;
export const executionArn = (name: string, machine = "m"): string =>
  `arn:aws:states:${region}:${accountId}:execution:${machine}:${name}`;
export const PASS: States = { A: { Type: "Pass", End: true } };
export const SLOW: States = { W: { Type: "Wait", Seconds: 60, End: true } };

export const declaredMachine = (name: string, states: States | string, more: object = {}): Declared => ({
  type: "aws:sfn/stateMachine:StateMachine",
  name,
  given: {
    definition: typeof states === "string" ? states : JSON.stringify(machineOf(states)),
    roleArn: roleArn("machine"),
    ...more,
  },
  outputs: { name, arn: machineArn(name) },
});

export type Stub = (input: never) => unknown;

export interface Setup extends StepFunctionsOptions {
  readonly machines?: readonly Declared[];
  /** Operations of other services, as `service:operation`. The machine's role may call them unless `denied`. */
  readonly stubs?: Readonly<Record<string, Stub>>;
  readonly denied?: boolean;
}

export interface StepFunctionsWorld {
  readonly clock: VirtualClock;
  readonly events: readonly CloudEvent[];
  readonly states: Service;
  /** Starts machine m unless told otherwise. */
  readonly startExecution: (input?: object) => Promise<StartExecutionCommandOutput>;
  readonly describe: (name: string, machine?: string) => Promise<DescribeExecutionCommandOutput>;
  readonly call: <Output>(operation: string, input: object) => Promise<Output>;
  readonly later: (ms: number) => Promise<void>;
}

export interface TaskOutcome {
  readonly status: string | undefined;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly cloud: StepFunctionsWorld;
}

/** Step Functions among services that answer as a test says. */
export function setUp(setup: Setup = {}): StepFunctionsWorld {
  const { machines = [declaredMachine("m", PASS)], stubs = {}, denied = false, ...options } = setup;
  const clock = new VirtualClock(start);
  const events: CloudEvent[] = [];
  const statements = denied ? [] : [{ Action: "*", Resource: "*" }];
  const world = worldOf(
    graphOf([...role("machine", "states.amazonaws.com", ...statements), ...machines]),
    clock,
    (event) => {
      events.push(event);
    },
  );
  const states = createStepFunctions(world, options);
  const others: Record<string, Record<string, Operation>> = {};
  for (const [key, run] of Object.entries(stubs)) {
    const [service = "", operation = ""] = key.split(":");
    others[service] = {
      ...others[service],
      [operation]: { permissions: () => [{ action: `${service}:Call`, resource: "arn:aws:any" }], run },
    };
  }
  const services = Object.entries(others).map(([name, operations]): [string, Service] => [name, { operations }]);
  world.api.connect({ states, ...Object.fromEntries(services) });
  const call = async <Output>(operation: string, input: object): Promise<Output> =>
    (await world.api.callUnchecked("states", operation, input)) as Output;
  return {
    clock,
    events,
    states,
    startExecution: (input: object = {}) =>
      call<StartExecutionCommandOutput>("startExecution", { stateMachineArn: machineArn("m"), ...input }),
    describe: (name: string, machine = "m") =>
      call<DescribeExecutionCommandOutput>("describeExecution", { executionArn: executionArn(name, machine) }),
    call,
    later: async (ms: number) => {
      await clock.spawn(() => clock.sleep(ms));
    },
  };
}

/** Runs one task to its end. */
export async function runTask(
  resource: string,
  Arguments: unknown,
  stubs: Setup["stubs"],
  more: Omit<Setup, "stubs"> = {},
): Promise<TaskOutcome> {
  const T = { Type: "Task", Resource: resource, Arguments, End: true };
  const cloud = setUp({ machines: [declaredMachine("m", { T })], ...more, stubs: stubs ?? {} });
  await cloud.startExecution({ name: "e" });
  await cloud.clock.idle();
  const { status, output, error, cause } = await cloud.describe("e");
  return { status, output: output === undefined ? undefined : (JSON.parse(output) as unknown), error, cause, cloud };
}

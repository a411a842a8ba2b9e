import type {
  DescribeExecutionCommandOutput,
  DescribeMapRunCommandOutput,
  DescribeStateMachineCommandOutput,
  GetExecutionHistoryCommandInput,
  GetExecutionHistoryCommandOutput,
  ListExecutionsCommandInput,
  ListExecutionsCommandOutput,
  ListMapRunsCommandInput,
  ListMapRunsCommandOutput,
  StartExecutionCommandInput,
  StartExecutionCommandOutput,
  StopExecutionCommandInput,
} from "@aws-sdk/client-sfn";
import type { Execution } from "../states/executions.ts";
import { Executions, describe, endOf, listed, newExecution, statusOf } from "../states/executions.ts";
import { toApiEvent } from "../states/history-api.ts";
import type { LoadedMachine } from "../states/loaded-machine.ts";
import { loadMachines } from "../states/loaded-machine.ts";
import type { ExecutionResult, MachineHost, TaskRequest } from "../states/machine.ts";
import { StatesError } from "../states/machine.ts";
import { page } from "../states/page.ts";
import type { MapRunRecord } from "../states/map-run-records.ts";
import { alreadyExists, checkName, contextOf, executionArn, parseInput } from "../states/start-request.ts";
import { statusEventOf } from "../states/status-events.ts";
import { WaitingTasks } from "../states/task-tokens.ts";
import type { PutEvent } from "./events.ts";
import { mapRunsOf } from "./step-functions-map-runs.ts";
import type { Service } from "./service.ts";
import { ServiceError } from "./service.ts";
import type { World } from "./world.ts";

export interface StepFunctionsOptions {
  /** Ended executions that are kept with their history: all, none, or the latest so many. @default true */
  readonly keepClosed?: boolean | number;
  /** By name: definitions that call operations that these do not have are refused. @default not checked */
  readonly services?: Readonly<Record<string, Service>>;
  /** Hears of executions that begin and end. */
  readonly putEvent?: PutEvent;
}

type Answer<Output> = Omit<Output, "$metadata">;

export interface OfExecution {
  readonly executionArn: string;
}

export interface OfMapRun {
  readonly mapRunArn: string;
}

export interface OfMachine {
  readonly stateMachineArn: string;
}

/** The machines of a program and their executions. */
export class StepFunctions {
  readonly #world: World;
  readonly #machines: ReadonlyMap<string, LoadedMachine>;
  readonly #executions: Executions;
  readonly #loadedAt: number;
  readonly #putEvent: PutEvent | undefined;
  /** Those that wait for their token. */
  readonly tasks: WaitingTasks;

  constructor(world: World, { keepClosed = true, services, putEvent }: StepFunctionsOptions) {
    this.#world = world;
    this.#putEvent = putEvent;
    this.tasks = new WaitingTasks(
      () => world.ids.uuid(),
      // A distributed map's children are of the machine with the map's label behind a slash.
      (arn) => this.#machines.has(arn.split("/")[0] ?? arn),
    );
    this.#machines = loadMachines(world.graph, (service, operation) => {
      if (services === undefined || service === "states") return true;
      return Object.hasOwn(services[service]?.operations ?? {}, operation);
    });
    this.#executions = new Executions(typeof keepClosed === "number" ? keepClosed : keepClosed ? Infinity : 0);
    this.#loadedAt = world.clock.now();
  }

  startExecution(request: StartExecutionCommandInput): Answer<StartExecutionCommandOutput> {
    const machine = this.#machine(request.stateMachineArn);
    const { clock, ids } = this.#world;
    const name = request.name ?? ids.uuid();
    checkName(name);
    const text = request.input ?? "{}";
    const input = parseInput(text);
    const arn = executionArn(machine, name, ids);
    const known = this.#executions.get(arn);
    if (known !== undefined && known.result === undefined) {
      if (known.input !== text) throw alreadyExists(arn);
      return { executionArn: arn, startDate: new Date(known.startedAt) };
    }
    if (this.#executions.isTaken(arn, clock.now())) throw alreadyExists(arn);
    this.#requireKey(machine);
    const execution = newExecution({ arn, name, machine, input: text, startedAt: clock.now() });
    this.#executions.add(execution);
    this.#world.observe({ kind: "execution-started", executionArn: arn, name, input });
    this.#tell(execution);
    this.#world.later(0, () => this.#run(execution, input));
    return { executionArn: arn, startDate: new Date(execution.startedAt) };
  }

  /** What an execution keeps is encrypted as the machine's role. */
  #requireKey({ arn, roleArn }: LoadedMachine): void {
    const { authoriser, keys } = this.#world;
    for (const permission of keys.neededForExecutions(arn)) {
      const decision = authoriser.decide(roleArn, permission);
      if (decision.allowed) continue;
      throw new ServiceError(
        "KmsAccessDeniedException",
        `User: ${authoriser.userArn(roleArn)} is not authorized to perform: ${permission.action} on resource: ` +
          `${permission.resource} ${decision.reason}`,
      );
    }
  }

  async #run(execution: Execution, input: unknown): Promise<void> {
    try {
      this.#end(execution, await this.#result(execution, input));
    } catch (fault) {
      // A defect of the embedded cloud itself: the execution must not stay open for ever, and the fault must be seen.
      const cause = fault instanceof Error ? fault.message : String(fault);
      const events = execution.events.length;
      this.#end(execution, { status: "FAILED", error: "States.Runtime", cause, transitions: 0, events });
      throw fault;
    }
  }

  #end(execution: Execution, result: ExecutionResult): void {
    const { clock, observe } = this.#world;
    this.#executions.close(execution, result, clock.now());
    const { arn: executionArn, name } = execution;
    observe({ kind: "execution-ended", executionArn, name, ...endOf(result) });
    this.#tell(execution);
  }

  #tell(execution: Execution): void {
    const event = this.#putEvent && statusEventOf(execution);
    if (event !== undefined) this.#putEvent?.(event);
  }

  #result(execution: Execution, input: unknown): Promise<ExecutionResult> {
    const start = { input, context: contextOf(execution, input), signal: execution.stop.signal };
    return execution.machine.machine.run(start, this.#hostOf(execution));
  }

  #hostOf(execution: Execution): MachineHost {
    const { clock, observe, ids } = this.#world;
    const { machine, arn: executionArn, events } = execution;
    return {
      clock,
      random: () => ids.random(),
      task: (request) => this.#task(machine, request),
      tokens: this.tasks.tokensOf(machine.arn),
      observe: (event) => {
        events.push(event);
        observe({ kind: "history", executionArn, event });
      },
      mapRuns: mapRunsOf(execution, {
        world: this.#world,
        executions: this.#executions,
        hostOf: (child) => this.#hostOf(child),
      }),
    };
  }

  #task(machine: LoadedMachine, request: TaskRequest): Promise<unknown> {
    const integration = machine.integrations.get(request.resource);
    if (integration === undefined) throw new StatesError("States.Runtime", `Unknown Resource ${request.resource}`);
    const { api, clock } = this.#world;
    return integration({ api, clock, role: machine.roleArn }, request);
  }

  describeExecution({ executionArn }: OfExecution): Answer<DescribeExecutionCommandOutput> {
    return describe(this.#execution(executionArn));
  }

  getExecutionHistory(
    request: GetExecutionHistoryCommandInput & OfExecution,
  ): Answer<GetExecutionHistoryCommandOutput> {
    const { events, machine } = this.#execution(request.executionArn);
    const ordered = request.reverseOrder === true ? [...events].reverse() : events;
    const { items, nextToken } = page(ordered, request);
    return { events: items.map((event) => toApiEvent(event, machine)), ...nextToken };
  }

  listExecutions(request: ListExecutionsCommandInput): Answer<ListExecutionsCommandOutput> {
    const { stateMachineArn, mapRunArn } = request;
    if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
      throw new ServiceError("ValidationException", "stateMachineArn or mapRunArn must be there, one of the two");
    }
    const all =
      mapRunArn === undefined
        ? this.#executions.of(this.#machine(stateMachineArn))
        : this.#executions.ofMapRun(this.#mapRun(mapRunArn));
    const { items, nextToken } = page(
      request.statusFilter === undefined ? all : all.filter((one) => statusOf(one) === request.statusFilter),
      request,
    );
    const executions = items.map(listed);
    return { executions, ...nextToken };
  }

  describeMapRun({ mapRunArn }: OfMapRun): Answer<DescribeMapRunCommandOutput> {
    return this.#mapRun(mapRunArn).describe();
  }

  listMapRuns(request: ListMapRunsCommandInput & OfExecution): Answer<ListMapRunsCommandOutput> {
    const all = this.#executions.mapRunsOf(this.#execution(request.executionArn));
    const { items, nextToken } = page(all, request);
    return { mapRuns: items.map((mapRun) => mapRun.listed()), ...nextToken };
  }

  #mapRun(arn: string): MapRunRecord {
    const mapRun = this.#executions.mapRun(arn);
    if (mapRun === undefined) throw new ServiceError("ResourceNotFound", `Resource not found: ${arn}`);
    return mapRun;
  }

  stopExecution(request: StopExecutionCommandInput & OfExecution): { readonly stopDate: Date } {
    const execution = this.#execution(request.executionArn);
    if (execution.stoppedAt !== undefined) return { stopDate: new Date(execution.stoppedAt) };
    execution.stop.abort(new StatesError(request.error ?? "", request.cause ?? ""));
    return { stopDate: new Date(this.#world.clock.now()) };
  }

  describeStateMachine({ stateMachineArn }: OfMachine): Answer<DescribeStateMachineCommandOutput> {
    const { name, definition, roleArn, type } = this.#machine(stateMachineArn);
    const creationDate = new Date(this.#loadedAt);
    return { stateMachineArn, name, status: "ACTIVE", definition, roleArn, type, creationDate };
  }

  #machine(arn: string | undefined): LoadedMachine {
    const machine = arn === undefined ? undefined : this.#machines.get(arn);
    if (machine === undefined)
      throw new ServiceError("StateMachineDoesNotExist", `State machine does not exist: ${arn ?? ""}`);
    return machine;
  }

  #execution(arn: string): Execution {
    const execution = this.#executions.get(arn);
    if (execution === undefined) throw new ServiceError("ExecutionDoesNotExist", `Execution does not exist: ${arn}`);
    return execution;
  }
}

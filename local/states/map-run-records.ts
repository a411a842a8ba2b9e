import type { DescribeMapRunCommandOutput, MapRunExecutionCounts, MapRunListItem } from "@aws-sdk/client-sfn";
import type { Execution } from "./executions.ts";
import type { LoadedMachine } from "./loaded-machine.ts";
import type { MapRunSettings } from "./map-runs.ts";

type Status = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** A Map Run as it is looked at from outside. */
export class MapRunRecord {
  readonly arn: string;
  /** The machine that its executions are of: the parent's, by the Map's label. */
  readonly machine: LoadedMachine;
  readonly parent: Execution;
  readonly startedAt: number;
  readonly #settings: MapRunSettings;
  readonly #executions = new Counts();
  readonly #items = new Counts();
  #status: "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED" = "RUNNING";
  #stoppedAt: number | undefined;

  constructor(parent: Execution, settings: MapRunSettings, id: string, now: number) {
    const { machine } = parent;
    // The executions of an execution's Map belong to the machine itself, whatever label that one has.
    const own = machine.name.replace(/\/.*$/, "");
    const path = `${own}/${settings.label}`;
    const base = machine.arn.slice(0, machine.arn.lastIndexOf(":stateMachine:"));
    this.arn = `${base}:mapRun:${path}:${id}`;
    this.machine = {
      ...machine,
      name: path,
      arn: `${base}:stateMachine:${path}`,
      type: settings.executionType,
    };
    this.parent = parent;
    this.startedAt = now;
    this.#settings = settings;
  }

  expect(executions: number, items: number): void {
    this.#executions.add("PENDING", executions);
    this.#items.add("PENDING", items);
  }

  /** Tells that an execution for so many items has gone from one status to another. */
  move(items: number, from: Status, to: Status): void {
    this.#executions.move(1, from, to);
    this.#items.move(items, from, to);
  }

  end(status: "SUCCEEDED" | "FAILED" | "ABORTED", resultsWritten: number, now: number): void {
    if (this.#stoppedAt !== undefined) return;
    this.#status = status;
    this.#stoppedAt = now;
    this.#items.resultsWritten = resultsWritten;
    this.#executions.resultsWritten = resultsWritten === 0 ? 0 : this.#executions.of("SUCCEEDED");
  }

  describe(): Omit<DescribeMapRunCommandOutput, "$metadata"> {
    const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = this.#settings;
    return {
      mapRunArn: this.arn,
      executionArn: this.parent.arn,
      status: this.#status,
      startDate: new Date(this.startedAt),
      ...this.#stopDate(),
      maxConcurrency,
      toleratedFailureCount,
      toleratedFailurePercentage,
      itemCounts: this.#items.all(),
      executionCounts: this.#executions.all(),
      redriveCount: 0,
    };
  }

  listed(): MapRunListItem {
    return {
      mapRunArn: this.arn,
      executionArn: this.parent.arn,
      stateMachineArn: this.machine.arn,
      startDate: new Date(this.startedAt),
      ...this.#stopDate(),
    };
  }

  #stopDate(): { readonly stopDate?: Date } {
    return this.#stoppedAt === undefined ? {} : { stopDate: new Date(this.#stoppedAt) };
  }
}

class Counts {
  resultsWritten = 0;
  readonly #byStatus = new Map<Status, number>();

  of(status: Status): number {
    return this.#byStatus.get(status) ?? 0;
  }

  add(status: Status, count: number): void {
    this.#byStatus.set(status, this.of(status) + count);
  }

  move(count: number, from: Status, to: Status): void {
    this.add(from, -count);
    this.add(to, count);
  }

  all(): MapRunExecutionCounts {
    return {
      pending: this.of("PENDING"),
      running: this.of("RUNNING"),
      succeeded: this.of("SUCCEEDED"),
      failed: this.of("FAILED"),
      timedOut: this.of("TIMED_OUT"),
      aborted: this.of("ABORTED"),
      total: [...this.#byStatus.values()].reduce((sum, count) => sum + count, 0),
      resultsWritten: this.resultsWritten,
    };
  }
}

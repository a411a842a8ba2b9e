import type { ExecutionResult, MachineHost } from "./machine.ts";

/** What distributed Maps need of the world: executions for their items, and S3. */
export interface MapRuns {
  /** Throws StatesError where the machine's role must not start executions. */
  begin(settings: MapRunSettings): MapRun;
  /** Calls S3 as the machine's role. Throws what the API throws. */
  s3(operation: "getObject" | "listObjectsV2" | "putObject", input: object): Promise<unknown>;
}

export interface MapRunSettings {
  /** Of the Map; the name of its state where it has none. */
  readonly label: string;
  readonly executionType: "STANDARD" | "EXPRESS";
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
}

/** One passage through a distributed Map. */
export interface MapRun {
  readonly arn: string;
  /** Says how many executions and items there will be, once the items have been read. */
  expect(executions: number, items: number): void;
  /** Starts an execution for an input that stands for so many items. */
  child(input: unknown, items: number): ChildExecution;
  /** What a result file says of an input that no execution was started for. */
  pending(input: unknown): ResultRecord;
  end(status: "SUCCEEDED" | "FAILED" | "ABORTED", resultsWritten: number): void;
}

/** An execution that a Map Run has started. */
export interface ChildExecution {
  readonly context: Readonly<Record<string, unknown>>;
  readonly host: MachineHost;
  readonly signal: AbortSignal;
  /** Ends it as ABORTED, soon. */
  stop(): void;
  end(result: ExecutionResult): void;
  /** What a result file says of it. */
  record(): ResultRecord;
}

export type ResultRecord = Readonly<Record<string, unknown>>;

/** Children that leave no trace: for machines that run outside of a cloud. */
export const untraced = (host: MachineHost, context: Readonly<Record<string, unknown>>): MapRuns => ({
  begin: ({ label }) => ({
    arn: label,
    expect: () => undefined,
    child: (input) => {
      const controller = new AbortController();
      return {
        context,
        host: { ...host, observe: () => undefined },
        signal: controller.signal,
        stop: () => {
          controller.abort();
        },
        end: () => undefined,
        record: () => ({ Input: JSON.stringify(input) }),
      };
    },
    pending: (input) => ({ Input: JSON.stringify(input) }),
    end: () => undefined,
  }),
  s3: (operation) => Promise.reject(new Error(`there is no S3 here to call ${operation} of`)),
});

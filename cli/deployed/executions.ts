import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  type DescribeExecutionOutput,
  type ExecutionListItem,
  type ExecutionStatus,
  type HistoryEvent,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import { executionName } from "../../functions/lib/execution-name.ts";
import { parsed, textAt } from "../run/json.ts";

/** An object that was uploaded. */
export interface UploadedObject {
  readonly bucket: string;
  readonly key: string;
  /** Absent where the bucket keeps no versions. */
  readonly versionId?: string;
}

/** The name that the dispatcher gives; not to be known beforehand where the bucket keeps no versions. */
export function expectedName({ bucket, key, versionId }: UploadedObject): string | undefined {
  return versionId === undefined ? undefined : executionName({ bucket, key, versionId, sequencer: "" });
}

/** The executions of a state machine. */
export class Executions {
  readonly #client: SFNClient;
  readonly #stateMachineArn: string;

  constructor(client: SFNClient, stateMachineArn: string) {
    this.#client = client;
    this.#stateMachineArn = stateMachineArn;
  }

  arnOf(name: string): string {
    return `${this.#stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
  }

  /** Undefined: there is none. */
  async describe(executionArn: string): Promise<DescribeExecutionOutput | undefined> {
    try {
      return await this.#client.send(new DescribeExecutionCommand({ executionArn }));
    } catch (error) {
      if (error instanceof Error && error.name === "ExecutionDoesNotExist") return undefined;
      throw error;
    }
  }

  /** The execution of an object, begun at `since` (milliseconds) or later. */
  async find(object: UploadedObject, since: number): Promise<DescribeExecutionOutput | undefined> {
    const name = expectedName(object);
    if (name !== undefined) return this.describe(this.arnOf(name));
    const start = executionName({ ...object, sequencer: "" }).replace(/[0-9a-f]{64}$/, "");
    for (const { executionArn, name: other, startDate } of await this.list({ limit: 100 })) {
      if (other?.startsWith(start) !== true || (startDate?.getTime() ?? 0) < since) continue;
      const found = await this.describe(executionArn ?? "");
      const file = parsed(found?.input);
      if (textAt(file, "arguments", "bucket") === object.bucket && textAt(file, "arguments", "key") === object.key)
        return found;
    }
    return undefined;
  }

  /** The newest first. */
  async list(options: {
    readonly limit: number;
    readonly status?: ExecutionStatus;
  }): Promise<readonly ExecutionListItem[]> {
    const { limit, status } = options;
    const found: ExecutionListItem[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListExecutionsCommand({
          stateMachineArn: this.#stateMachineArn,
          maxResults: Math.min(1000, limit),
          ...(status === undefined ? {} : { statusFilter: status }),
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      );
      found.push(...(page.executions ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined && found.length < limit);
    return found.slice(0, limit);
  }

  /** The events that followed this one, in order. Reads from the end, so that a long history is not read again. */
  async historyAfter(executionArn: string, lastId: number): Promise<readonly HistoryEvent[]> {
    const found: HistoryEvent[] = [];
    for await (const event of this.#backwards(executionArn)) {
      if ((event.id ?? 0) <= lastId) break;
      found.push(event);
    }
    return found.reverse();
  }

  /** The newest event that is wanted, among the last few hundred. */
  async lastEvent<T>(executionArn: string, wanted: (event: HistoryEvent) => T | undefined): Promise<T | undefined> {
    let looked = 0;
    for await (const event of this.#backwards(executionArn)) {
      const found = wanted(event);
      if (found !== undefined) return found;
      if (++looked === 300) break;
    }
    return undefined;
  }

  async *#backwards(executionArn: string): AsyncGenerator<HistoryEvent> {
    let nextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new GetExecutionHistoryCommand({
          executionArn,
          reverseOrder: true,
          maxResults: 100,
          ...(nextToken === undefined ? {} : { nextToken }),
        }),
      );
      yield* page.events ?? [];
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
}

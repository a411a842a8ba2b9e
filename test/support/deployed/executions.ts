import { QueryCommand, type QueryCommandOutput } from "@aws-sdk/client-dynamodb";
import { DescribeExecutionCommand, GetExecutionHistoryCommand, type HistoryEvent } from "@aws-sdk/client-sfn";
import { runFromItem } from "../../../functions/lib/dynamo-job-run-store.ts";
import type { JobRunRecord } from "../../../functions/lib/job-run.ts";
import type { Clients } from "./deployed.ts";
import type { Outputs } from "../engine.ts";

/** What the dispatcher gave an execution. */
export interface ExecutionInput {
  readonly jobName: string;
  readonly arguments: {
    readonly bucket: string;
    readonly key: string;
    readonly versionId: string;
    readonly size: number;
    readonly sequencer: string;
  };
}

export async function inputOf(clients: Clients, executionArn: string): Promise<ExecutionInput> {
  const { input = "" } = await clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
  return JSON.parse(input) as ExecutionInput;
}

/** An execution's whole history, oldest first. */
export async function historyOf(clients: Clients, executionArn: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await clients.stepFunctions.send(new GetExecutionHistoryCommand({ executionArn, nextToken }));
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
}

/** The states that an execution went through; those of a run that is looked at again and again only once. */
export function statesPassed(history: readonly HistoryEvent[]): readonly string[] {
  const names = history.flatMap(({ stateEnteredEventDetails: entered }) => entered?.name ?? []);
  const look = ["WaitForJobRun", "GetJobRun", "CheckJobRun"];
  return names.filter((name, index) => !look.includes(name) || names[index - look.length] !== name);
}

/** The runs in the table of the simulated job, of one execution or of all. */
export async function jobRunsOf(
  clients: Clients,
  { jobName = "" }: Outputs,
  executionName?: string,
): Promise<readonly JobRunRecord[]> {
  const runs: JobRunRecord[] = [];
  let ExclusiveStartKey: QueryCommandOutput["LastEvaluatedKey"];
  do {
    const page: QueryCommandOutput = await clients.dynamodb.send(
      new QueryCommand({
        TableName: jobName,
        KeyConditionExpression: "JobName = :job AND begins_with(Id, :run)",
        ExpressionAttributeValues: { ":job": { S: jobName }, ":run": { S: "jr_" } },
        ExclusiveStartKey,
      }),
    );
    runs.push(...(page.Items ?? []).map(runFromItem));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return runs
    .filter(({ details }) => executionName === undefined || details.Arguments?.["--execution_name"] === executionName)
    .toSorted((a, b) => a.startedAt - b.startedAt);
}

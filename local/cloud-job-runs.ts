import type { DynamoDbService } from "./services/dynamodb.ts";
import { runOfItem } from "./services/glue.ts";
import type { LogListener } from "./services/lambda-function.ts";
import type { World } from "./services/world.ts";

/**
 * Tells of simulated job runs: where a function with a table of runs writes to its log that it has looked at one, the run
 * is reported as it then was, with how far it is.
 */
export const simulatedRunReporter =
  ({ clock, observe }: Pick<World, "clock" | "observe">, dynamoDb: Pick<DynamoDbService, "find">): LogListener =>
  ({ environment, entry }) => {
    const table = environment.TABLE_NAME;
    const run = table === undefined ? undefined : jobRunIn(entry);
    if (table === undefined || run === undefined) return;
    const item = dynamoDb.find(table, { JobName: { S: run.JobName }, Id: { S: run.Id } });
    const told = item && runOfItem(item, clock.now());
    if (told !== undefined) observe({ kind: "job-run", ...told });
  };

const jobRunIn = (
  entry: Readonly<Record<string, unknown>>,
): { readonly JobName: string; readonly Id: string } | undefined => {
  const { JobName, JobRunId: Id, JobRunState } = entry;
  if (typeof JobRunState !== "string") return undefined;
  return typeof JobName === "string" && typeof Id === "string" ? { JobName, Id } : undefined;
};

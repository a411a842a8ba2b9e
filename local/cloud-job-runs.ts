import type { DynamoDbService } from "./services/dynamodb.ts";
import { runOfItem } from "./services/glue.ts";
import type { AnswerListener } from "./services/lambda-function.ts";
import type { World } from "./services/world.ts";

/**
 * Tells of simulated job runs: where a function with a table of runs answers as GetJobRun does, the run is reported as
 * it was told, with how far it is.
 */
export const simulatedRunReporter =
  ({ clock, observe }: Pick<World, "clock" | "observe">, dynamoDb: Pick<DynamoDbService, "find">): AnswerListener =>
  ({ environment, value }) => {
    const table = environment.TABLE_NAME;
    const run = table === undefined ? undefined : jobRunIn(value);
    if (table === undefined || run === undefined) return;
    const item = dynamoDb.find(table, { JobName: { S: run.JobName }, Id: { S: run.Id } });
    const told = item && runOfItem(item, clock.now());
    if (told !== undefined) observe({ kind: "job-run", ...told });
  };

const jobRunIn = (answer: unknown): { readonly JobName: string; readonly Id: string } | undefined => {
  if (typeof answer !== "object" || answer === null || !("JobRun" in answer)) return undefined;
  const { JobName, Id } = answer.JobRun as { JobName?: unknown; Id?: unknown };
  return typeof JobName === "string" && typeof Id === "string" ? { JobName, Id } : undefined;
};

import { createDynamoDb } from "../../../functions/clients/dynamodb.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import { once, required } from "../../../functions/lib/environment.ts";
import { systemClock, systemSleep } from "../../../functions/lib/system-clock.ts";
import { entryAt } from "../entries.ts";

/** Which entries are still to be written: from one number up to another, that one left out. */
export interface FillRequest {
  readonly from: number;
  readonly until: number;
}

/** Up to which entry the table is filled now. */
export interface FillAnswer {
  readonly filled: number;
}

/** Entries that one call writes at the most, and milliseconds that it takes for them. */
const mostPerCall = 10_000;
const budgetMs = 40_000;

/** Writes at once. */
const wave = 50;

const mostBackOffMs = 5_000;

/**
 * Fills the table, as far as time allows. An entry that is there is left alone, whatever has become of it since: to fill
 * twice is to fill once.
 */
export const createHandler = ({
  dynamoDb,
  env,
  now,
  sleep,
}: Pick<Dependencies, "dynamoDb" | "env" | "now" | "sleep">) => {
  const table = once(() => required(env, "TABLE_NAME"));
  return async ({ from, until }: FillRequest): Promise<FillAnswer> => {
    const end = Math.min(until, from + mostPerCall);
    const deadline = now() + budgetMs;
    let first = from;
    let backOffMs = 100;
    while (first < end) {
      const waiting = await writeAll(dynamoDb, table(), first, Math.min(end, first + wave));
      first = waiting ?? Math.min(end, first + wave);
      if (waiting === undefined) {
        backOffMs = 100;
        continue;
      }
      if (now() + backOffMs > deadline) break;
      await sleep(backOffMs);
      backOffMs = Math.min(2 * backOffMs, mostBackOffMs);
    }
    return { filled: first };
  };
};

/** Writes a range of entries. Gives the first one that DynamoDB had no room for. */
const writeAll = async (
  dynamoDb: Dependencies["dynamoDb"],
  table: string,
  from: number,
  until: number,
): Promise<number | undefined> => {
  const indices = Array.from({ length: until - from }, (_, offset) => from + offset);
  const done = await Promise.all(indices.map((index) => write(dynamoDb, table, index)));
  return indices.find((_, position) => done[position] !== true);
};

/** False: not now. */
const write = async (dynamoDb: Dependencies["dynamoDb"], TableName: string, index: number): Promise<boolean> => {
  try {
    await dynamoDb.putItem({
      TableName,
      Item: entryAt(index),
      ConditionExpression: "attribute_not_exists(id)",
    });
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === "ConditionalCheckFailedException") return true;
    if (throttled.has(error.name)) return false;
    throw error;
  }
};

const throttled = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "InternalServerError",
]);

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  env: process.env,
  now: systemClock,
  sleep: systemSleep,
});

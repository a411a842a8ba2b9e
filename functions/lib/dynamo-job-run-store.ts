import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { plannedEnd } from "./job-run.ts";
import type { DynamoDb } from "./aws.ts";
import type { JobBookmark } from "./job-bookmark.ts";
import type { JobRunRecord, RunOutcome } from "./job-run.ts";
import type { JobRunStore, RunKey, Slot } from "./job-run-store.ts";

type Item = Record<string, AttributeValue>;

interface Table {
  readonly dynamoDb: DynamoDb;
  readonly name: string;
}

interface Change {
  readonly key: Item;
  readonly update: string;
  readonly condition: string;
  readonly values: Item;
}

/** As long as Glue keeps the history of runs. */
const keptSeconds = 90 * 24 * 3600;
const runPrefix = "jr_";
const slotPrefix = "slot#";
const bookmarkId = "bookmark";

/**
 * Job runs in a table with hash key JobName, range key Id and the time-to-live attribute ExpiresAt. Beside the runs it
 * holds the job's slots, whose ids start with `slot#`, and its bookmark, which stays for good.
 */
export function createDynamoJobRunStore(dynamoDb: DynamoDb, tableName: string): JobRunStore {
  const table = { dynamoDb, name: tableName };
  return { ...runOperations(table), ...slotOperations(table), ...bookmarkOperations(table) };
}

type SlotOperations = Pick<JobRunStore, "slots" | "occupy" | "succeed" | "release">;
type BookmarkOperations = Pick<JobRunStore, "bookmark" | "moveBookmark">;

function runOperations(table: Table): Omit<JobRunStore, keyof SlotOperations | keyof BookmarkOperations> {
  return {
    add: (run) => put(table, itemOf(run), "attribute_not_exists(Id)", {}),
    get: async (run) => {
      const Key = runKey(run);
      const { Item: item } = await table.dynamoDb.getItem({ TableName: table.name, Key, ConsistentRead: true });
      return item && runFromItem(item);
    },
    list: async (jobName) => (await query(table, jobName, runPrefix)).map(runFromItem),
    requestStop: (run, at) =>
      update(table, {
        key: runKey(run),
        update: "SET StopRequestedAt = :at",
        condition:
          "attribute_exists(Id) AND attribute_not_exists(StopRequestedAt) AND attribute_not_exists(ClaimedUntil) AND attribute_not_exists(Outcome)",
        values: { ":at": number(at) },
      }),
    claim: (run, now, until) =>
      update(table, {
        key: runKey(run),
        update: "SET ClaimedUntil = :until",
        condition:
          "attribute_exists(Id) AND attribute_not_exists(StopRequestedAt) AND attribute_not_exists(Outcome) AND (attribute_not_exists(ClaimedUntil) OR ClaimedUntil <= :now)",
        values: { ":until": number(until), ":now": number(now) },
      }),
    unclaim: async (run, claimedUntil) => {
      await update(table, {
        key: runKey(run),
        update: "REMOVE ClaimedUntil",
        condition: "ClaimedUntil = :mine AND attribute_not_exists(Outcome)",
        values: { ":mine": number(claimedUntil) },
      });
    },
    settle: (run, claimedUntil, outcome) =>
      update(table, {
        key: runKey(run),
        update: "SET Outcome = :outcome",
        condition: "ClaimedUntil = :mine AND attribute_not_exists(Outcome)",
        values: { ":mine": number(claimedUntil), ":outcome": { S: JSON.stringify(outcome) } },
      }),
    touch: (run, at) =>
      update(table, {
        key: runKey(run),
        update: "SET LastBatchAt = :at",
        condition: "attribute_exists(Id) AND attribute_not_exists(StopRequestedAt) AND attribute_not_exists(Outcome)",
        values: { ":at": number(at) },
      }),
  };
}

function slotOperations(table: Table): SlotOperations {
  return {
    slots: async (jobName) => (await query(table, jobName, slotPrefix)).map(slotFromItem),
    occupy: (jobName, slot, now) =>
      put(table, slotItem(jobName, slot), "attribute_not_exists(Id) OR HeldUntil <= :now", { ":now": number(now) }),
    succeed: (jobName, seen, next) =>
      put(table, slotItem(jobName, next), "RunId = :run AND HeldUntil = :until", {
        ":run": { S: seen.runId },
        ":until": number(seen.until),
      }),
    release: async (jobName, taken, until) => {
      await update(table, {
        key: slotKey(jobName, taken.index),
        update: "SET HeldUntil = :until",
        condition: "RunId = :run AND HeldUntil = :taken AND HeldUntil > :until",
        values: { ":run": { S: taken.runId }, ":taken": number(taken.until), ":until": number(until) },
      });
    },
  };
}

function bookmarkOperations(table: Table): BookmarkOperations {
  const keyOf = (jobName: string): Item => runKey({ JobName: jobName, Id: bookmarkId });
  return {
    bookmark: async (jobName) => {
      const { Item: item } = await table.dynamoDb.getItem({
        TableName: table.name,
        Key: keyOf(jobName),
        ConsistentRead: true,
      });
      return item && (JSON.parse(textIn(item, "Bookmark")) as JobBookmark);
    },
    moveBookmark: (jobName, seen, next) =>
      update(table, {
        key: keyOf(jobName),
        update: "SET Bookmark = :next, BookmarkVersion = :version",
        condition: seen === 0 ? "attribute_not_exists(BookmarkVersion)" : "BookmarkVersion = :seen",
        values: {
          ":next": { S: JSON.stringify(next) },
          ":version": number(next.version),
          ...(seen !== 0 && { ":seen": number(seen) }),
        },
      }),
  };
}

/** A run as the table has it. */
export function runFromItem(item: Readonly<Item>): JobRunRecord {
  const run = JSON.parse(textIn(item, "Run")) as Omit<JobRunRecord, keyof RunKey>;
  const { StopRequestedAt, ClaimedUntil, Outcome, LastBatchAt } = item;
  return {
    JobName: textIn(item, "JobName"),
    Id: textIn(item, "Id"),
    ...run,
    ...(StopRequestedAt !== undefined && { stopRequestedAt: numberIn(item, "StopRequestedAt") }),
    ...(ClaimedUntil !== undefined && { claimedUntil: numberIn(item, "ClaimedUntil") }),
    ...(LastBatchAt !== undefined && { lastBatchAt: numberIn(item, "LastBatchAt") }),
    ...(Outcome !== undefined && { outcome: JSON.parse(textIn(item, "Outcome")) as RunOutcome }),
  };
}

/** Whether an item of the table is a run and not a slot. */
export function isRunItem(item: Readonly<Item>): boolean {
  return item.Run?.S !== undefined;
}

function itemOf(record: JobRunRecord): Item {
  const { JobName, Id, ...run } = record;
  const ExpiresAt = expiry(plannedEnd(record));
  return { ...runKey({ JobName, Id }), Run: { S: JSON.stringify(run) }, ExpiresAt };
}

function slotItem(jobName: string, { index, runId, until }: Slot): Item {
  return { ...slotKey(jobName, index), RunId: { S: runId }, HeldUntil: number(until), ExpiresAt: expiry(until) };
}

function slotFromItem(item: Item): Slot {
  const index = Number(textIn(item, "Id").slice(slotPrefix.length));
  return { index, runId: textIn(item, "RunId"), until: numberIn(item, "HeldUntil") };
}

function runKey({ JobName, Id }: RunKey): Item {
  return { JobName: { S: JobName }, Id: { S: Id } };
}

function slotKey(jobName: string, index: number): Item {
  return runKey({ JobName: jobName, Id: `${slotPrefix}${String(index).padStart(4, "0")}` });
}

function expiry(end: number): AttributeValue {
  return number(Math.ceil(end / 1000) + keptSeconds);
}

function number(value: number): AttributeValue {
  return { N: String(value) };
}

function numberIn(item: Readonly<Item>, name: string): number {
  const value = item[name]?.N;
  if (value === undefined) throw new Error(`The table's item must have a number ${name}, got ${JSON.stringify(item)}`);
  return Number(value);
}

function textIn(item: Readonly<Item>, name: string): string {
  const value = item[name]?.S;
  if (value === undefined) throw new Error(`The table's item must have a text ${name}, got ${JSON.stringify(item)}`);
  return value;
}

async function query({ dynamoDb, name }: Table, jobName: string, prefix: string): Promise<Item[]> {
  const items: Item[] = [];
  let next: Item | undefined;
  do {
    const page = await dynamoDb.query({
      TableName: name,
      KeyConditionExpression: "JobName = :job AND begins_with(Id, :prefix)",
      ExpressionAttributeValues: { ":job": { S: jobName }, ":prefix": { S: prefix } },
      ConsistentRead: true,
      ...(next !== undefined && { ExclusiveStartKey: next }),
    });
    items.push(...(page.Items ?? []));
    next = page.LastEvaluatedKey;
  } while (next !== undefined);
  return items;
}

function put({ dynamoDb, name }: Table, item: Item, condition: string, values: Item): Promise<boolean> {
  return unlessRefused(() =>
    dynamoDb.putItem({
      TableName: name,
      Item: item,
      ConditionExpression: condition,
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    }),
  );
}

function update({ dynamoDb, name }: Table, { key, update: change, condition, values }: Change): Promise<boolean> {
  return unlessRefused(() =>
    dynamoDb.updateItem({
      TableName: name,
      Key: key,
      UpdateExpression: change,
      ConditionExpression: condition,
      ExpressionAttributeValues: values,
    }),
  );
}

/** Whether a conditional write was done. */
async function unlessRefused(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

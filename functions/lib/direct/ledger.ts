import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { DynamoDb } from "../aws.ts";
import type { Entry } from "./entry.ts";

/** Someone else has changed the entry meanwhile: what was to be done may be done already. */
export class OvertakenError extends Error {
  override readonly name = "OvertakenError";
}

/** Remembers each file once. Every change rests on what was seen: of two that rest on the same, one is refused. */
export interface Ledger {
  /** False: there is an entry of that name. */
  readonly add: (entry: Entry) => Promise<boolean>;
  readonly get: (name: string) => Promise<Entry | undefined>;
  /** Gives the entry as it is from now on. Throws OvertakenError. */
  readonly change: (seen: Entry, changes: Partial<Entry>) => Promise<Entry>;
}

/** As long as Step Functions keeps the name of an execution. */
const keptSeconds = 90 * 24 * 3600;

/** A ledger in a table with the hash key ExecutionName and the time-to-live attribute ExpiresAt. */
export function createLedger(dynamoDb: DynamoDb, TableName: string): Ledger {
  const write = async (entry: Entry, condition: string, seen?: number): Promise<boolean> => {
    try {
      await dynamoDb.putItem({
        TableName,
        Item: itemOf(entry),
        ConditionExpression: condition,
        ...(seen !== undefined && { ExpressionAttributeValues: { ":seen": { N: String(seen) } } }),
      });
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
      throw error;
    }
  };
  return {
    add: (entry) => write(entry, "attribute_not_exists(ExecutionName)"),
    get: async (name) => {
      const Key = { ExecutionName: { S: name } };
      const { Item } = await dynamoDb.getItem({ TableName, Key, ConsistentRead: true });
      return Item && entryOf(Item);
    },
    change: async (seen, changes) => {
      const entry = { ...seen, ...changes, version: seen.version + 1 };
      if (await write(entry, "Version = :seen", seen.version)) return entry;
      throw new OvertakenError(`${seen.name} was changed by another after version ${seen.version}`);
    },
  };
}

/** The entry as one text, and beside it what people and queries look for. */
function itemOf(entry: Entry): Record<string, AttributeValue> {
  const { bucket, key, versionId } = entry.input.arguments;
  return {
    ExecutionName: { S: entry.name },
    Version: { N: String(entry.version) },
    Entry: { S: JSON.stringify(entry) },
    Status: { S: entry.step === "Done" ? (entry.result?.outcome ?? "done") : entry.step },
    Bucket: { S: bucket },
    Key: { S: key },
    VersionId: { S: versionId },
    ...(entry.jobRunId !== undefined && { JobRunId: { S: entry.jobRunId } }),
    ExpiresAt: { N: String(Math.ceil(entry.due / 1000) + keptSeconds) },
  };
}

function entryOf(item: Readonly<Record<string, AttributeValue>>): Entry {
  const text = item.Entry?.S;
  if (text === undefined) throw new Error(`The ledger's item must have a text Entry, got ${JSON.stringify(item)}`);
  return JSON.parse(text) as Entry;
}

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { DynamoDb } from "../aws.ts";
import type { StatusChange } from "./status-change.ts";

/** How far the report of an interruption has got. */
export interface ReportProgress {
  /** The message is in the failure queue. */
  readonly kept: boolean;
  /** The results topic has it. */
  readonly notified: boolean;
}

/** Remembers which interruptions are reported, in a table with hash key Interruption and time to live ExpiresAt. */
export interface InterruptionLog {
  /** Takes an interruption on. Undefined: another delivery of its event has done so, and sees it through. */
  readonly begin: () => Promise<ReportProgress | undefined>;
  readonly done: (step: keyof ReportProgress) => Promise<void>;
}

export interface LogArgs {
  readonly tableName: string;
  readonly change: StatusChange;
  /** The same for all tries of one delivery: the request's id. */
  readonly delivery: string;
}

const attributes = { kept: "Kept", notified: "Notified" } as const;
/** Longer than EventBridge and Lambda together go on delivering an event. */
const keptSeconds = 14 * 24 * 3600;

export function createInterruptionLog(dynamoDb: DynamoDb, { tableName, change, delivery }: LogArgs): InterruptionLog {
  // An execution that was redriven can be interrupted again, at another time.
  const Key = { Interruption: { S: `${change.executionArn}@${change.stopDate}` } };
  return {
    begin: async () => {
      try {
        const { Attributes: item = {} } = await dynamoDb.updateItem({
          TableName: tableName,
          Key,
          UpdateExpression: "SET Delivery = :delivery, ExpiresAt = :expiry",
          ConditionExpression: "attribute_not_exists(Interruption) OR Delivery = :delivery",
          ExpressionAttributeValues: {
            ":delivery": { S: delivery },
            ":expiry": { N: String(Math.ceil(change.stopDate / 1000) + keptSeconds) },
          },
          ReturnValues: "ALL_NEW",
        });
        return progressIn(item);
      } catch (error) {
        if (error instanceof Error && error.name === "ConditionalCheckFailedException") return undefined;
        throw error;
      }
    },
    done: async (step) => {
      await dynamoDb.updateItem({
        TableName: tableName,
        Key,
        UpdateExpression: `SET ${attributes[step]} = :done`,
        ExpressionAttributeValues: { ":done": { BOOL: true } },
      });
    },
  };
}

function progressIn(item: Readonly<Record<string, AttributeValue>>): ReportProgress {
  return { kept: item[attributes.kept] !== undefined, notified: item[attributes.notified] !== undefined };
}

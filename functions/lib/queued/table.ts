import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Dependencies } from "../aws.ts";
import type { Item } from "./ledger-items.ts";
import { ledgerKeys } from "./file-entry.ts";

type Values = Readonly<Record<`:${string}`, string | number>>;

/** A write that rests on a condition. Attributes are written `#Name` in expressions, values `:name`. */
export type Write =
  | { readonly put: Record<string, AttributeValue>; readonly condition: string; readonly values?: Values }
  | { readonly at: Place; readonly update: string; readonly condition: string; readonly values?: Values }
  | { readonly delete: Place; readonly condition?: string; readonly values?: Values };

export interface Place {
  readonly partition: string;
  readonly id: string;
}

/** The ledger's table. All reads see all that was written before. */
export interface Table {
  readonly get: (place: Place) => Promise<Item | undefined>;
  /** Items of a partition in the order of their ids. */
  readonly list: (
    partition: string,
    options?: { readonly prefix?: string; readonly limit?: number },
  ) => Promise<Item[]>;
  /** False: the condition does not hold, and nothing was written. */
  readonly write: (write: Write) => Promise<boolean>;
  /** All of it or nothing. False: a condition does not hold, or somebody else writes to one of the items just now. */
  readonly writeAll: (writes: readonly Write[]) => Promise<boolean>;
}

export const keyOf = ({ partition, id }: Place): Record<string, AttributeValue> => ({
  [ledgerKeys.hash]: { S: partition },
  [ledgerKeys.range]: { S: id },
});

export function createTable(
  { dynamoDb, transactions }: Pick<Dependencies, "dynamoDb" | "transactions">,
  TableName: string,
): Table {
  return {
    get: async (place) => {
      const { Item } = await dynamoDb.getItem({ TableName, Key: keyOf(place), ConsistentRead: true });
      return Item;
    },
    list: async (partition, { prefix = "", limit } = {}) => {
      const condition = prefix === "" ? "" : ` AND begins_with(#${ledgerKeys.range}, :prefix)`;
      const expression = `#${ledgerKeys.hash} = :partition${condition}`;
      const items: Item[] = [];
      let from: Record<string, AttributeValue> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await dynamoDb.query({
          TableName,
          ConsistentRead: true,
          KeyConditionExpression: expression,
          ...namesAndValues([expression], { ":partition": partition, ...(prefix !== "" && { ":prefix": prefix }) }),
          ...(limit !== undefined && { Limit: limit }),
          ...(from !== undefined && { ExclusiveStartKey: from }),
        });
        items.push(...Items);
        from = LastEvaluatedKey;
      } while (from !== undefined && (limit === undefined || items.length < limit));
      return items;
    },
    write: async (write) => {
      try {
        if ("put" in write) await dynamoDb.putItem(putOf(TableName, write));
        else if ("delete" in write) await dynamoDb.deleteItem(deleteOf(TableName, write));
        else await dynamoDb.updateItem(updateOf(TableName, write));
        return true;
      } catch (error) {
        if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
        throw error;
      }
    },
    writeAll: async (writes) => {
      try {
        await transactions.transactWriteItems({
          TransactItems: writes.map((write) => {
            if ("put" in write) return { Put: putOf(TableName, write) };
            return "delete" in write ? { Delete: deleteOf(TableName, write) } : { Update: updateOf(TableName, write) };
          }),
        });
        return true;
      } catch (error) {
        if (error instanceof Error && error.name === "TransactionCanceledException") return false;
        throw error;
      }
    },
  };
}

type Of<Kind extends string> = Extract<Write, Readonly<Record<Kind, unknown>>>;

const putOf = (TableName: string, { put: Item, condition, values = {} }: Of<"put">) => ({
  TableName,
  Item,
  ConditionExpression: condition,
  ...namesAndValues([condition], values),
});

const updateOf = (TableName: string, { at, update, condition, values = {} }: Of<"update">) => ({
  TableName,
  Key: keyOf(at),
  UpdateExpression: update,
  ConditionExpression: condition,
  ...namesAndValues([update, condition], values),
});

const deleteOf = (TableName: string, { delete: place, condition, values = {} }: Of<"delete">) => ({
  TableName,
  Key: keyOf(place),
  ...(condition !== undefined && { ConditionExpression: condition, ...namesAndValues([condition], values) }),
});

function namesAndValues(expressions: readonly string[], values: Values) {
  const names = expressions.flatMap((expression) => expression.match(/#\w+/g) ?? []);
  return {
    ...(names.length > 0 && {
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [name, name.slice(1)])),
    }),
    ...(Object.keys(values).length > 0 && {
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(values).map(([name, value]): [string, AttributeValue] => [name, attributeOf(value)]),
      ),
    }),
  };
}

const attributeOf = (value: string | number): AttributeValue =>
  typeof value === "number" ? { N: String(value) } : { S: value };

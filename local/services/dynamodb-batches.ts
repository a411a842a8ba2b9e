import type {
  BatchGetItemCommandInput,
  BatchWriteItemCommandInput,
  TransactWriteItem,
  TransactWriteItemsCommandInput,
} from "@aws-sdk/client-dynamodb";
import { project, readExpressions } from "./dynamodb-expressions.ts";
import { invalid } from "./dynamodb-tokens.ts";
import { type Item, itemSize } from "./dynamodb-values.ts";
import { carryOut, ConditionalCheckFailed, planDelete, planPut, planUpdate, type Write } from "./dynamodb-writes.ts";
import { ServiceError } from "./service.ts";
import type { Table } from "./table.ts";

/** Finds a table by name or ARN, or throws what DynamoDB throws. */
export type FindTable = (nameOrArn: string | undefined) => Table;

const mebibyte = 1024 * 1024;
const mostWrites = 25;
const mostWrittenBytes = 16 * mebibyte;
const mostKeys = 100;
const mostReadBytes = 16 * mebibyte;
const repeatedKeys = "Provided list of item keys contains duplicates";
const mostActions = 100;
const mostTransactedBytes = 4 * mebibyte;

export interface BatchWriteOutput {
  /** Empty: nothing is ever too much here. */
  readonly UnprocessedItems: object;
}

/** Up to 25 puts and deletes, each by itself; a request that is wrong in one is refused as a whole. */
export const batchWrite = (find: FindTable, { RequestItems }: BatchWriteItemCommandInput): BatchWriteOutput => {
  const writes = Object.entries(RequestItems ?? {}).flatMap(([name, requests]) => {
    const table = find(name);
    return requests.map(({ PutRequest: put, DeleteRequest: remove }) => {
      if ((put === undefined) === (remove === undefined)) {
        throw invalid("Supplied WriteRequest must have one of PutRequest and DeleteRequest");
      }
      return put === undefined ? planDelete(table, { Key: remove?.Key }) : planPut(table, { Item: put.Item });
    });
  });
  if (writes.length === 0) throw noRequests("BatchWriteItem");
  if (writes.length > mostWrites) throw invalid("Too many items requested for the BatchWriteItem call");
  requireDistinct(writes, repeatedKeys);
  if (bytesOf(writes) > mostWrittenBytes) throw invalid("Item collection size of the request exceeds 16 MB");
  writes.forEach(carryOut);
  return { UnprocessedItems: {} };
};

export interface BatchGetOutput {
  readonly Responses: Readonly<Record<string, readonly Item[]>>;
  readonly UnprocessedKeys: Readonly<Record<string, unknown>>;
}

/** Up to 100 items by key; what would be more than 16 MB of them is left for another call. */
export const batchGet = (find: FindTable, { RequestItems = {} }: BatchGetItemCommandInput): BatchGetOutput => {
  const all = Object.values(RequestItems).flatMap(({ Keys = [] }) => Keys);
  if (all.length === 0) throw noRequests("BatchGetItem");
  if (all.length > mostKeys) throw invalid("Too many items requested for the BatchGetItem call");
  let bytes = 0;
  const responses: Record<string, readonly Item[]> = {};
  const unprocessed: Record<string, unknown> = {};
  for (const [name, request] of Object.entries(RequestItems)) {
    const table = find(name);
    const wanted = (request.Keys ?? []).map((key) => ({ table, key, place: table.placeOfKey(key) }));
    requireDistinct(wanted, repeatedKeys);
    const expressions = readExpressions(request);
    const paths = expressions.projection?.map((path) => path(expressions));
    const found: Item[] = [];
    const left: Item[] = [];
    for (const { key, place } of wanted) {
      const item = table.get(place);
      if (item === undefined) continue;
      bytes += itemSize(item);
      if (bytes > mostReadBytes) left.push(key);
      else found.push(paths === undefined ? item : project(item, paths));
    }
    responses[name] = found;
    if (left.length > 0) unprocessed[name] = { ...request, Keys: left };
  }
  return { Responses: responses, UnprocessedKeys: unprocessed };
};

/** Why a transaction was not done, action by action. */
export interface CancellationReason {
  readonly Code: "None" | "ConditionalCheckFailed";
  readonly Message?: string;
  readonly Item?: Item;
}

export class TransactionCanceled extends ServiceError {
  constructor(readonly CancellationReasons: readonly CancellationReason[]) {
    const codes = CancellationReasons.map(({ Code }) => Code).join(", ");
    super(
      "TransactionCanceledException",
      `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    );
  }
}

/** Up to 100 writes and checks, all of them or none. */
export const transactWrite = (find: FindTable, input: TransactWriteItemsCommandInput): object => {
  const { TransactItems: items = [], ClientRequestToken: token } = input;
  if (token !== undefined) throw invalid("ClientRequestToken is not simulated: leave it out");
  if (items.length === 0 || items.length > mostActions) {
    throw invalid(
      `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length ` +
        `from 1 to ${mostActions}, got ${items.length}`,
    );
  }
  const planned = items.map((item) => planOrRefusal(find, item));
  const reasons = planned.map(({ reason }) => reason);
  if (reasons.some(({ Code }) => Code !== "None")) throw new TransactionCanceled(reasons);
  const writes = planned.flatMap(({ write }) => (write === undefined ? [] : [write]));
  requireDistinct(writes, "Transaction request cannot include multiple operations on one item");
  if (bytesOf(writes) > mostTransactedBytes) {
    throw invalid("Transaction request exceeds the limit of 4 MB in the aggregate size of its items");
  }
  for (const [index, write] of writes.entries()) if (items[index]?.ConditionCheck === undefined) carryOut(write);
  return {};
};

interface Planned {
  readonly write?: Write;
  readonly reason: CancellationReason;
}

const planOrRefusal = (find: FindTable, item: TransactWriteItem): Planned => {
  try {
    return { write: plan(find, item), reason: { Code: "None" } };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailed)) throw error;
    const { message: Message, Item: old } = error;
    return { reason: { Code: "ConditionalCheckFailed", Message, ...(old !== undefined && { Item: old }) } };
  }
};

const plan = (find: FindTable, { Put, Update, Delete, ConditionCheck }: TransactWriteItem): Write => {
  if ([Put, Update, Delete, ConditionCheck].filter((action) => action !== undefined).length !== 1) {
    throw invalid("TransactItems can only contain one of Check, Put, Update or Delete");
  }
  if (Put !== undefined) return planPut(find(Put.TableName), Put);
  if (Update !== undefined) return planUpdate(find(Update.TableName), Update);
  if (Delete !== undefined) return planDelete(find(Delete.TableName), Delete);
  return planDelete(find(ConditionCheck?.TableName), ConditionCheck ?? { Key: undefined });
};

/** The tables of a transaction, each with the permission that its action needs. */
export const actionsOf = (
  input: TransactWriteItemsCommandInput,
): readonly { readonly action: string; readonly table: string | undefined }[] =>
  (input.TransactItems ?? []).flatMap(({ Put, Update, Delete, ConditionCheck }) => [
    ...(Put === undefined ? [] : [{ action: "PutItem", table: Put.TableName }]),
    ...(Update === undefined ? [] : [{ action: "UpdateItem", table: Update.TableName }]),
    ...(Delete === undefined ? [] : [{ action: "DeleteItem", table: Delete.TableName }]),
    ...(ConditionCheck === undefined ? [] : [{ action: "ConditionCheckItem", table: ConditionCheck.TableName }]),
  ]);

const requireDistinct = (items: readonly Pick<Write, "table" | "place">[], otherwise: string): void => {
  const places = new Set(items.map(({ table, place }) => `${table.name}\0${place.hash}\0${place.range}`));
  if (places.size < items.length) throw invalid(otherwise);
};

const bytesOf = (writes: readonly Write[]): number =>
  writes.reduce((bytes, { after, before }) => bytes + itemSize(after ?? before), 0);

const noRequests = (operation: string): Error =>
  invalid(`1 validation error detected: RequestItems of ${operation} must have at least one request`);

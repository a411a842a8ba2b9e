import type { DeleteItemCommandInput, PutItemCommandInput, UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { type Expressions, readExpressions } from "./dynamodb-expressions.ts";
import type { DocumentPath } from "./dynamodb-tokens.ts";
import { invalid } from "./dynamodb-tokens.ts";
import { canonicalItem, equalValues, type Item } from "./dynamodb-values.ts";
import { ServiceError } from "./service.ts";
import type { Place, Table } from "./table.ts";

/** A condition did not hold. `Item` is there if the request asked for it. */
export class ConditionalCheckFailed extends ServiceError {
  readonly Item: Item | undefined;

  constructor(item: Item | undefined) {
    super("ConditionalCheckFailedException", "The conditional request failed");
    this.Item = item;
  }
}

/** A write that may be done: its condition holds. */
export interface Write {
  readonly table: Table;
  readonly place: Place;
  /** What is there; its key where there is nothing. */
  readonly before: Item;
  readonly old: Item | undefined;
  /** What will be there; undefined: nothing. */
  readonly after: Item | undefined;
  /** What an update names. */
  readonly paths: readonly DocumentPath[];
}

type PutInput = Pick<PutItemCommandInput, "Item"> & ConditionInput;
type DeleteInput = Pick<DeleteItemCommandInput, "Key"> & ConditionInput;
type UpdateInput = Pick<UpdateItemCommandInput, "Key" | "UpdateExpression"> & ConditionInput;
type ConditionInput = Pick<
  PutItemCommandInput,
  | "ConditionExpression"
  | "ExpressionAttributeNames"
  | "ExpressionAttributeValues"
  | "ReturnValuesOnConditionCheckFailure"
>;

export const planPut = (table: Table, input: PutInput): Write => {
  const expressions = readExpressions(input);
  const after = canonicalItem(input.Item ?? {});
  const place = table.place(after);
  const old = table.get(place);
  requireCondition(expressions, old, input);
  table.checkSize(after);
  return { table, place, before: old ?? after, old, after, paths: [] };
};

/** A deletion; without one, the same for a check of its condition. */
export const planDelete = (table: Table, input: DeleteInput): Write => {
  const expressions = readExpressions(input);
  const place = table.placeOfKey(input.Key);
  const old = table.get(place);
  requireCondition(expressions, old, input);
  return { table, place, before: old ?? input.Key ?? {}, old, after: undefined, paths: [] };
};

export const planUpdate = (table: Table, input: UpdateInput): Write => {
  const expressions = readExpressions(input);
  const place = table.placeOfKey(input.Key);
  const old = table.get(place);
  requireCondition(expressions, old, input);
  const before = old ?? canonicalItem(input.Key ?? {});
  const { names, values, update } = expressions;
  const { item, paths } = update?.({ item: before, names, values }) ?? { item: before, paths: [] };
  requireSameKey(table, before, item);
  const after = canonicalItem(item);
  table.checkSize(after);
  return { table, place, before, old, after, paths };
};

export const carryOut = ({ table, place, after }: Write): void => {
  if (after === undefined) table.delete(place);
  else table.put(place, after);
};

const requireCondition = (
  { condition, names, values }: Expressions,
  old: Item | undefined,
  input: ConditionInput,
): void => {
  if (condition === undefined || condition({ item: old ?? {}, names, values })) return;
  throw new ConditionalCheckFailed(input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? old : undefined);
};

const requireSameKey = (table: Table, before: Item, after: Item): void => {
  for (const name of table.keyNames) {
    const [old, updated] = [before[name], after[name]];
    if (old === updated || (old !== undefined && updated !== undefined && equalValues(old, updated))) continue;
    throw invalid(
      `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
    );
  }
};

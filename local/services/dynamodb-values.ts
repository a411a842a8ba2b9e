import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { addNumbers, canonicalNumber, numberSortKey } from "./dynamodb-numbers.ts";
import { ServiceError } from "./service.ts";
import { toUtf8Order } from "./utf8-order.ts";

/** An item of a table. Never changed in place: it may be in somebody's hands. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** DynamoDB's name of a value's type: `S`, `N`, `BOOL`, … */
export const typeOf = (value: AttributeValue): string => {
  for (const [type, content] of Object.entries(value) as [string, unknown][]) {
    if (content !== undefined && types.has(type)) return type;
  }
  throw invalid(`Supplied AttributeValue is empty or of no known type: ${JSON.stringify(value)}`);
};

const types = new Set(["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"]);

/** Text that orders values of one type as DynamoDB does: texts by their UTF-8 bytes. Undefined for types without order. */
export const sortKey = (value: AttributeValue): string | undefined => {
  if (value.S !== undefined) return toUtf8Order(value.S);
  if (value.N !== undefined) return numberSortKey(value.N);
  if (value.B !== undefined) return Buffer.from(value.B).toString("hex");
  return undefined;
};

/** Below zero, zero, above zero; undefined where the two have no order. */
export const compareValues = (a: AttributeValue, b: AttributeValue): number | undefined => {
  if (typeOf(a) !== typeOf(b)) return undefined;
  const left = sortKey(a);
  const right = sortKey(b);
  if (left === undefined || right === undefined) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
};

/** Equal in type and content; sets whatever their order. */
export const equalValues = (a: AttributeValue, b: AttributeValue): boolean => {
  if (a.S !== undefined || b.S !== undefined) return a.S === b.S;
  return identity(a) === identity(b);
};

/** A text that is the same for equal values. */
const identity = (value: AttributeValue): string => {
  if (value.M !== undefined) {
    const entries = Object.entries(value.M).sort(([a], [b]) => (a < b ? -1 : 1));
    return `M{${entries.map(([name, item]) => `${JSON.stringify(name)}:${identity(item)}`).join(",")}}`;
  }
  if (value.L !== undefined) return `L[${value.L.map(identity).join(",")}]`;
  const members = setMembers(value);
  if (members !== undefined) return `${typeOf(value)}[${members.map(identity).sort().join(",")}]`;
  if (value.N !== undefined) return `N${canonicalNumber(value.N)}`;
  if (value.B !== undefined) return `B${Buffer.from(value.B).toString("hex")}`;
  return JSON.stringify(value);
};

/** The members of a set as values. */
export const setMembers = (value: AttributeValue): readonly AttributeValue[] | undefined =>
  value.SS?.map((S) => ({ S })) ?? value.NS?.map((N) => ({ N })) ?? value.BS?.map((B) => ({ B }));

/** A set of the same type with these members; undefined if there are none: DynamoDB has no empty sets. */
export const setOf = (type: string, members: readonly AttributeValue[]): AttributeValue | undefined => {
  if (members.length === 0) return undefined;
  if (type === "SS") return { SS: members.flatMap(({ S }) => (S === undefined ? [] : [S])) };
  if (type === "NS") return { NS: members.flatMap(({ N }) => (N === undefined ? [] : [N])) };
  return { BS: members.flatMap(({ B }) => (B === undefined ? [] : [B])) };
};

/** ADD: numbers are summed, sets united. */
export const addValues = (old: AttributeValue | undefined, added: AttributeValue): AttributeValue => {
  if (added.N !== undefined && (old === undefined || old.N !== undefined)) {
    return { N: addNumbers(old?.N ?? "0", added.N) };
  }
  const more = setMembers(added);
  if (more === undefined || (old !== undefined && typeOf(old) !== typeOf(added))) throw wrongType("ADD");
  const members = (old && setMembers(old)) ?? [];
  const fresh = more.filter((member) => !members.some((known) => equalValues(known, member)));
  return setOf(typeOf(added), [...members, ...fresh]) ?? added;
};

/** DELETE: the members taken out of a set; undefined if none is left. */
export const removeMembers = (old: AttributeValue, removed: AttributeValue): AttributeValue | undefined => {
  const gone = setMembers(removed);
  const members = setMembers(old);
  if (gone === undefined || members === undefined || typeOf(old) !== typeOf(removed)) throw wrongType("DELETE");
  return setOf(
    typeOf(old),
    members.filter((member) => !gone.some((other) => equalValues(other, member))),
  );
};

/** What DynamoDB counts against its limit of 400 KB. */
export const itemSize = (item: Item): number => {
  let size = 0;
  for (const name in item) {
    const value = item[name];
    if (value !== undefined) size += Buffer.byteLength(name) + valueSize(value);
  }
  return size;
};

export const valueSize = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.M !== undefined) return 3 + itemSize(value.M) + Object.keys(value.M).length;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, member) => sum + 1 + valueSize(member), 0);
  return setMembers(value)?.reduce((sum, member) => sum + valueSize(member), 0) ?? 1;
};

const numberSize = (text: string): number => Math.ceil(text.replace(/^-|\./g, "").length / 2) + 1;

const wrongType = (operation: string): ServiceError =>
  invalid(`An operand in the update expression has an incorrect data type for ${operation}`);

const invalid = (message: string): ServiceError => new ServiceError("ValidationException", message);

/** The item as DynamoDB gives it back: numbers in their shortest form, nothing that is undefined. */
export const canonicalItem = (item: Item): Item => {
  const names = Object.keys(item);
  return names.every((name) => isCanonical(item[name]))
    ? item
    : Object.fromEntries(names.flatMap((name) => (item[name] === undefined ? [] : [[name, canonical(item[name])]])));
};

const isCanonical = (value: AttributeValue | undefined): boolean =>
  value !== undefined &&
  (value.S !== undefined ||
    value.BOOL !== undefined ||
    (value.N !== undefined && canonicalNumber(value.N) === value.N));

const canonical = (value: AttributeValue): AttributeValue => {
  if (value.N !== undefined) return { N: canonicalNumber(value.N) };
  if (value.M !== undefined) return { M: canonicalItem(value.M) };
  if (value.L !== undefined) return { L: value.L.map(canonical) };
  if (value.NS !== undefined) return { NS: value.NS.map(canonicalNumber) };
  // Throws if it is of no known type.
  typeOf(value);
  return value;
};

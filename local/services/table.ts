import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { invalid } from "./dynamodb-tokens.ts";
import { type Item, itemSize, sortKey, typeOf } from "./dynamodb-values.ts";
import { ItemExpiry } from "./item-expiry.ts";
import { Properties } from "./properties.ts";
import { SortedKeys } from "./sorted-keys.ts";

/** A part of a table's key. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: string;
}

/** An item's place: texts that order keys as DynamoDB does. */
export interface Place {
  readonly hash: string;
  /** Empty where the table has no range key. */
  readonly range: string;
}

/** One of so many equal parts of a table, for those who scan it together. */
export interface Segment {
  /** From 0 on. */
  readonly index: number;
  readonly of: number;
}

/** Items with one hash key, by range key. */
interface Partition {
  readonly items: Map<string, Item>;
  readonly order: SortedKeys;
}

const largestItem = 400 * 1024;
const largestHashKey = 2048;
const largestRangeKey = 1024;

/** A table's items, found by key and read in the order of the range key. */
export class Table {
  readonly name: string;
  readonly arn: string;
  readonly hashKey: KeyAttribute;
  readonly rangeKey: KeyAttribute | undefined;
  readonly #partitions = new Map<string, Partition>();
  /** In the order of scans: that of a digest, so that items which were written one after the other lie far apart. */
  readonly #hashes = new SortedKeys();
  readonly #expiry: ItemExpiry | undefined;
  readonly #now: () => number;

  constructor(properties: Properties, now: () => number) {
    this.name = properties.string("name");
    this.arn = properties.string("arn");
    this.#now = now;
    const types = new Map(properties.children("attributes").map((item) => [item.string("name"), item.string("type")]));
    const attribute = (property: string): KeyAttribute => {
      const name = properties.string(property);
      const type = types.get(name);
      if (type === undefined)
        throw properties.error(property, `one of the attributes (${[...types.keys()].join(", ")})`);
      return { name, type };
    };
    this.hashKey = attribute("hashKey");
    this.rangeKey = properties.has("rangeKey") ? attribute("rangeKey") : undefined;
    const ttl = properties.child("ttl");
    if (ttl?.optionalBoolean("enabled") === true) this.#expiry = new ItemExpiry(ttl.string("attributeName"));
  }

  get keyNames(): readonly string[] {
    return this.rangeKey === undefined ? [this.hashKey.name] : [this.hashKey.name, this.rangeKey.name];
  }

  /** Where an item with this key is; errors are DynamoDB's for keys that do not fit. */
  place(key: Item): Place {
    return {
      hash: keyText(key, this.hashKey, largestHashKey),
      range: this.rangeKey === undefined ? "" : keyText(key, this.rangeKey, largestRangeKey),
    };
  }

  /** The place of a Key parameter, which holds the key and nothing else. */
  placeOfKey(key: Item | undefined): Place {
    if (key === undefined || Object.keys(key).length !== this.keyNames.length) throw schemaMismatch();
    return this.place(key);
  }

  keyOf(item: Item): Item {
    return Object.fromEntries(this.keyNames.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
  }

  get({ hash, range }: Place): Item | undefined {
    return this.#live(this.#partitions.get(hash)?.items.get(range));
  }

  put(place: Place, item: Item): void {
    this.#sweep();
    const partition = this.#partitions.get(place.hash) ?? this.#addPartition(place.hash);
    if (!partition.items.has(place.range)) partition.order.add(place.range);
    partition.items.set(place.range, item);
    this.#expiry?.note(place, item);
  }

  /** Throws what DynamoDB throws where an item is too large. */
  checkSize(item: Item): void {
    if (itemSize(item) > largestItem) throw invalid("Item size has exceeded the maximum allowed size");
  }

  delete({ hash, range }: Place): void {
    const partition = this.#partitions.get(hash);
    if (partition?.items.delete(range) !== true) return;
    partition.order.delete(range);
    if (partition.items.size > 0) return;
    this.#partitions.delete(hash);
    this.#hashes.delete(scanKey(hash));
  }

  /** The items of one partition from a range key on, in either direction. */
  *partition(hash: string, from: string | undefined, forward: boolean): Generator<readonly [string, Item]> {
    const found = this.#partitions.get(hash);
    if (found === undefined) return;
    for (const range of forward ? found.order.ascending(from ?? "") : found.order.descending(from)) {
      const item = this.#live(found.items.get(range));
      if (item !== undefined) yield [range, item];
    }
  }

  /** All items, or those of a segment, in the same order each time. */
  *all(after?: Place, segment?: Segment): Generator<Item> {
    const [first, end] = segment === undefined ? ["", undefined] : boundsOf(segment);
    const from = after === undefined ? first : scanKey(after.hash);
    for (const key of this.#hashes.ascending(from > first ? from : first)) {
      if (end !== undefined && key >= end) return;
      const hash = key.slice(digestLength);
      for (const [range, item] of this.partition(hash, hash === after?.hash ? after.range : undefined, true)) {
        if (hash !== after?.hash || range !== after.range) yield item;
      }
    }
  }

  /** Whether what lies there is part of a segment. */
  isIn(segment: Segment, { hash }: Place): boolean {
    const [first, end] = boundsOf(segment);
    const key = scanKey(hash);
    return key >= first && (end === undefined || key < end);
  }

  get size(): number {
    let size = 0;
    for (const { items } of this.#partitions.values()) size += items.size;
    return size;
  }

  #addPartition(hash: string): Partition {
    const partition = { items: new Map<string, Item>(), order: new SortedKeys() };
    this.#partitions.set(hash, partition);
    this.#hashes.add(scanKey(hash));
    return partition;
  }

  #live(item: Item | undefined): Item | undefined {
    return item !== undefined && this.#expiry?.isExpired(item, this.#now()) === true ? undefined : item;
  }

  /** DynamoDB deletes expired items within days; here they are gone on time, so that a virtual day is a day. */
  #sweep(): void {
    const now = this.#now();
    for (const place of this.#expiry?.due(now) ?? []) {
      const item = this.#partitions.get(place.hash)?.items.get(place.range);
      if (item !== undefined && this.#live(item) === undefined) this.delete(place);
    }
  }
}

const keyText = (key: Item, { name, type }: KeyAttribute, largest: number): string => {
  const value: AttributeValue | undefined = key[name];
  if (value === undefined) throw invalid(`One of the required keys was not given a value: ${name}`);
  if (typeOf(value) !== type) {
    throw invalid(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
  }
  const text = sortKey(value);
  if (text === undefined) throw schemaMismatch();
  if (text === "") throw invalid(`The AttributeValue for a key attribute cannot contain an empty value. Key: ${name}`);
  if (value.S !== undefined && Buffer.byteLength(value.S) > largest) {
    throw invalid(`Size of the key ${name} has exceeded the maximum of ${largest} bytes`);
  }
  return text;
};

const schemaMismatch = (): Error => invalid("The provided key element does not match the schema");

const digestLength = 8;

/** A key with its digest in front: FNV-1a, mixed once more, as short keys leave its high bits alike. */
const scanKey = (hash: string): string => {
  let digest = 0x811c9dc5;
  for (let index = 0; index < hash.length; index++) {
    digest = Math.imul(digest ^ hash.charCodeAt(index), 0x01000193);
  }
  digest = Math.imul(digest ^ (digest >>> 16), 0x85ebca6b);
  digest = Math.imul(digest ^ (digest >>> 13), 0xc2b2ae35);
  return hexDigest((digest ^ (digest >>> 16)) >>> 0) + hash;
};

const hexDigest = (number: number): string => number.toString(16).padStart(digestLength, "0");

/** The first digest of a segment and the first one beyond it. */
const boundsOf = ({ index, of }: Segment): readonly [string, string | undefined] => {
  const bound = (part: number): string => hexDigest(Math.ceil((part * 2 ** 32) / of));
  return [bound(index), index + 1 === of ? undefined : bound(index + 1)];
};

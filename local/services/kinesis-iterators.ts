import { isRecord } from "../../functions/lib/json.ts";
import { ServiceError } from "./service.ts";
import { invalid } from "./kinesis-stream.ts";

/** Where a reader is in a shard. */
export interface ShardIterator {
  readonly stream: string;
  readonly shard: string;
  readonly position: number;
  /** Milliseconds since the epoch. */
  readonly issuedAt: number;
}

const lifeMs = 5 * 60_000;

export const writeIterator = (iterator: ShardIterator): string =>
  Buffer.from(JSON.stringify(iterator)).toString("base64");

/** @param now to see whether it has expired; left out, that does not matter */
export const readIterator = (text: string, now?: number): ShardIterator => {
  const iterator = parsed(text);
  if (iterator === undefined) throw invalid("shardIterator", "an iterator from an earlier answer", text);
  if (now !== undefined && now - iterator.issuedAt > lifeMs) {
    throw new ServiceError("ExpiredIteratorException", "Iterator expired: it is older than 300000 milliseconds");
  }
  return iterator;
};

const parsed = (text: string): ShardIterator | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64").toString());
    if (!isRecord(value)) return undefined;
    const { stream, shard, position, issuedAt } = value;
    if (typeof stream !== "string" || typeof shard !== "string") return undefined;
    if (typeof position !== "number" || typeof issuedAt !== "number") return undefined;
    return { stream, shard, position, issuedAt };
  } catch {
    return undefined;
  }
};

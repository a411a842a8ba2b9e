import type { Kinesis } from "../aws.ts";
import type { Offsets } from "./checkpoint.ts";

/** A record of a stream, with its content as text. */
export interface StreamText {
  readonly shard: string;
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly arrivedAt: number;
}

export interface ReadRange {
  readonly streamArn: string;
  /** Behind these. A shard that is not named is read from its beginning. */
  readonly from: Offsets;
  /** Up to these, where a batch is read again. */
  readonly to?: Offsets;
  /** Of each shard, at most. */
  readonly limit: number;
}

/** Records of all shards, in the order of their arrival. */
export interface ReadRecords {
  readonly records: readonly StreamText[];
  readonly offsets: Offsets;
  /** Whether there is more to read. */
  readonly isBehind: boolean;
}

/** Reads a batch: what is there, or what was there when it was begun for the first time. */
export async function readStream(kinesis: Kinesis, range: ReadRange): Promise<ReadRecords> {
  const records: StreamText[] = [];
  const offsets: Record<string, string> = { ...range.from };
  let isBehind = false;
  for (const shard of await shardsOf(kinesis, range.streamArn)) {
    const end = range.to?.[shard];
    // A shard that has not moved has nothing in the batch.
    if (range.to !== undefined && (end === undefined || end === range.from[shard])) continue;
    const read = await readShard(kinesis, range, shard, end);
    records.push(...read.records);
    isBehind ||= read.isBehind;
    const last = read.records.at(-1);
    if (last !== undefined) offsets[shard] = last.sequenceNumber;
  }
  records.sort((a, b) => a.arrivedAt - b.arrivedAt || (a.sequenceNumber < b.sequenceNumber ? -1 : 1));
  return { records, offsets: range.to ?? offsets, isBehind };
}

async function readShard(
  kinesis: Kinesis,
  { streamArn: StreamARN, from, limit }: ReadRange,
  shard: string,
  end: string | undefined,
): Promise<Pick<ReadRecords, "records" | "isBehind">> {
  const after = from[shard];
  const { ShardIterator } = await kinesis.getShardIterator({
    StreamARN,
    ShardId: shard,
    ...(after === undefined
      ? { ShardIteratorType: "TRIM_HORIZON" }
      : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: after }),
  });
  const records: StreamText[] = [];
  let iterator = ShardIterator;
  while (iterator !== undefined) {
    const page = await kinesis.getRecords({ ShardIterator: iterator, Limit: Math.min(10_000, limit), StreamARN });
    for (const { Data, SequenceNumber = "", PartitionKey = "", ApproximateArrivalTimestamp: at } of page.Records ??
      []) {
      if (end !== undefined && SequenceNumber > end) return { records, isBehind: true };
      const text = Buffer.from(Data ?? []).toString("utf8");
      const arrivedAt = at?.getTime() ?? 0;
      records.push({ shard, sequenceNumber: SequenceNumber, partitionKey: PartitionKey, text, arrivedAt });
      if (SequenceNumber === end) return { records, isBehind: true };
    }
    const isBehind = (page.MillisBehindLatest ?? 0) > 0;
    if (!isBehind) break;
    if (end === undefined && records.length >= limit) return { records, isBehind };
    iterator = page.NextShardIterator;
  }
  return { records, isBehind: false };
}

async function shardsOf(kinesis: Kinesis, StreamARN: string): Promise<readonly string[]> {
  const shards: string[] = [];
  let token: string | undefined;
  do {
    const page = await kinesis.listShards(token === undefined ? { StreamARN } : { NextToken: token });
    shards.push(...(page.Shards ?? []).flatMap(({ ShardId }) => ShardId ?? []));
    token = page.NextToken;
  } while (token !== undefined);
  return shards.sort();
}

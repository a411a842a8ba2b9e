import type {
  GetRecordsInput,
  GetRecordsOutput,
  GetShardIteratorInput,
  ListShardsInput,
  PutRecordInput,
  PutRecordOutput,
  PutRecordsInput,
  PutRecordsOutput,
  StreamReference,
} from "./kinesis-api.ts";
import { readIterator, writeIterator } from "./kinesis-iterators.ts";
import type { Shard, StreamRecord } from "./kinesis-shard.ts";
import { sizeOf } from "./kinesis-shard.ts";
import { invalid, Stream, type StreamEntry } from "./kinesis-stream.ts";
import { Properties } from "./properties.ts";
import { type Operation, type Service, ServiceError } from "./service.ts";
import type { World } from "./world.ts";

const mostRecordsPut = 500;
const mostBytes = 10 * 1024 * 1024;
const mostRecordsRead = 10_000;

/** Hears of each shard that has got something new. */
export type ShardListener = (shard: Shard) => void;

/**
 * Data streams. It departs from Kinesis in that shards are never split or merged, that only writes are throttled, and that
 * each second is counted by itself.
 */
export class KinesisService implements Service {
  readonly operations: Readonly<Record<string, Operation>> = {
    putRecord: this.#operation("PutRecord", (input: PutRecordInput) => this.putRecord(input)),
    putRecords: this.#operation("PutRecords", (input: PutRecordsInput) => this.putRecords(input)),
    getShardIterator: this.#operation("GetShardIterator", (input: GetShardIteratorInput) =>
      this.getShardIterator(input),
    ),
    getRecords: {
      permissions: ({ ShardIterator }: GetRecordsInput) => [
        { action: "kinesis:GetRecords", resource: this.#find({ StreamName: readIterator(ShardIterator).stream }).arn },
      ],
      run: (input: GetRecordsInput) => this.getRecords(input),
    },
    listShards: this.#operation("ListShards", (input: ListShardsInput) => this.listShards(input)),
    describeStreamSummary: this.#operation("DescribeStreamSummary", (input: StreamReference) =>
      this.describeStreamSummary(input),
    ),
  };
  readonly #world: Pick<World, "graph" | "clock">;
  readonly #streams: ReadonlyMap<string, Stream>;
  readonly #listeners = new Map<string, ShardListener[]>();

  constructor(world: Pick<World, "graph" | "clock">) {
    this.#world = world;
    const declared = world.graph.resources.filter(({ type }) => type === "aws:kinesis/stream:Stream");
    this.#streams = new Map(
      declared.map((resource) => Stream.read(Properties.of(resource))).map((stream) => [stream.name, stream]),
    );
  }

  putRecord(input: PutRecordInput): PutRecordOutput {
    const stream = this.#find(input);
    stream.check(input, "");
    const placed = stream.put(input, this.#world.clock.now());
    if (!("sequenceNumber" in placed)) {
      throw new ServiceError("ProvisionedThroughputExceededException", this.#rateExceeded(placed, stream));
    }
    this.#tell(stream, placed.shard);
    return {
      ShardId: placed.shard.id,
      SequenceNumber: placed.sequenceNumber,
      EncryptionType: stream.encryptionType,
    };
  }

  /** Each record is taken or refused by itself; later ones may be taken where earlier ones were refused. */
  putRecords(input: PutRecordsInput): PutRecordsOutput {
    const stream = this.#find(input);
    checkEntries(input.Records);
    for (const [index, entry] of input.Records.entries()) stream.check(entry, `records.${index + 1}.`);
    const now = this.#world.clock.now();
    const touched = new Set<Shard>();
    const Records = input.Records.map((entry) => {
      const placed = stream.put(entry, now);
      if (!("sequenceNumber" in placed)) {
        return {
          ErrorCode: "ProvisionedThroughputExceededException",
          ErrorMessage: this.#rateExceeded(placed, stream),
        };
      }
      touched.add(placed.shard);
      return { ShardId: placed.shard.id, SequenceNumber: placed.sequenceNumber };
    });
    for (const shard of touched) this.#tell(stream, shard);
    return {
      FailedRecordCount: Records.filter((record) => "ErrorCode" in record).length,
      EncryptionType: stream.encryptionType,
      Records,
    };
  }

  getShardIterator(input: GetShardIteratorInput): { ShardIterator: string } {
    const stream = this.#find(input);
    const shard = stream.shard(input.ShardId);
    const now = this.#world.clock.now();
    const position = positionFor(shard, input, now);
    return { ShardIterator: writeIterator({ stream: stream.name, shard: shard.id, position, issuedAt: now }) };
  }

  getRecords({ ShardIterator, Limit = mostRecordsRead }: GetRecordsInput): GetRecordsOutput {
    const now = this.#world.clock.now();
    const { stream: name, shard: id, position } = readIterator(ShardIterator, now);
    if (!Number.isInteger(Limit) || Limit < 1 || Limit > mostRecordsRead) {
      throw invalid("limit", `from 1 to ${mostRecordsRead}`, Limit);
    }
    const stream = this.#find({ StreamName: name });
    const shard = stream.shard(id);
    const from = Math.max(position, shard.horizon(now));
    const read = shard.read(from, now, Limit, mostBytes);
    const next = { stream: name, shard: id, position: from + read.length, issuedAt: now };
    return {
      Records: read.map(({ sequenceNumber, arrivedAt, data, partitionKey }) => ({
        SequenceNumber: sequenceNumber,
        ApproximateArrivalTimestamp: new Date(arrivedAt),
        Data: data,
        PartitionKey: partitionKey,
        EncryptionType: stream.encryptionType,
      })),
      NextShardIterator: writeIterator(next),
      MillisBehindLatest: shard.behind(next.position, now),
    };
  }

  listShards(input: ListShardsInput): object {
    const { NextToken, MaxResults = 1000 } = input;
    if (NextToken !== undefined && (input.StreamName ?? input.StreamARN) !== undefined) {
      throw invalid("nextToken", "given without a stream", NextToken);
    }
    const stream = this.#find(named(input));
    const start = Number(NextToken?.split("#")[1] ?? 0);
    const page = stream.shards.slice(start, start + MaxResults);
    const next = start + page.length;
    return {
      Shards: page.map(({ id, range }) => ({
        ShardId: id,
        HashKeyRange: { StartingHashKey: String(range.from), EndingHashKey: String(range.to) },
        SequenceNumberRange: { StartingSequenceNumber: "0".repeat(56) },
      })),
      ...(next < stream.shards.length && { NextToken: `${stream.name}#${next}` }),
    };
  }

  describeStreamSummary(input: StreamReference): object {
    const stream = this.#find(input);
    return {
      StreamDescriptionSummary: {
        StreamName: stream.name,
        StreamARN: stream.arn,
        StreamModeDetails: { StreamMode: stream.isOnDemand ? "ON_DEMAND" : "PROVISIONED" },
        StreamStatus: "ACTIVE",
        RetentionPeriodHours: stream.retentionMs / 3_600_000,
        EncryptionType: stream.encryptionType,
        ...(stream.keyId !== undefined && { KeyId: stream.keyId }),
        OpenShardCount: stream.shards.length,
        ConsumerCount: 0,
      },
    };
  }

  /** The shards of a stream, for who reads it inside of the cloud. */
  shardsOf(stream: string): readonly Shard[] {
    return this.#find({ StreamARN: stream }).shards;
  }

  onRecords(stream: string, listener: ShardListener): void {
    const { name } = this.#find({ StreamARN: stream });
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  /** Streams by name, with all that is in them. */
  contents(): Readonly<Record<string, readonly StreamRecord[]>> {
    const now = this.#world.clock.now();
    const all = (stream: Stream): readonly StreamRecord[] =>
      stream.shards.flatMap((shard) => shard.read(0, now, Infinity, Infinity));
    return Object.fromEntries([...this.#streams].map(([name, stream]) => [name, all(stream)]));
  }

  #tell(stream: Stream, shard: Shard): void {
    for (const listener of this.#listeners.get(stream.name) ?? []) listener(shard);
  }

  #rateExceeded(shard: Shard, stream: Stream): string {
    return `Rate exceeded for shard ${shard.id} in stream ${stream.name} under account ${this.#world.graph.accountId}.`;
  }

  #operation(action: string, run: Operation["run"]): Operation {
    return {
      permissions: (input: StreamReference & { readonly NextToken?: string }) => [
        { action: `kinesis:${action}`, resource: this.#find(named(input)).arn },
      ],
      run,
    };
  }

  #find({ StreamName, StreamARN }: StreamReference): Stream {
    const name = StreamName ?? StreamARN?.slice(StreamARN.lastIndexOf("/") + 1) ?? "";
    const stream = this.#streams.get(name);
    if (
      stream !== undefined &&
      (StreamARN === undefined || !StreamARN.startsWith("arn:") || StreamARN === stream.arn)
    ) {
      return stream;
    }
    throw new ServiceError(
      "ResourceNotFoundException",
      `Stream ${StreamARN ?? name} under account ${this.#world.graph.accountId} not found.`,
    );
  }
}

/** A further page of shards names its stream in its token. */
const named = ({ NextToken, ...reference }: StreamReference & { readonly NextToken?: string }): StreamReference =>
  NextToken === undefined ? reference : { StreamName: NextToken.split("#")[0] ?? "" };

const checkEntries = (entries: readonly StreamEntry[] | undefined): void => {
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > mostRecordsPut) {
    throw invalid("records", `1 to ${mostRecordsPut} records`, Array.isArray(entries) ? entries.length : entries);
  }
  const bytes = (entries as readonly StreamEntry[]).reduce(
    (sum, { Data, PartitionKey }) => sum + sizeOf({ data: Data, partitionKey: PartitionKey }),
    0,
  );
  if (bytes > mostBytes) throw invalid("records", `at most ${mostBytes} bytes with their keys`, `${bytes} bytes`);
};

const positionFor = (shard: Shard, input: GetShardIteratorInput, now: number): number => {
  const { ShardIteratorType: type, StartingSequenceNumber: sequence, Timestamp } = input;
  switch (type) {
    case "TRIM_HORIZON":
      return shard.horizon(now);
    case "LATEST":
      return shard.end;
    case "AT_TIMESTAMP":
      if (Timestamp === undefined) throw invalid("timestamp", "given", Timestamp);
      return shard.positionAt(new Date(Timestamp).getTime());
    case "AT_SEQUENCE_NUMBER":
    case "AFTER_SEQUENCE_NUMBER": {
      if (sequence === undefined || !/^\d{56}$/.test(sequence)) {
        throw invalid("startingSequenceNumber", "the number of a record", sequence);
      }
      const position = shard.positionOf(sequence);
      const isThere = shard.read(position, now, 1, Infinity)[0]?.sequenceNumber === sequence;
      return type === "AFTER_SEQUENCE_NUMBER" && isThere ? position + 1 : position;
    }
    default:
      throw invalid("shardIteratorType", "one of the API's", type);
  }
};

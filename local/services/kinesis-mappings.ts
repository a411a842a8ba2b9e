import type { MappingServices } from "./event-source-mappings.ts";
import { type BatchFailure, reportDiscarded } from "./kinesis-discards.ts";
import type { Shard, StreamRecord } from "./kinesis-shard.ts";
import { handBatch, type MappedFunction, readReportsItems } from "./mapped-functions.ts";
import type { Properties } from "./properties.ts";
import { ServiceError } from "./service.ts";
import type { World } from "./world.ts";

/** A mapping of a stream, as far as it decides what happens here. Times are milliseconds. */
export interface StreamMapping extends MappedFunction {
  readonly streamArn: string;
  readonly role: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly isBisecting: boolean;
  /** Retries of a batch; infinite: until it has expired. */
  readonly retries: number;
  readonly maxAgeMs: number;
  /** Hears of batches that were given up. */
  readonly onFailure?: string;
}

/** What Lambda does with a stream as the function's role. */
const actions = ["GetRecords", "GetShardIterator", "DescribeStream", "ListShards"];

/** An event of records in base64 has to fit into a call of a function. */
const largestBatch = 4 * 1024 * 1024;
const firstRetryMs = 1000;
const longestRetryMs = 60_000;

export const readStreamMapping = (
  properties: Properties,
  { authoriser, keys }: Pick<World, "authoriser" | "keys">,
  { lambda, kinesis }: MappingServices,
): StreamMapping => {
  const streamArn = properties.string("eventSourceArn");
  const functionName = properties.string("functionName");
  const { role } = lambda.settingsOf(functionName);
  kinesis.shardsOf(streamArn);
  const read = { action: "kinesis:GetRecords", resource: streamArn };
  const own = actions.map((name) => ({ action: `kinesis:${name}`, resource: streamArn }));
  for (const permission of [...own, ...keys.neededFor("kinesis", "getRecords", read)]) {
    const decision = authoriser.decide(role, permission);
    if (decision.allowed) continue;
    throw new ServiceError(
      "InvalidParameterValueException",
      `${authoriser.userArn(role)} cannot access stream ${streamArn}: it is not authorized to perform: ` +
        `${permission.action} on resource: ${permission.resource} ${decision.reason}`,
    );
  }
  const positions = ["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"];
  if (!positions.includes(properties.optionalString("startingPosition") ?? "")) {
    throw properties.error("startingPosition", `one of ${positions.join(", ")}`);
  }
  const onFailure = properties.child("destinationConfig")?.child("onFailure")?.optionalString("destinationArn");
  return {
    streamArn,
    functionName,
    role,
    batchSize: properties.wholeNumber("batchSize", 100, 1, 10_000),
    windowMs: properties.wholeNumber("maximumBatchingWindowInSeconds", 0, 0, 300) * 1000,
    isBisecting: properties.optionalBoolean("bisectBatchOnFunctionError") ?? false,
    reportsItems: readReportsItems(properties),
    retries: unlessNone(properties.wholeNumber("maximumRetryAttempts", -1, -1, 10_000)),
    maxAgeMs: unlessNone(properties.wholeNumber("maximumRecordAgeInSeconds", -1, -1, 604_800)) * 1000,
    ...(onFailure !== undefined && { onFailure }),
  };
};

/** Reads a stream's shards, each by itself and in its order: a batch that fails keeps all behind it waiting. */
export const startStreamMapping = (world: World, services: MappingServices, mapping: StreamMapping): void => {
  const readers = new Map(
    services.kinesis.shardsOf(mapping.streamArn).map((shard) => {
      // What is in a stream when the mapping is made is never read here: a cloud begins with empty streams.
      return [shard, new ShardReader(world, services, mapping, shard)];
    }),
  );
  services.kinesis.onRecords(mapping.streamArn, (shard) => readers.get(shard)?.wake());
};

class ShardReader {
  readonly #world: World;
  readonly #services: MappingServices;
  readonly #mapping: StreamMapping;
  readonly #shard: Shard;
  #position = 0;
  /** Calls for the batch that comes next. */
  #tries = 0;
  /** How many records the next batch may hold: less than the mapping's where one is being split. */
  #size: number;
  #isBusy = false;

  constructor(world: World, services: MappingServices, mapping: StreamMapping, shard: Shard) {
    this.#world = world;
    this.#services = services;
    this.#mapping = mapping;
    this.#shard = shard;
    this.#size = mapping.batchSize;
  }

  /** There is something new. */
  wake(): void {
    if (!this.#isBusy) this.#next(this.#mapping.windowMs);
  }

  #next(ms: number): void {
    this.#isBusy = true;
    this.#world.later(ms, () => this.#handOver());
  }

  async #handOver(): Promise<void> {
    const now = this.#world.clock.now();
    this.#position = Math.max(this.#position, this.#shard.horizon(now));
    const batch = this.#shard.read(this.#position, now, this.#size, largestBatch);
    const [oldest] = batch;
    if (oldest === undefined) {
      this.#isBusy = false;
      return;
    }
    if (now - oldest.arrivedAt > this.#mapping.maxAgeMs) {
      await this.#discard([oldest], "RecordAgeExceeded");
      return;
    }
    this.#tries += 1;
    const handled = await this.#invoke(batch);
    if (handled > 0) this.#advance(handled);
    if (handled === batch.length) {
      if (this.#shard.end > this.#position) this.#next(this.#isFull() ? 0 : this.#mapping.windowMs);
      else this.#isBusy = false;
      return;
    }
    await this.#retry(batch.slice(handled));
  }

  #isFull(): boolean {
    return this.#shard.end - this.#position >= this.#mapping.batchSize;
  }

  async #retry(rest: readonly StreamRecord[]): Promise<void> {
    if (this.#tries > this.#mapping.retries && (!this.#mapping.isBisecting || rest.length === 1)) {
      await this.#discard(rest, "RetryAttemptsExhausted");
      return;
    }
    if (this.#mapping.isBisecting && rest.length > 1) {
      this.#size = Math.ceil(rest.length / 2);
      this.#tries = 0;
    }
    this.#next(Math.min(longestRetryMs, firstRetryMs * 2 ** Math.max(0, this.#tries - 1)));
  }

  async #discard(batch: readonly StreamRecord[], condition: BatchFailure["condition"]): Promise<void> {
    await reportDiscarded(this.#world, this.#mapping, { shard: this.#shard.id, batch, condition, tries: this.#tries });
    this.#advance(batch.length);
    this.#next(0);
  }

  #advance(count: number): void {
    this.#position += count;
    this.#tries = 0;
    this.#size = this.#mapping.batchSize;
  }

  /** How many records, from the first on, were handled. */
  async #invoke(batch: readonly StreamRecord[]): Promise<number> {
    const Records = batch.map((record) => eventRecord(record, this.#shard.id, this.#mapping, this.#world.graph.region));
    const named = await handBatch(this.#world, this.#services.lambda, this.#mapping, Records);
    return named === undefined ? 0 : firstUnhandled(named, batch);
  }
}

/** The lowest number that the function names is where it goes on; what it names wrongly is the whole batch. */
const firstUnhandled = (named: readonly unknown[], batch: readonly StreamRecord[]): number => {
  const positions = named.map((id) => batch.findIndex(({ sequenceNumber }) => id === sequenceNumber));
  return positions.length === 0 ? batch.length : Math.max(0, Math.min(...positions));
};

const eventRecord = (
  { sequenceNumber, partitionKey, data, arrivedAt }: StreamRecord,
  shard: string,
  { streamArn, role }: StreamMapping,
  awsRegion: string,
): object => ({
  kinesis: {
    kinesisSchemaVersion: "1.0",
    partitionKey,
    sequenceNumber,
    data: Buffer.from(data).toString("base64"),
    approximateArrivalTimestamp: arrivedAt / 1000,
  },
  eventSource: "aws:kinesis",
  eventVersion: "1.0",
  eventID: `${shard}:${sequenceNumber}`,
  eventName: "aws:kinesis:record",
  invokeIdentityArn: role,
  awsRegion,
  eventSourceARN: streamArn,
});

const unlessNone = (value: number): number => (value === -1 ? Infinity : value);

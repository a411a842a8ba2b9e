import { createHash } from "node:crypto";
import { Shard, sizeOf } from "./kinesis-shard.ts";
import type { Properties } from "./properties.ts";
import { ServiceError } from "./service.ts";

const hashKeys = 2n ** 128n;
const bytesPerKib = 1024;
const hourMs = 3_600_000;
/** Shards that a stream on demand begins with; here it keeps them. */
const onDemandShards = 4;

/** What PutRecord is given for one record. */
export interface StreamEntry {
  readonly Data: Uint8Array | string;
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string;
}

export interface Placed {
  readonly shard: Shard;
  readonly sequenceNumber: string;
}

/** A data stream and its shards. */
export class Stream {
  readonly name: string;
  readonly arn: string;
  readonly isOnDemand: boolean;
  readonly retentionMs: number;
  readonly encryptionType: string;
  readonly keyId: string | undefined;
  readonly shards: readonly Shard[];
  readonly #maxRecordBytes: number;
  /** Numbers grow over all shards, as they do on AWS. */
  #count = 0n;

  private constructor(properties: Properties) {
    this.name = properties.string("name");
    this.arn = properties.string("arn");
    this.isOnDemand = properties.child("streamModeDetails")?.optionalString("streamMode") === "ON_DEMAND";
    this.retentionMs = properties.wholeNumber("retentionPeriod", 24, 24, 8760) * hourMs;
    this.encryptionType = properties.optionalString("encryptionType") ?? "NONE";
    this.keyId = properties.optionalString("kmsKeyId");
    this.#maxRecordBytes = properties.wholeNumber("maxRecordSizeInKib", 1024, 1024, 10_240) * bytesPerKib;
    const count = this.isOnDemand ? onDemandShards : properties.wholeNumber("shardCount", 1, 1, 10_000);
    this.shards = Array.from({ length: count }, (_, index) => shardOf(index, count, this.retentionMs));
  }

  static read(properties: Properties): Stream {
    return new Stream(properties);
  }

  shard(id: string): Shard {
    const found = this.shards.find((shard) => shard.id === id);
    if (found !== undefined) return found;
    throw new ServiceError("ResourceNotFoundException", `Shard ${id} in stream ${this.name} does not exist`);
  }

  /** Puts a record where its key's hash says. A shard: it takes no more in this second. */
  put(entry: StreamEntry, now: number): Placed | Shard {
    const data = typeof entry.Data === "string" ? Buffer.from(entry.Data) : entry.Data;
    const shard = this.#shardFor(entry);
    const sequenceNumber = numbered(this.#count, this.shards.indexOf(shard));
    const taken = shard.put({ sequenceNumber, partitionKey: entry.PartitionKey, data, arrivedAt: now });
    if (!taken) return shard;
    this.#count += 1n;
    return { shard, sequenceNumber };
  }

  /** Throws unless a record is one that a stream takes. */
  check({ Data, PartitionKey, ExplicitHashKey }: Partial<StreamEntry>, where: string): void {
    if (typeof Data !== "string" && !(Data instanceof Uint8Array)) throw invalid(`${where}data`, "given", Data);
    if (typeof PartitionKey !== "string" || PartitionKey.length < 1 || PartitionKey.length > 256) {
      throw invalid(`${where}partitionKey`, "a text of 1 to 256 characters", PartitionKey);
    }
    if (ExplicitHashKey !== undefined && !/^(0|[1-9]\d{0,38})$/.test(ExplicitHashKey)) {
      throw invalid(`${where}explicitHashKey`, "a whole number of up to 39 digits", ExplicitHashKey);
    }
    const size = sizeOf({ data: Data, partitionKey: PartitionKey });
    if (size > this.#maxRecordBytes) {
      throw invalid(`${where}data`, `at most ${this.#maxRecordBytes} bytes with its key`, `${size} bytes`);
    }
  }

  #shardFor({ PartitionKey, ExplicitHashKey }: StreamEntry): Shard {
    const hash =
      ExplicitHashKey === undefined
        ? BigInt(`0x${createHash("md5").update(PartitionKey).digest("hex")}`)
        : BigInt(ExplicitHashKey);
    const found = this.shards.find(({ range }) => hash >= range.from && hash <= range.to);
    if (found !== undefined) return found;
    throw invalid("explicitHashKey", `less than ${hashKeys}`, ExplicitHashKey);
  }
}

const shardOf = (index: number, count: number, retentionMs: number): Shard => {
  const from = (hashKeys * BigInt(index)) / BigInt(count);
  const to = (hashKeys * BigInt(index + 1)) / BigInt(count) - 1n;
  return new Shard(`shardId-${String(index).padStart(12, "0")}`, { from, to }, retentionMs);
};

/** 56 digits, so that later ones are greater as text, too. */
const numbered = (count: bigint, shard: number): string =>
  `4966${String(count).padStart(40, "0")}${String(shard).padStart(12, "0")}`;

/** An argument that the API refuses. */
export const invalid = (name: string, allowed: string, got: unknown): ServiceError =>
  new ServiceError("InvalidArgumentException", `${name} must be ${allowed}, got ${shown(got)}`);

const shown = (value: unknown): string => {
  if (value === undefined) return "nothing";
  return typeof value === "string" ? value : JSON.stringify(value);
};

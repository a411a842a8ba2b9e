/** A record in a shard. Times are milliseconds since the epoch. */
export interface StreamRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly arrivedAt: number;
}

/** Keys whose hash lies in this range, both ends included, go to the shard. */
export interface HashRange {
  readonly from: bigint;
  readonly to: bigint;
}

export interface ShardLimits {
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** AWS lets a shard take more for a moment if it takes less on average; here each second counts by itself. */
const limits: ShardLimits = { recordsPerSecond: 1000, bytesPerSecond: 1024 * 1024 };

/** One shard: records in the order in which they came, each at a position that it keeps. */
export class Shard {
  readonly id: string;
  readonly range: HashRange;
  readonly #retentionMs: number;
  #records: StreamRecord[] = [];
  /** Position of the first record that is still there. */
  #first = 0;
  #second = { number: -1, records: 0, bytes: 0 };

  constructor(id: string, range: HashRange, retentionMs: number) {
    this.id = id;
    this.range = range;
    this.#retentionMs = retentionMs;
  }

  /** The position behind the last record. */
  get end(): number {
    return this.#first + this.#records.length;
  }

  /** Takes a record. False: it has had its fill for this second. */
  put(record: StreamRecord): boolean {
    const number = Math.floor(record.arrivedAt / 1000);
    if (this.#second.number !== number) this.#second = { number, records: 0, bytes: 0 };
    const bytes = sizeOf(record);
    const { records: taken, bytes: filled } = this.#second;
    const isFull = taken + 1 > limits.recordsPerSecond || (taken > 0 && filled + bytes > limits.bytesPerSecond);
    if (isFull) return false;
    this.#second = { number, records: taken + 1, bytes: filled + bytes };
    this.#records.push(record);
    return true;
  }

  /** The position of the oldest record that has not expired. */
  horizon(now: number): number {
    const kept = this.#records.findIndex(({ arrivedAt }) => now - arrivedAt < this.#retentionMs);
    const expired = kept === -1 ? this.#records.length : kept;
    if (expired > 0) {
      this.#records.splice(0, expired);
      this.#first += expired;
    }
    return this.#first;
  }

  /** Up to so many records and bytes from a position on, or from the oldest one that is still there. */
  read(position: number, now: number, limit: number, maxBytes: number): readonly StreamRecord[] {
    const from = Math.max(position, this.horizon(now)) - this.#first;
    const read: StreamRecord[] = [];
    let bytes = 0;
    for (const record of this.#records.slice(from, from + limit)) {
      bytes += sizeOf(record);
      if (bytes > maxBytes && read.length > 0) break;
      read.push(record);
    }
    return read;
  }

  /** The position of the first record with this sequence number or a later one. */
  positionOf(sequenceNumber: string): number {
    let [low, high] = [0, this.#records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      // All have as many digits, so their order is that of texts.
      if ((this.#records[middle]?.sequenceNumber ?? "") < sequenceNumber) low = middle + 1;
      else high = middle;
    }
    return this.#first + low;
  }

  /** The position of the first record that came at this time or later. */
  positionAt(time: number): number {
    const found = this.#records.findIndex(({ arrivedAt }) => arrivedAt >= time);
    return found === -1 ? this.end : this.#first + found;
  }

  /** Milliseconds from the first record behind a position to now, one at least; 0 where there is none. */
  behind(position: number, now: number): number {
    const next = this.#records[position - this.#first];
    return next === undefined ? 0 : Math.max(1, now - next.arrivedAt);
  }
}

/** What limits count: the data, which may have come as text, and its key. */
export const sizeOf = ({ data, partitionKey }: Sized): number =>
  (typeof data === "string" ? Buffer.byteLength(data) : data.length) + Buffer.byteLength(partitionKey);

interface Sized {
  readonly data: Uint8Array | string;
  readonly partitionKey: string;
}

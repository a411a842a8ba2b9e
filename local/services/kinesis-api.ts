import type { StreamEntry } from "./kinesis-stream.ts";

/** How a call names its stream. */
export interface StreamReference {
  readonly StreamName?: string;
  readonly StreamARN?: string;
}

export type PutRecordInput = StreamReference & StreamEntry;

export interface PutRecordsInput extends StreamReference {
  readonly Records: readonly StreamEntry[];
}

export interface PutRecordOutput {
  readonly ShardId: string;
  readonly SequenceNumber: string;
  readonly EncryptionType: string;
}

export interface PutRecordsOutput {
  readonly FailedRecordCount: number;
  readonly EncryptionType: string;
  /** As many as were sent, in their order. */
  readonly Records: readonly (
    | { readonly ShardId: string; readonly SequenceNumber: string }
    | { readonly ErrorCode: string; readonly ErrorMessage: string }
  )[];
}

export interface GetShardIteratorInput extends StreamReference {
  readonly ShardId: string;
  readonly ShardIteratorType:
    "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER" | "AT_TIMESTAMP" | "TRIM_HORIZON" | "LATEST";
  readonly StartingSequenceNumber?: string;
  readonly Timestamp?: Date;
}

export interface GetRecordsInput {
  readonly ShardIterator: string;
  /** From 1 to 10,000. */
  readonly Limit?: number;
  readonly StreamARN?: string;
}

export interface GetRecordsOutput {
  readonly Records: readonly {
    readonly SequenceNumber: string;
    readonly ApproximateArrivalTimestamp: Date;
    readonly Data: Uint8Array;
    readonly PartitionKey: string;
    readonly EncryptionType: string;
  }[];
  readonly NextShardIterator: string;
  /** How old the oldest record is that is still unread; 0 where there is none. */
  readonly MillisBehindLatest: number;
}

export interface ListShardsInput extends StreamReference {
  readonly NextToken?: string;
  readonly MaxResults?: number;
}

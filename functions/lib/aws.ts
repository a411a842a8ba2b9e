/**
 * The slices of AWS that the functions use, with the SDK's own inputs and outputs.
 *
 * In Lambda these are SDK clients (`functions/clients`); in the embedded cloud they are the services of `local/`,
 * called as the function's role. An error is told by its `name`, as the SDK's exceptions are.
 */
import type {
  DeleteItemCommandInput,
  DeleteItemCommandOutput,
  GetItemCommandInput,
  GetItemCommandOutput,
  PutItemCommandInput,
  PutItemCommandOutput,
  QueryCommandInput,
  QueryCommandOutput,
  TransactWriteItemsCommandInput,
  TransactWriteItemsCommandOutput,
  UpdateItemCommandInput,
  UpdateItemCommandOutput,
} from "@aws-sdk/client-dynamodb";
import type {
  BatchStopJobRunRequest,
  BatchStopJobRunResponse,
  GetJobRunRequest,
  GetJobRunResponse,
  GetJobRunsRequest,
  GetJobRunsResponse,
  StartJobRunRequest,
  StartJobRunResponse,
} from "@aws-sdk/client-glue";
import type {
  GetRecordsCommandOutput,
  GetShardIteratorCommandInput,
  GetShardIteratorCommandOutput,
  ListShardsCommandInput,
  ListShardsCommandOutput,
  PutRecordsCommandInput,
  PutRecordsCommandOutput,
} from "@aws-sdk/client-kinesis";
import type {
  DescribeExecutionCommandInput,
  DescribeExecutionCommandOutput,
  GetExecutionHistoryCommandInput,
  GetExecutionHistoryCommandOutput,
  SendTaskSuccessCommandInput,
  StartExecutionCommandInput,
  StartExecutionCommandOutput,
} from "@aws-sdk/client-sfn";

type Answer<Output> = Omit<Output, "$metadata">;

export interface StepFunctions {
  startExecution(input: StartExecutionCommandInput): Promise<Answer<StartExecutionCommandOutput>>;
}

/** What can be told of tasks that wait for their token. */
export interface Tasks {
  sendTaskSuccess(input: SendTaskSuccessCommandInput): Promise<object>;
}

/** What can be read of executions. */
export interface Executions {
  getExecutionHistory(input: GetExecutionHistoryCommandInput): Promise<Answer<GetExecutionHistoryCommandOutput>>;
}

/** How an execution goes, or how it has ended. */
export interface ExecutionStatuses {
  describeExecution(input: DescribeExecutionCommandInput): Promise<Answer<DescribeExecutionCommandOutput>>;
}

/** What can be done with job runs that others have started. */
export interface JobRuns {
  getJobRuns(input: GetJobRunsRequest): Promise<GetJobRunsResponse>;
  batchStopJobRun(input: BatchStopJobRunRequest): Promise<BatchStopJobRunResponse>;
}

/** Glue, as far as one job is run. Nothing is tried twice unseen: a StartJobRun whose answer is lost may have started a run. */
export interface GlueCalls {
  startJobRun(input: StartJobRunRequest): Promise<StartJobRunResponse>;
  getJobRun(input: GetJobRunRequest): Promise<GetJobRunResponse>;
  getJobRuns(input: GetJobRunsRequest): Promise<GetJobRunsResponse>;
  batchStopJobRun(input: BatchStopJobRunRequest): Promise<BatchStopJobRunResponse>;
}

export interface DynamoDb {
  getItem(input: GetItemCommandInput): Promise<Answer<GetItemCommandOutput>>;
  putItem(input: PutItemCommandInput): Promise<Answer<PutItemCommandOutput>>;
  updateItem(input: UpdateItemCommandInput): Promise<Answer<UpdateItemCommandOutput>>;
  deleteItem(input: DeleteItemCommandInput): Promise<Answer<DeleteItemCommandOutput>>;
  query(input: QueryCommandInput): Promise<Answer<QueryCommandOutput>>;
}

/** Writes to several items, all of them or none. */
export interface Transactions {
  transactWriteItems(input: TransactWriteItemsCommandInput): Promise<Answer<TransactWriteItemsCommandOutput>>;
}

export interface ObjectLocation {
  readonly Bucket: string;
  readonly Key: string;
}

/** An object's content, read as it arrives. */
export interface ObjectContent {
  readonly Body: AsyncIterable<Uint8Array>;
  readonly ContentLength: number;
}

export interface S3 {
  getObject(input: ObjectLocation & { readonly VersionId?: string }): Promise<ObjectContent>;
  putObject(
    input: ObjectLocation & {
      readonly Body: Uint8Array;
      readonly ContentType?: string;
      /** `*`: only where there is no such object yet; else PreconditionFailed. */
      readonly IfNoneMatch?: "*";
    },
  ): Promise<object>;
  deleteObject(input: ObjectLocation): Promise<object>;
  /** Up to 5 GB, within S3. */
  copyObject(
    input: ObjectLocation & {
      /** `bucket/key`, URL-encoded, with `?versionId=…` where it is not the current version. */
      readonly CopySource: string;
      /** REPLACE leaves the source's tags behind, which it takes permissions of their own to read. */
      readonly TaggingDirective?: "COPY" | "REPLACE";
    },
  ): Promise<object>;
  listObjectsV2(input: {
    readonly Bucket: string;
    readonly Prefix: string;
    readonly ContinuationToken?: string;
  }): Promise<{
    readonly Contents?:
      | readonly {
          readonly Key?: string | undefined;
          readonly LastModified?: Date | undefined;
          readonly ETag?: string | undefined;
        }[]
      | undefined;
    readonly NextContinuationToken?: string | undefined;
  }>;
}

export interface Lambda {
  /** Calls a function and waits for its answer. `FunctionError` is set when the function threw. */
  invoke(input: { readonly FunctionName: string; readonly Payload: string }): Promise<{
    readonly FunctionError?: string;
    /** JSON: the answer, or `{errorType, errorMessage}`. */
    readonly Payload: string;
  }>;
}

export interface Sqs {
  sendMessage(input: {
    readonly QueueUrl: string;
    readonly MessageBody: string;
    /** From 0 to 900. */
    readonly DelaySeconds?: number;
  }): Promise<object>;
}

/** The default event bus. What it does not take is in the answer: each entry by itself. */
export interface Events {
  putEvents(input: {
    readonly Entries: { readonly Source: string; readonly DetailType: string; readonly Detail: string }[];
  }): Promise<{
    readonly FailedEntryCount?: number | undefined;
    readonly Entries?:
      | readonly {
          readonly ErrorCode?: string | undefined;
          readonly ErrorMessage?: string | undefined;
        }[]
      | undefined;
  }>;
}

/** Attributes of a message, by which subscribers can choose. */
export type MessageAttributes = Readonly<Record<string, { readonly DataType: "String"; readonly StringValue: string }>>;

export interface Sns {
  publish(input: {
    readonly TopicArn: string;
    readonly Subject: string;
    readonly Message: string;
    readonly MessageAttributes: MessageAttributes;
  }): Promise<object>;
}

/** Data streams. A PutRecords that answers may have left out records, each with its reason. */
export interface Kinesis {
  putRecords(input: PutRecordsCommandInput): Promise<Answer<PutRecordsCommandOutput>>;
  listShards(input: ListShardsCommandInput): Promise<Answer<ListShardsCommandOutput>>;
  getShardIterator(input: GetShardIteratorCommandInput): Promise<Answer<GetShardIteratorCommandOutput>>;
  getRecords(input: {
    readonly ShardIterator: string;
    readonly Limit?: number;
    readonly StreamARN?: string;
  }): Promise<Answer<GetRecordsCommandOutput>>;
}

/** What a handler may be given. Each asks for what it needs: `createHandler(deps: Pick<Dependencies, "stepFunctions">)`. */
export interface Dependencies {
  readonly stepFunctions: StepFunctions;
  readonly dynamoDb: DynamoDb;
  readonly transactions: Transactions;
  readonly s3: S3;
  readonly lambda: Lambda;
  readonly executions: Executions;
  readonly tasks: Tasks;
  readonly events: Events;
  readonly executionStatuses: ExecutionStatuses;
  readonly glue: JobRuns;
  readonly glueCalls: GlueCalls;
  readonly sqs: Sqs;
  readonly sns: Sns;
  readonly kinesis: Kinesis;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves so many milliseconds later. */
  readonly sleep: (ms: number) => Promise<void>;
  /** A line for the function's log. */
  readonly log: (entry: Readonly<Record<string, unknown>>) => void;
}

/** What of Lambda's context object the handlers use. */
export interface InvocationContext {
  readonly awsRequestId: string;
  /** Until the function is cut short. */
  readonly getRemainingTimeInMillis?: () => number;
}

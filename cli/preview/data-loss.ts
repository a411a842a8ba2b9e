import type { ResourceChange } from "./changes.ts";

/** What goes with a resource that is deleted or replaced. */
const contents: Readonly<Record<string, string>> = {
  "aws:cloudwatch/logGroup:LogGroup": "its logs",
  "aws:dynamodb/table:Table": "its items",
  "aws:kinesis/stream:Stream": "its records",
  "aws:kms/key:Key": "whatever only it can decrypt",
  "aws:s3/bucket:Bucket": "its objects",
  "aws:s3/bucketV2:BucketV2": "its objects",
  "aws:sfn/stateMachine:StateMachine": "its executions, running ones included, and their history",
  "aws:sns/topic:Topic": "its subscriptions",
  "aws:sqs/queue:Queue": "its messages",
};

/** A resource whose contents would be gone. */
export interface Loss {
  readonly change: ResourceChange;
  readonly what: string;
}

export const lossesIn = (changes: readonly ResourceChange[]): readonly Loss[] =>
  changes.flatMap((change) => {
    const what = contents[change.type];
    const goes = (change.change === "delete" || change.change === "replace") && !change.isRetained;
    return what === undefined || !goes ? [] : [{ change, what }];
  });

import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { literally } from "../policy.ts";
import type { Integration } from "./states.ts";

/** Calls of S3, DynamoDB and SQS, each with the one permission that it needs, on one table, queue or prefix. */

interface Objects {
  readonly bucket: aws.s3.Bucket;
  /** What the keys begin with. @default "" */
  readonly prefix?: string;
}

/** `{Bucket, Key, Body, …}`; the body is text, or JSON that is written as such. */
export const putObject = (sid: string, objects: Objects): Integration =>
  s3(sid, "putObject", ["s3:PutObject"], objects);

/** `{Bucket, Key}` → `{Body, …}`, the body as text, of which an execution has room for 256 KiB. */
export const getObject = (sid: string, objects: Objects): Integration =>
  s3(sid, "getObject", ["s3:GetObject"], objects);

/** `{Bucket, Key}` → `{ContentLength, LastModified, …}`. */
export const headObject = (sid: string, objects: Objects): Integration =>
  s3(sid, "headObject", ["s3:GetObject"], objects);

/** `{Bucket, Key}`. */
export const deleteObject = (sid: string, objects: Objects): Integration =>
  s3(sid, "deleteObject", ["s3:DeleteObject"], objects);

/** `{Bucket, Key, CopySource: "bucket/key"}`, the source's key URL-encoded. */
export const copyObject = (
  sid: string,
  { from, to }: { readonly from: Objects; readonly to: Objects },
): Integration => ({
  resource: "arn:aws:states:::aws-sdk:s3:copyObject",
  permissions: [
    { sid: `${sid}Source`, actions: ["s3:GetObject"], resources: [arnOf(from)] },
    { sid, actions: ["s3:PutObject"], resources: [arnOf(to)] },
  ],
});

const s3 = (sid: string, operation: string, actions: readonly string[], objects: Objects): Integration => ({
  resource: `arn:aws:states:::aws-sdk:s3:${operation}`,
  permissions: [{ sid, actions, resources: [arnOf(objects)] }],
});

const arnOf = ({ bucket, prefix = "" }: Objects): pulumi.Output<string> =>
  pulumi.interpolate`${bucket.arn}/${literally(prefix)}*`;

/** `{TableName, Key, …}` → `{Item}`, whose attributes have their types: `{"S": "text"}`. */
export const getItem = (sid: string, table: aws.dynamodb.Table): Integration =>
  dynamoDb(sid, "dynamodb:getItem", "dynamodb:GetItem", table);

/** `{TableName, Item, …}`. */
export const putItem = (sid: string, table: aws.dynamodb.Table): Integration =>
  dynamoDb(sid, "dynamodb:putItem", "dynamodb:PutItem", table);

/** `{TableName, Key, UpdateExpression, …}`. */
export const updateItem = (sid: string, table: aws.dynamodb.Table): Integration =>
  dynamoDb(sid, "dynamodb:updateItem", "dynamodb:UpdateItem", table);

/** `{TableName, Key, …}`. */
export const deleteItem = (sid: string, table: aws.dynamodb.Table): Integration =>
  dynamoDb(sid, "dynamodb:deleteItem", "dynamodb:DeleteItem", table);

/** `{RequestItems: {table: [{PutRequest: {Item}}]}}`, 25 at the most → `{UnprocessedItems}`, which are to be tried again. */
export const batchWriteItem = (sid: string, table: aws.dynamodb.Table): Integration =>
  dynamoDb(sid, "aws-sdk:dynamodb:batchWriteItem", "dynamodb:BatchWriteItem", table);

/** `{TableName, KeyConditionExpression, Limit, ExclusiveStartKey, …}` → `{Items, LastEvaluatedKey}`; of indexes too. */
export const query = (sid: string, table: aws.dynamodb.Table): Integration => ({
  resource: "arn:aws:states:::aws-sdk:dynamodb:query",
  permissions: [{ sid, actions: ["dynamodb:Query"], resources: [table.arn, pulumi.interpolate`${table.arn}/index/*`] }],
});

/** `{TableName, Limit, ExclusiveStartKey, Segment, TotalSegments, …}` → `{Items, LastEvaluatedKey}`. */
export const scan = (sid: string, table: aws.dynamodb.Table): Integration =>
  dynamoDb(sid, "aws-sdk:dynamodb:scan", "dynamodb:Scan", table);

const dynamoDb = (sid: string, operation: string, action: string, table: aws.dynamodb.Table): Integration => ({
  resource: `arn:aws:states:::${operation}`,
  permissions: [{ sid, actions: [action], resources: [table.arn] }],
});

/** `{QueueUrl, Entries: [{Id, MessageBody}…]}`, ten at the most → `{Successful, Failed}`, each message by itself. */
export const sendMessageBatch = (sid: string, queue: aws.sqs.Queue): Integration => ({
  resource: "arn:aws:states:::aws-sdk:sqs:sendMessageBatch",
  permissions: [{ sid, actions: ["sqs:SendMessage"], resources: [queue.arn] }],
});

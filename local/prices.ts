/** US dollars in us-east-1, but for Glue's prices, which are in `components/prices.ts`; free tiers are not counted. */

/** Functions differ in price by what they run on. */
export type Architecture = "arm64" | "x86_64";

/** For a state transition of a standard machine (U). */
export const TRANSITION = 0.025 / 1000;

/** Express machines pay by execution and by memory held; an execution holds at least 64 MB (P). */
export const EXPRESS_EXECUTION = 1 / 1_000_000;
export const EXPRESS_GB_SECOND = 0.00001667;
export const EXPRESS_GB = 64 / 1024;

/** For a function's call and for each GB-second (P). */
export const LAMBDA_CALL = 0.2 / 1_000_000;
export const LAMBDA_GB_SECOND: Readonly<Record<Architecture, number>> = { arm64: 0.0000133334, x86_64: 0.0000166667 };

/** For an hour of a shard, and on top where it keeps records for longer than a day (P). */
export const SHARD_HOUR = 0.015;
export const LONG_SHARD_HOUR = 0.02;

/** For a PUT and for a GET of S3 Standard (M). */
export const S3_PUT = 0.005 / 1000;
export const S3_GET = 0.0004 / 1000;

/** For a request to a standard queue (M). */
export const SQS_REQUEST = 0.4 / 1_000_000;

/** For a message published to a standard topic; what is delivered to queues and functions is free (M). */
export const SNS_PUBLISH = 0.5 / 1_000_000;

/** For a write and a read of an item of up to 1 and 4 KB, of a table that pays by request (P). */
export const DYNAMODB_WRITE = 0.625 / 1_000_000;
export const DYNAMODB_READ = 0.125 / 1_000_000;

/** For an event that is not one of AWS's own (D). */
export const CUSTOM_EVENT = 1 / 1_000_000;

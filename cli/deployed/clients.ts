import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { AwsSettings } from "./aws-settings.ts";
import type { Deployment } from "./deployment.ts";

/** Clients that go where the stack's provider goes. */
export interface Clients {
  readonly s3: S3Client;
  readonly stepFunctions: SFNClient;
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
  readonly dynamoDb: DynamoDBClient;
}

export function createClients(aws: AwsSettings): Clients {
  // The SDK's notice on Node versions is for those who maintain this, not for those who use it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { region, profile, credentials } = aws;
  const common = {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(credentials === undefined ? {} : { credentials }),
  };
  const at = (service: string): { readonly endpoint?: string } => {
    const endpoint = aws.endpoints[service];
    return endpoint === undefined ? {} : { endpoint };
  };
  return {
    s3: new S3Client({ ...common, ...at("s3"), forcePathStyle: aws.usesPathStyle }),
    stepFunctions: new SFNClient({ ...common, ...at("sfn") }),
    sqs: new SQSClient({ ...common, ...at("sqs") }),
    lambda: new LambdaClient({ ...common, ...at("lambda") }),
    dynamoDb: new DynamoDBClient({ ...common, ...at("dynamodb") }),
  };
}

export function closeClients({ s3, stepFunctions, sqs, lambda, dynamoDb }: Clients): void {
  for (const client of [s3, stepFunctions, sqs, lambda, dynamoDb]) client.destroy();
}

/** Where the stack is, in words. */
export function placeOf({ endpoints, region }: AwsSettings): string {
  const endpoint = endpoints.s3 ?? endpoints.sfn;
  return endpoint ?? `AWS${region === undefined ? "" : ` ${region}`}`;
}

/** The stack is not at AWS itself. */
export const isEmulated = ({ endpoints }: AwsSettings): boolean => Object.keys(endpoints).length > 0;

/** The cloud did not do what was asked; the message says what to do. */
export class CloudError extends Error {
  override readonly name = "CloudError";
}

const UNREACHABLE = new Set(["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"]);

export const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && "code" in error && UNREACHABLE.has(String(error.code));

/** What Step Functions and SQS, Lambda and DynamoDB call it. */
const THROTTLED = new Set([
  "ThrottlingException",
  "RequestThrottled",
  "TooManyRequestsException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
]);

/** Another try may do better. */
export const isPassing = (error: unknown): boolean =>
  isUnreachable(error) || (error instanceof Error && (THROTTLED.has(error.name) || isServersFault(error)));

const isServersFault = (error: Error): boolean => "$fault" in error && error.$fault === "server";

const GONE = new Set([
  "NoSuchBucket",
  "StateMachineDoesNotExist",
  "ExecutionDoesNotExist",
  "QueueDoesNotExist",
  "AWS.SimpleQueueService.NonExistentQueue",
  // Of functions and of tables.
  "ResourceNotFoundException",
]);

/** Puts an error of a call in words for a person; one that is not of a call stays as it is. */
export function explainCall(error: unknown, { stack, aws }: Deployment): unknown {
  if (!(error instanceof Error)) return error;
  if (isUnreachable(error)) {
    const start = isEmulated(aws) ? `; "npm run emulator" starts one, "pulumi up -s ${stack}" deploys to it` : "";
    return new CloudError(`nothing answers at ${placeOf(aws)}, where stack ${stack} is deployed${start}`);
  }
  if (GONE.has(error.name)) {
    const lost = isEmulated(aws) ? " (an emulator that was restarted has forgotten it)" : "";
    return new CloudError(
      `what stack ${stack} deployed is gone at ${placeOf(aws)}${lost}: "pulumi refresh -s ${stack}", then "pulumi up -s ${stack}"`,
    );
  }
  if (error.name === "CredentialsProviderError") {
    return new CloudError(
      `there are no credentials for stack ${stack}: set AWS_PROFILE, or aws:profile in the stack's config (${error.message})`,
    );
  }
  return "$metadata" in error ? new CloudError(`${error.name}: ${error.message}`) : error;
}

import type { Api, Principal } from "../../services/service.ts";
import { ServiceError } from "../../services/service.ts";
import { StatesError } from "../machine.ts";

/** How a service is called, and how Step Functions names its errors. */
export interface ServiceNames {
  /** The service's name in the embedded cloud. */
  readonly service: string;
  readonly prefix: string;
  /** For errors that the service's API does not declare, such as a denied call. */
  readonly unmodelled: string;
  /** Errors that the API does declare although they are general. */
  readonly modelled?: readonly string[];
  /** For messages: what the service calls itself. */
  readonly title: string;
}

/** By the name in `arn:aws:states:::aws-sdk:NAME:operation`. */
export const SDK_SERVICES: Readonly<Record<string, ServiceNames | undefined>> = {
  dynamodb: { service: "dynamodb", prefix: "DynamoDb", unmodelled: "DynamoDb.DynamoDbException", title: "DynamoDb" },
  glue: {
    service: "glue",
    prefix: "Glue",
    unmodelled: "Glue.GlueException",
    modelled: ["AccessDeniedException"],
    title: "Glue",
  },
  kinesis: { service: "kinesis", prefix: "Kinesis", unmodelled: "Kinesis.KinesisException", title: "Kinesis" },
  eventbridge: {
    service: "events",
    prefix: "EventBridge",
    unmodelled: "EventBridge.EventBridgeException",
    title: "EventBridge",
  },
  lambda: { service: "lambda", prefix: "Lambda", unmodelled: "Lambda.LambdaException", title: "Lambda" },
  s3: { service: "s3", prefix: "S3", unmodelled: "S3.S3Exception", title: "S3" },
  sfn: { service: "states", prefix: "Sfn", unmodelled: "Sfn.SfnException", title: "Sfn" },
  sns: { service: "sns", prefix: "Sns", unmodelled: "Sns.SnsException", title: "Sns" },
  sqs: { service: "sqs", prefix: "Sqs", unmodelled: "Sqs.SqsException", title: "Sqs" },
};

/** By the name in `arn:aws:states:::NAME:operation`. */
export const OPTIMIZED_SERVICES = {
  dynamodb: {
    service: "dynamodb",
    prefix: "DynamoDB",
    unmodelled: "DynamoDB.AmazonDynamoDBException",
    title: "AmazonDynamoDBv2",
  },
  events: {
    service: "events",
    prefix: "EventBridge",
    unmodelled: "EventBridge.AmazonEventBridgeException",
    title: "AmazonEventBridge",
  },
  glue: { service: "glue", prefix: "Glue", unmodelled: "Glue.AWSGlueException", title: "AWSGlue" },
  lambda: { service: "lambda", prefix: "Lambda", unmodelled: "Lambda.AWSLambdaException", title: "AWSLambda" },
  sns: { service: "sns", prefix: "SNS", unmodelled: "SNS.AmazonSNSException", title: "AmazonSNS" },
  sqs: { service: "sqs", prefix: "SQS", unmodelled: "SQS.AmazonSQSException", title: "AmazonSQS" },
  states: {
    service: "states",
    prefix: "StepFunctions",
    unmodelled: "StepFunctions.AWSStepFunctionsException",
    title: "AWSStepFunctions",
  },
} as const satisfies Record<string, ServiceNames>;

/** Errors that every API has and none declares. */
const GENERAL = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "ThrottlingException",
  "Throttling",
  "ValidationException",
]);

/** Calls an API operation as the machine's role; its errors get the names that Retry and Catch know. */
export async function callService(
  api: Api,
  role: Principal,
  names: ServiceNames,
  operation: string,
  input: unknown,
): Promise<unknown> {
  try {
    return await api.call(role, names.service, operation, input);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const code = error.name;
    const isUnmodelled = GENERAL.has(code) && names.modelled?.includes(code) !== true;
    const name = isUnmodelled ? names.unmodelled : `${names.prefix}.${code.replace(/(Exception)?$/, "Exception")}`;
    throw new StatesError(name, `${error.message} (Service: ${names.title}, Error Code: ${code})`);
  }
}

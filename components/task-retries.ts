import type { Retrier } from "./state-machine/states.ts";

/** A call that was turned away, or that Glue says has not worked: nothing was done. */
const refusals = [
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
  "Glue.ThrottlingException",
  // What Glue's API does not declare comes under one of these, throttling ("Rate exceeded") included.
  "Glue.GlueException",
  "Glue.AWSGlueException",
  "Glue.InternalServiceException",
  "Glue.OperationTimeoutException",
  "Glue.SdkClientException",
] as const;

/** A function that was called and did not answer: what it had begun may go on. */
const silences = ["Lambda.ClientExecutionTimeoutException", "Lambda.Unknown", "Sandbox.Timedout"] as const;

const passing = {
  intervalSeconds: 1,
  maxAttempts: 6,
  backoffRate: 2,
  maxDelaySeconds: 60,
  jitter: "FULL",
} as const;

/** Lambda's, Glue's and the network's passing troubles. */
export const transient = { errors: [...refusals, ...silences], ...passing } as const satisfies Retrier;

/** The same for a task that waits for a run's end: one that fell silent has started its run, and another would be a second. */
export const transientBeforeRun = { errors: refusals, ...passing } as const satisfies Retrier;

/** Passing troubles of the services that tasks call, and of the way there. */
export const transientOfServices = {
  errors: [
    ...["Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.TooManyRequestsException"],
    ...["DynamoDB.ProvisionedThroughputExceededException", "DynamoDB.ThrottlingException"],
    ...["DynamoDB.RequestLimitExceeded", "DynamoDB.InternalServerError"],
    ...["DynamoDb.ProvisionedThroughputExceededException", "DynamoDb.ThrottlingException", "SQS.RequestThrottled"],
    ...["Sqs.RequestThrottledException", "ECS.ServerException", "ECS.ThrottlingException"],
    ...["Lambda", "DynamoDB", "DynamoDb", "S3", "SQS", "Sqs", "SNS", "Sns", "ECS", "EventBridge", "StepFunctions"].map(
      (service) => `${service}.SdkClientException`,
    ),
    ...silences,
  ],
  intervalSeconds: 1,
  maxAttempts: 5,
  backoffRate: 2,
  maxDelaySeconds: 60,
  jitter: "FULL",
} as const satisfies Retrier;

/** All places for runs are taken. On average three hours of patience. */
export const busy = {
  errors: ["Glue.ConcurrentRunsExceededException", "Glue.ResourceNumberLimitExceededException"],
  intervalSeconds: 10,
  maxAttempts: 75,
  backoffRate: 1.5,
  maxDelaySeconds: 300,
  jitter: "FULL",
} as const satisfies Retrier;

/** The same, for so many seconds at the most. */
export const busyFor = (seconds: number): Retrier => {
  const attempts = Array.from({ length: busy.maxAttempts }, (_, retry) => retry + 1);
  const maxAttempts =
    attempts.findLast((count) => longestPatienceSeconds({ ...busy, maxAttempts: count }) <= seconds) ?? 0;
  return { ...busy, maxAttempts };
};

/** What is not tried again, though a later Retry's name stands for it, too. */
export const never = (errors: readonly string[]): Retrier => ({ errors, maxAttempts: 0 });

/** For calls whose every error is worth another try. */
export const anyError: Retrier = {
  errors: ["States.ALL"],
  intervalSeconds: 1,
  maxAttempts: 4,
  backoffRate: 2,
  jitter: "FULL",
};

/**
 * What none of the names above covers: emulators have names of their own for what a function throws. Not for a task that
 * waits for a run's end: it stands for every error, a failed run included.
 */
export const anyTaskFailure = {
  errors: ["States.TaskFailed"],
  intervalSeconds: 2,
  maxAttempts: 2,
  backoffRate: 2,
  jitter: "FULL",
} as const satisfies Retrier;

/** The longest that a task is tried again, in seconds: its tries themselves take no time here. */
export const longestPatienceSeconds = ({
  intervalSeconds = 1,
  maxAttempts = 3,
  backoffRate = 2,
  maxDelaySeconds = Infinity,
}: Retrier): number =>
  Array.from({ length: maxAttempts }, (_, retry) => Math.min(maxDelaySeconds, intervalSeconds * backoffRate ** retry))
    // Whole seconds are all that a machine's time-out can say.
    .reduce((sum, delay) => sum + Math.ceil(delay), 0);

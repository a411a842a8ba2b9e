import type { Retrier } from "./state-machine/states.ts";

/** Lambda's, Glue's and the network's passing troubles. */
export const transient = {
  errors: [
    "Lambda.ServiceException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Glue.ThrottlingException",
    // What Glue's API does not declare comes under one of these, throttling ("Rate exceeded") included.
    "Glue.GlueException",
    "Glue.AWSGlueException",
    "Glue.InternalServiceException",
    "Glue.OperationTimeoutException",
    "Glue.SdkClientException",
  ],
  intervalSeconds: 1,
  maxAttempts: 6,
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

/** For calls whose every error is worth another try. */
export const anyError: Retrier = {
  errors: ["States.ALL"],
  intervalSeconds: 1,
  maxAttempts: 4,
  backoffRate: 2,
  jitter: "FULL",
};

/** What none of the names above covers: emulators have names of their own for what a function throws. */
export const anyTaskFailure = {
  errors: ["States.TaskFailed"],
  intervalSeconds: 2,
  maxAttempts: 2,
  backoffRate: 2,
  jitter: "FULL",
} as const satisfies Retrier;

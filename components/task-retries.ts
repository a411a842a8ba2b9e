import type { Retrier } from "./state-machine/states.ts";

/** Lambda's, Glue's and the network's passing troubles. */
export const transient: Retrier = {
  errors: [
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Glue.ThrottlingException",
    // Throttling of Glue's API comes under this name too, with "Rate exceeded" as its cause.
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
};

/** All places for runs are taken. On average three hours of patience. */
export const busy: Retrier = {
  errors: ["Glue.ConcurrentRunsExceededException", "Glue.ResourceNumberLimitExceededException"],
  intervalSeconds: 10,
  maxAttempts: 75,
  backoffRate: 1.5,
  maxDelaySeconds: 300,
  jitter: "FULL",
};

/** For calls whose every error is worth another try. */
export const anyError: Retrier = {
  errors: ["States.ALL"],
  intervalSeconds: 1,
  maxAttempts: 4,
  backoffRate: 2,
  jitter: "FULL",
};

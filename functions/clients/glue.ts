import {
  BatchStopJobRunCommand,
  GetJobRunCommand,
  GetJobRunsCommand,
  GlueClient,
  StartJobRunCommand,
} from "@aws-sdk/client-glue";
import { once } from "../lib/environment.ts";
import type { GlueCalls, JobRuns } from "../lib/aws.ts";

/** Glue's job runs by way of the SDK. Glue throttles soon when many executions end at once, so it is asked patiently. */
export function createGlueJobRuns(makeClient = (): GlueClient => new GlueClient({ maxAttempts: 8 })): JobRuns {
  const client = once(makeClient);
  return {
    getJobRuns: (input) => client().send(new GetJobRunsCommand(input)),
    batchStopJobRun: (input) => client().send(new BatchStopJobRunCommand(input)),
  };
}

/** Glue by way of the SDK, which is kept from trying again: who calls knows better whether that starts a second run. */
export function createGlueCalls(makeClient = (): GlueClient => new GlueClient({ maxAttempts: 1 })): GlueCalls {
  const client = once(makeClient);
  return {
    startJobRun: (input) => client().send(new StartJobRunCommand(input)),
    getJobRun: (input) => client().send(new GetJobRunCommand(input)),
    getJobRuns: (input) => client().send(new GetJobRunsCommand(input)),
    batchStopJobRun: (input) => client().send(new BatchStopJobRunCommand(input)),
  };
}

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

/**
 * Glue by way of the SDK, which is kept from starting again: who calls knows better whether that starts a second run. All
 * else may be asked twice, and is asked patiently: a search through pages of runs would have to begin anew.
 */
export function createGlueCalls(
  makeClient = (maxAttempts: number): GlueClient => new GlueClient({ maxAttempts }),
): GlueCalls {
  const starting = once(() => makeClient(1));
  const patient = once(() => makeClient(5));
  return {
    startJobRun: (input) => starting().send(new StartJobRunCommand(input)),
    getJobRun: (input) => patient().send(new GetJobRunCommand(input)),
    getJobRuns: (input) => patient().send(new GetJobRunsCommand(input)),
    batchStopJobRun: (input) => patient().send(new BatchStopJobRunCommand(input)),
  };
}

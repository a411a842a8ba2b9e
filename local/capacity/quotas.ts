import type { Quotas } from "./workload.ts";

/** Regions whose Step Functions quotas are the larger ones (D). */
const largeRegions: readonly string[] = ["us-east-1", "us-west-2", "eu-west-1"];

/**
 * What an account has unless AWS raised it. Step Functions (D), Glue's runs (P). AWS publishes no rates for StartJobRun and
 * GetJobRun; twenty-odd starts at once have been seen throttled (P), and the rates here are assumed from that.
 */
export const defaultQuotas = (region: string): Quotas => ({
  ...(largeRegions.includes(region)
    ? { startExecutionBucket: 1300, startExecutionPerSecond: 300, transitionBucket: 5000, transitionsPerSecond: 1500 }
    : { startExecutionBucket: 800, startExecutionPerSecond: 150, transitionBucket: 800, transitionsPerSecond: 500 }),
  lambdaConcurrency: 1000,
  glueRunsPerAccount: 2000,
  glueRunsPerJob: 4000,
  startJobRunPerSecond: 20,
  getJobRunPerSecond: 200,
});

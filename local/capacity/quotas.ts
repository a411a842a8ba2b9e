import type { ResourceGraph } from "../resource-graph.ts";
import type { Quotas } from "./workload.ts";

/** Regions whose Step Functions quotas are the larger ones (D). */
const largeRegions: readonly string[] = ["us-east-1", "us-west-2", "eu-west-1"];

/** Express machines have a StartExecution bucket of their own, the same everywhere; their transitions have none (D). */
const ofExpress = { startExecutionBucket: 6000, startExecutionPerSecond: 6000 } as const;

/**
 * What an account has for a program unless AWS raised it. Step Functions (D), Glue's runs (P). AWS publishes no rates for
 * StartJobRun and GetJobRun; twenty-odd starts at once have been seen throttled (P), and the rates here are assumed from
 * that.
 */
export const defaultQuotas = ({ region, resources }: Pick<ResourceGraph, "region" | "resources">): Quotas => ({
  ...(largeRegions.includes(region)
    ? { startExecutionBucket: 1300, startExecutionPerSecond: 300, transitionBucket: 5000, transitionsPerSecond: 1500 }
    : { startExecutionBucket: 800, startExecutionPerSecond: 150, transitionBucket: 800, transitionsPerSecond: 500 }),
  ...(resources.some(isExpress) && ofExpress),
  lambdaConcurrency: 1000,
  glueRunsPerAccount: 2000,
  glueRunsPerJob: 4000,
  startJobRunPerSecond: 20,
  getJobRunPerSecond: 200,
});

const isExpress = ({ type, properties }: ResourceGraph["resources"][number]): boolean =>
  type === "aws:sfn/stateMachine:StateMachine" && properties.type === "EXPRESS";

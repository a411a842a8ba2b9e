import type { JobRun } from "@aws-sdk/client-glue";
import { priceOfRun, rateOf, type PricedSize } from "../components/prices.ts";
import {
  type Architecture,
  EXPRESS_EXECUTION,
  EXPRESS_GB,
  EXPRESS_GB_SECOND,
  LAMBDA_CALL,
  LAMBDA_GB_SECOND,
  LONG_SHARD_HOUR,
  SHARD_HOUR,
  TRANSITION,
} from "./prices.ts";

/** What happened, as far as AWS would charge for it. */
export interface Usage {
  /** Finished or not; what a run has used so far counts. */
  readonly jobRuns: readonly JobRun[];
  /** State transitions of standard executions, retries included. */
  readonly transitions: number;
  /** Executions of express state machines. */
  readonly expressExecutions?: readonly { readonly durationMs: number }[];
  /** Kinesis streams with shards of their own, as long as they were there. */
  readonly streams?: readonly Stream[];
  /** Functions that real mode has too. */
  readonly invocations: readonly { readonly memoryMb: number; readonly architecture: Architecture }[];
}

export interface Stream {
  readonly shards: number;
  /** What it keeps records for. */
  readonly retentionHours: number;
  readonly durationMs: number;
}

/** US dollars for us-east-1. */
export interface Cost {
  readonly currency: "USD";
  readonly total: number;
  readonly glue: number;
  readonly stepFunctions: number;
  readonly lambda: number;
  /** Where there are streams. */
  readonly kinesis?: number;
  /** What the figures rest on, in words. */
  readonly assumptions: readonly string[];
}

/** A virtual clock says nothing of computing time, so a call is taken to bill this much: a generous warm dispatch. */
export const ASSUMED_BILLED_MS = 100;

/** What a run would have cost on AWS. */
export function costOf(usage: Usage): Cost {
  const glue = sum(usage.jobRuns.map((run) => costOfJobRun(run) ?? 0));
  const stepFunctions = usage.transitions * TRANSITION + sum((usage.expressExecutions ?? []).map(costOfExpress));
  const lambda = sum(
    usage.invocations.map(
      ({ memoryMb, architecture }) =>
        LAMBDA_CALL + (memoryMb / 1024) * (ASSUMED_BILLED_MS / 1000) * LAMBDA_GB_SECOND[architecture],
    ),
  );
  const { streams = [] } = usage;
  const kinesis = sum(streams.map(costOfStream));
  return {
    currency: "USD",
    total: round(glue + stepFunctions + lambda + kinesis),
    glue: round(glue),
    stepFunctions: round(stepFunctions),
    lambda: round(lambda),
    ...(streams.length > 0 && { kinesis: round(kinesis) }),
    assumptions: [
      "prices of us-east-1; free tiers are not counted",
      "Glue bills each run for a minute at the least, and not for its start-up",
      ...unpriced(usage.jobRuns),
      `each Lambda call bills ${ASSUMED_BILLED_MS} ms`,
      ...(streams.length > 0
        ? ["Kinesis bills each shard for every hour begun, used or not; what is put into it is not included"]
        : []),
      "S3, SNS, SQS, DynamoDB, logs and data transfer are not included",
    ],
  };
}

/** A worker type may be newer than the prices here. */
const unpriced = (runs: readonly JobRun[]): readonly string[] => {
  const types = new Set(runs.filter((run) => costOfJobRun(run) === undefined).map(({ WorkerType }) => WorkerType));
  return [...types].map((type) => `no price is known for worker type ${String(type)}: its runs are not included`);
};

/**
 * Fixed size: DPUs × time. FLEX and auto-scaled runs: the DPU-seconds that Glue reports. Undefined: no price is known for
 * the run's worker type.
 */
export function costOfJobRun(run: JobRun): number | undefined {
  const size = sizeOf(run);
  if (run.DPUSeconds !== undefined) return (run.DPUSeconds / 3600) * rateOf(size);
  const seconds = run.ExecutionTime ?? 0;
  if (seconds === 0 && run.JobRunState !== "SUCCEEDED") return 0;
  return priceOfRun(size, seconds);
}

const sizeOf = ({ GlueVersion, WorkerType, NumberOfWorkers, MaxCapacity, ExecutionClass }: JobRun): PricedSize => ({
  glueVersion: GlueVersion,
  workerType: WorkerType,
  numberOfWorkers: NumberOfWorkers,
  maxCapacity: MaxCapacity,
  executionClass: ExecutionClass,
});

const costOfExpress = ({ durationMs }: { readonly durationMs: number }): number =>
  // Billed in steps of 100 ms.
  EXPRESS_EXECUTION + ((Math.ceil(durationMs / 100) * 100) / 1000) * EXPRESS_GB * EXPRESS_GB_SECOND;

const costOfStream = ({ shards, retentionHours, durationMs }: Stream): number =>
  shards * Math.max(1, Math.ceil(durationMs / 3_600_000)) * (SHARD_HOUR + (retentionHours > 24 ? LONG_SHARD_HOUR : 0));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Beyond a billionth of a dollar there is only floating-point noise. */
const round = (value: number): number => Math.round(value * 1e9) / 1e9;

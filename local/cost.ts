import type { JobRun, WorkerType } from "@aws-sdk/client-glue";
import { workerTypes } from "../functions/lib/workers.ts";

/** What happened, as far as AWS would charge for it. */
export interface Usage {
  /** Finished or not; what a run has used so far counts. */
  readonly jobRuns: readonly JobRun[];
  /** State transitions of standard executions, retries included. */
  readonly transitions: number;
  /** Executions of express state machines. */
  readonly expressExecutions?: readonly { readonly durationMs: number }[];
  /** Functions that real mode has too. */
  readonly invocations: readonly { readonly memoryMb: number; readonly architecture: Architecture }[];
}

export type Architecture = "arm64" | "x86_64";

/** US dollars for us-east-1. */
export interface Cost {
  readonly currency: "USD";
  readonly total: number;
  readonly glue: number;
  readonly stepFunctions: number;
  readonly lambda: number;
  /** What the figures rest on, in words. */
  readonly assumptions: readonly string[];
}

/** USD per hour and DPU, by what is rented (P). Glue 6.0 is about 30 % cheaper than what came before it. */
const GLUE_RATES = {
  upTo5: { standard: 0.44, flex: 0.29, memory: 0.52, pythonShell: 0.44 },
  from6: { standard: 0.308, flex: 0.203, memory: 0.364, pythonShell: 0.44 },
} as const;

/** Start-up is not billed; from the first second on, a minute is charged at the least (P). */
const GLUE_MINIMUM_SECONDS = 60;

/** USD for a state transition of a standard machine (U). */
const TRANSITION = 0.025 / 1000;

/** Express machines pay by execution and by memory held; an execution holds at least 64 MB (P). */
const EXPRESS_EXECUTION = 1 / 1_000_000;
const EXPRESS_GB_SECOND = 0.00001667;
const EXPRESS_GB = 64 / 1024;

/** USD for a function's call and for each GB-second (P). */
const LAMBDA_CALL = 0.2 / 1_000_000;
const LAMBDA_GB_SECOND: Readonly<Record<Architecture, number>> = { arm64: 0.0000133334, x86_64: 0.0000166667 };

/** A virtual clock says nothing of computing time, so a call is taken to bill this much: a generous warm dispatch. */
export const ASSUMED_BILLED_MS = 100;

/** What a run would have cost on AWS. */
export function costOf(usage: Usage): Cost {
  const glue = sum(usage.jobRuns.map(costOfJobRun));
  const stepFunctions = usage.transitions * TRANSITION + sum((usage.expressExecutions ?? []).map(costOfExpress));
  const lambda = sum(
    usage.invocations.map(
      ({ memoryMb, architecture }) =>
        LAMBDA_CALL + (memoryMb / 1024) * (ASSUMED_BILLED_MS / 1000) * LAMBDA_GB_SECOND[architecture],
    ),
  );
  return {
    currency: "USD",
    total: round(glue + stepFunctions + lambda),
    glue: round(glue),
    stepFunctions: round(stepFunctions),
    lambda: round(lambda),
    assumptions: [
      "prices of us-east-1; free tiers are not counted",
      "Glue bills each run for a minute at the least, and not for its start-up",
      `each Lambda call bills ${ASSUMED_BILLED_MS} ms`,
      "S3, SNS, SQS, DynamoDB, logs and data transfer are not included",
    ],
  };
}

/** Fixed size: DPUs × time. FLEX and auto-scaled runs: the DPU-seconds that Glue reports. */
export function costOfJobRun(run: JobRun): number {
  const rate = rateOf(run);
  if (run.DPUSeconds !== undefined) return (run.DPUSeconds / 3600) * rate;
  const seconds = run.ExecutionTime ?? 0;
  if (seconds === 0 && run.JobRunState !== "SUCCEEDED") return 0;
  return ((dpusOf(run) * Math.max(GLUE_MINIMUM_SECONDS, seconds)) / 3600) * rate;
}

function rateOf(run: JobRun): number {
  const rates = Number(run.GlueVersion ?? "0") >= 6 ? GLUE_RATES.from6 : GLUE_RATES.upTo5;
  if (run.ExecutionClass === "FLEX") return rates.flex;
  if (run.WorkerType === undefined) return rates.pythonShell;
  return isMemoryOptimised(run.WorkerType) ? rates.memory : rates.standard;
}

const isMemoryOptimised = (type: WorkerType): boolean => type.startsWith("R.") || type.startsWith("Z.");

/** A Python shell job has no workers, only a share of a DPU. */
function dpusOf(run: JobRun): number {
  if (run.WorkerType === undefined) return run.MaxCapacity ?? 0.0625;
  if (!Object.hasOwn(workerTypes, run.WorkerType)) {
    throw new Error(`no price is known for worker type "${run.WorkerType}" of run ${run.Id ?? "?"}`);
  }
  return workerTypes[run.WorkerType].dpu * (run.NumberOfWorkers ?? 1);
}

const costOfExpress = ({ durationMs }: { readonly durationMs: number }): number =>
  // Billed in steps of 100 ms.
  EXPRESS_EXECUTION + ((Math.ceil(durationMs / 100) * 100) / 1000) * EXPRESS_GB * EXPRESS_GB_SECOND;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Beyond a billionth of a dollar there is only floating-point noise. */
const round = (value: number): number => Math.round(value * 1e9) / 1e9;

import { dpusOf, pricePerHour, type PricedSize } from "../../components/prices.ts";
import {
  CUSTOM_EVENT,
  DYNAMODB_READ,
  DYNAMODB_WRITE,
  EXPRESS_EXECUTION,
  EXPRESS_GB,
  EXPRESS_GB_SECOND,
  LAMBDA_CALL,
  LAMBDA_GB_SECOND,
  S3_GET,
  S3_PUT,
  SNS_PUBLISH,
  SQS_REQUEST,
  TRANSITION,
} from "../prices.ts";
import { billsByDpuSeconds, type JobUsage } from "./job-usage.ts";
import type { CapacityResult } from "./result.ts";
import type { CapacityWorld } from "./world.ts";

/** US dollars for us-east-1, by service. */
export const billOf = (world: CapacityWorld, expressMs: number): CapacityResult["cost"] => {
  const { runs, tally, requests } = world;
  const services = {
    Glue: sum(runs.jobs.map((usage) => priceOfRuns(usage))),
    "Step Functions": stepFunctions(world, expressMs),
    Lambda: functions(world),
    S3: requests.s3Puts * S3_PUT + requests.s3Gets * S3_GET,
    SQS: requests.sqsRequests * SQS_REQUEST,
    SNS: requests.snsPublishes * SNS_PUBLISH,
    DynamoDB: requests.dynamoDbWrites * DYNAMODB_WRITE + requests.dynamoDbReads * DYNAMODB_READ,
    EventBridge: requests.customEvents * CUSTOM_EVENT,
  };
  const used = Object.fromEntries(Object.entries(services).filter(([, price]) => price > 0));
  const total = sum(Object.values(services));
  return {
    total,
    perThousandFiles: tally.ended === 0 ? 0 : (1000 * total) / tally.ended,
    services: used,
    assumptions: assumptionsOf(world),
  };
};

const stepFunctions = ({ program, tally }: CapacityWorld, expressMs: number): number =>
  program.machine.type === "EXPRESS"
    ? tally.executions * EXPRESS_EXECUTION + (expressMs / 1000) * EXPRESS_GB * EXPRESS_GB_SECOND
    : tally.transitions * TRANSITION;

const functions = ({ lambda }: CapacityWorld): number =>
  sum(
    [...lambda.used].map(
      ([{ memoryMb, architecture }, { calls, billedMs }]) =>
        calls * LAMBDA_CALL + (memoryMb / 1024) * (billedMs / 1000) * LAMBDA_GB_SECOND[architecture],
    ),
  );

/** Each run is billed for a minute at the least, which `billedSeconds` knows. */
const priceOfRuns = ({ job, billedSeconds }: JobUsage): number =>
  ((pricePerHour(sizeOf(job.definition)) ?? 0) * billedSeconds) / 3600;

const sizeOf = (definition: JobUsage["job"]["definition"]): PricedSize => ({
  glueVersion: definition.GlueVersion,
  workerType: definition.WorkerType,
  numberOfWorkers: definition.NumberOfWorkers,
  maxCapacity: definition.MaxCapacity,
  executionClass: definition.ExecutionClass,
});

const assumptionsOf = ({ runs, assumed, quotas, tally }: CapacityWorld): readonly string[] => [
  "prices of us-east-1; free tiers are not counted",
  ...runs.jobs.map((usage) => runsLast(usage)),
  ...runs.jobs
    .filter(({ job }) => dpusOf(sizeOf(job.definition)) === undefined)
    .map(
      ({ job }) => `no price is known for worker type ${String(job.definition.WorkerType)}: its runs are not included`,
    ),
  ...runs.jobs
    .filter(({ job }) => job.definition.ExecutionClass === "FLEX")
    .map(({ job }) => `runs of ${job.name} start up at once; AWS may have FLEX wait for spare capacity`),
  `a function's call takes ${assumed.lambda} s, a notification ${assumed.notification} s`,
  `AWS publishes no rates of Glue's API: ${quotas.startJobRunPerSecond} StartJobRun and ` +
    `${quotas.getJobRunPerSecond} GetJobRun a second are assumed`,
  ...[...tally.otherExecutions].map(
    ([machine, count]) =>
      `${count} executions of ${machine.replace(/^.*:/, "")} were started; what they do, take and cost is not included`,
  ),
  "what jobs read and write, logs, keys and data transfer are not included",
];

const runsLast = ({ job, plans: { model } }: JobUsage): string => {
  const { fixed, perFile, perMiB, sigma, startUp, failureRate } = model;
  const parts = [
    `${fixed} s`,
    ...(perFile > 0 ? [`${perFile} s a file`] : []),
    ...(perMiB > 0 ? [`${perMiB} s a MiB`] : []),
  ];
  const billed = billsByDpuSeconds(job)
    ? "billed by DPU-seconds at its full size, without a minimum"
    : "billed for a minute at the least, and not for its start-up";
  return (
    `a run of ${job.name} starts up for ${startUp} s and runs for ${parts.join(" + ")}` +
    `${sigma > 0 ? `, times a lognormal factor of sigma ${sigma}` : ""}; ${failureRate * 100} % of runs fail; ${billed}`
  );
};

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

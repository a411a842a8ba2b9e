import type { PricedJob } from "./cost-table.ts";
import { longestTimeoutMinutes, jobSettings } from "./glue-job/settings.ts";
import type { AnyJob } from "./glue-job/kinds.ts";
import { pricePerHour, type PricedSize } from "./prices.ts";

/** What runs are expected and allowed to cost. */
export interface CostArgs {
  /** How long a run usually takes, in minutes: what the cost table reckons with. @default 10 */
  readonly expectedRunMinutes?: number;
  /** The most that a run may cost, in USD, should it last until its timeout; 0: no limit. @default 0 */
  readonly maxCostPerRun?: number;
}

export const costDefaults = Object.freeze({ expectedRunMinutes: 10, maxCostPerRun: 0 });

/** A job as the price list sees it. */
export const pricedJob = (name: string, job: AnyJob, cost?: CostArgs): PricedJob => ({
  ...sizeOf(job),
  name,
  isStreaming: job.kind === "streaming",
  autoScaling: job.autoScaling ?? false,
  expectedRunMinutes: cost?.expectedRunMinutes ?? costDefaults.expectedRunMinutes,
});

/** The most expensive run that the job's own size and what executions may change allow. */
export const dearestRun = (job: AnyJob): { readonly size: PricedSize; readonly minutes: number } => {
  const { workerTypes = [], maxNumberOfWorkers = 0, executionClasses = [] } = job.overrides ?? {};
  const own = sizeOf(job);
  const sizes = [own.workerType, ...workerTypes].flatMap((workerType) =>
    [own.executionClass, ...executionClasses].map((executionClass) => ({
      ...own,
      workerType,
      executionClass,
      ...(own.numberOfWorkers !== undefined && {
        numberOfWorkers: Math.max(own.numberOfWorkers, maxNumberOfWorkers),
      }),
    })),
  );
  const priceOf = (size: PricedSize): number => pricePerHour(size) ?? 0;
  const size = sizes.reduce((dearest, next) => (priceOf(next) > priceOf(dearest) ? next : dearest), sizes[0] ?? own);
  return { size, minutes: longestTimeoutMinutes(job) };
};

const sizeOf = (job: AnyJob): PricedSize => {
  const { glueVersion, workerType, numberOfWorkers, maxCapacity, executionClass } = jobSettings(job);
  return { glueVersion, workerType, numberOfWorkers, maxCapacity, executionClass };
};

import { isKnownWorkerType, workerTypes } from "../functions/lib/workers.ts";

/** What a run is priced by; a job's description and a run that Glue reports both have it. */
export interface PricedSize {
  readonly glueVersion?: string | undefined;
  /** Left out: a Python shell job, which has a capacity instead. */
  readonly workerType?: string | undefined;
  readonly numberOfWorkers?: number | undefined;
  /** DPUs of a Python shell job. @default 0.0625 */
  readonly maxCapacity?: number | undefined;
  readonly executionClass?: string | undefined;
}

/** USD per hour and DPU in us-east-1, by what is rented (P). Glue 6.0 is about 30 % cheaper than what came before it. */
const rates = {
  upTo5: { standard: 0.44, flex: 0.29, memory: 0.52, pythonShell: 0.44 },
  from6: { standard: 0.308, flex: 0.203, memory: 0.364, pythonShell: 0.44 },
} as const;

/** Start-up is not billed; from the first second on, a minute is charged at the least (P). */
const minimumSeconds = 60;

/** USD per hour for each DPU of such a size. */
export const rateOf = ({ glueVersion = "0", workerType, executionClass }: PricedSize): number => {
  const ofVersion = Number(glueVersion) >= 6 ? rates.from6 : rates.upTo5;
  if (workerType === undefined) return ofVersion.pythonShell;
  if (executionClass === "FLEX") return ofVersion.flex;
  return isMemoryOptimised(workerType) ? ofVersion.memory : ofVersion.standard;
};

/** Data processing units of a size; undefined for a worker type that is not known. */
export const dpusOf = ({ workerType, numberOfWorkers = 1, maxCapacity }: PricedSize): number | undefined => {
  if (workerType === undefined) return maxCapacity ?? smallestShell;
  return isKnownWorkerType(workerType) ? workerTypes[workerType].dpu * numberOfWorkers : undefined;
};

/** USD for an hour of a run; undefined for a worker type that is not known. */
export const pricePerHour = (size: PricedSize): number | undefined => {
  const dpus = dpusOf(size);
  return dpus === undefined ? undefined : dpus * rateOf(size);
};

/** USD for a run of so many seconds; undefined for a worker type that is not known. */
export const priceOfRun = (size: PricedSize, seconds: number): number | undefined => {
  const perHour = pricePerHour(size);
  return perHour === undefined ? undefined : (perHour * Math.max(minimumSeconds, seconds)) / 3600;
};

/** A Python shell job takes a sixteenth of a DPU unless told otherwise. */
const smallestShell = 0.0625;

const isMemoryOptimised = (type: string): boolean => type.startsWith("R.") || type.startsWith("Z.");

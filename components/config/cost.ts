import { costDefaults, type CostArgs } from "../job-cost.ts";
import type { ConfigReader } from "./config-reader.ts";

/** What the stack config says of the job's cost. */
export const readCost = (read: ConfigReader): Required<CostArgs> => ({
  expectedRunMinutes: read.number("expectedRunMinutes", costDefaults.expectedRunMinutes, { min: 0.1, max: 10_080 }),
  maxCostPerRun: read.number("maxCostPerRun", costDefaults.maxCostPerRun, { min: 0, max: 1_000_000 }),
});

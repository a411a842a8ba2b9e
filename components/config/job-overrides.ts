import type { AnyJob } from "../glue-job/kinds.ts";
import type { ConfigReader } from "./config-reader.ts";

/** What executions' inputs may change: nothing unless a key says so. */
export const readOverrides = (read: ConfigReader): Pick<AnyJob, "overrides"> => {
  const workerTypes = read.texts("overrideWorkerTypes", [], { pattern: /^\S+$/, says: "a worker type" });
  const maxNumberOfWorkers = read.integer("overrideMaxWorkers", 0, { min: 0, max: 100_000 });
  const maxTimeoutMinutes = read.integer("overrideMaxTimeoutMinutes", 0, { min: 0, max: 10_080 });
  const executionClasses = read.texts("overrideExecutionClasses", [], {
    pattern: /^(STANDARD|FLEX)$/,
    says: "STANDARD or FLEX",
  }) as readonly ("STANDARD" | "FLEX")[];
  const overrides = {
    ...(workerTypes.length > 0 && { workerTypes }),
    ...(maxNumberOfWorkers > 0 && { maxNumberOfWorkers }),
    ...(maxTimeoutMinutes > 0 && { maxTimeoutMinutes }),
    ...(executionClasses.length > 0 && { executionClasses }),
  };
  return Object.keys(overrides).length === 0 ? {} : { overrides };
};

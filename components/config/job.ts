import { glueJobDefaults } from "../glue-job.ts";
import { kindsOfJob, type AnyJob, type JobConfig, type JobKind } from "../glue-job/kinds.ts";
import { workloads, type Workload } from "../glue-job/workloads.ts";
import type { ConfigReader } from "./config-reader.ts";
import { readJobOptions } from "./job-options.ts";
import { readOverrides } from "./job-overrides.ts";
import { textOr } from "./values.ts";

/** What the stack config says of the job; whether it fits together, and its kind, is for the rules to say. */
export const readJob = (read: ConfigReader): JobConfig => {
  const kind = readKind(read);
  const job: AnyJob = {
    // It does what the Spark script does.
    ...(read.boolean("standIn", true) &&
      kind.kind === undefined && { standIn: new URL("../../functions/stand-ins/process-csv.ts", import.meta.url) }),
    ...kind,
    ...readSize(read),
    maxConcurrentRuns: read.integer("maxConcurrentRuns", glueJobDefaults.maxConcurrentRuns, { min: 1, max: 4000 }),
    jobRunQueuing: read.boolean("jobRunQueuing", glueJobDefaults.jobRunQueuing),
    ...readOverrides(read),
    ...readJobOptions(read),
  };
  return job as JobConfig;
};

const readKind = (read: ConfigReader): Pick<AnyJob, "kind" | "glueVersion" | "maxCapacity"> => {
  const kind = read.oneOf("jobKind", Object.keys(kindsOfJob) as JobKind[], "spark");
  const glueVersion = textOr(read, "glueVersion", { pattern: /^(\d+\.\d+)?$/, says: 'a version like "5.1"' });
  const maxCapacity = read.oneOf("maxCapacity", ["0.0625", "1", ""], "");
  return {
    ...(kind !== "spark" && { kind }),
    ...(glueVersion !== undefined && { glueVersion }),
    ...(maxCapacity !== "" && { maxCapacity: maxCapacity === "1" ? 1 : 0.0625 }),
  };
};

const readSize = (
  read: ConfigReader,
): Pick<
  AnyJob,
  "workload" | "workerType" | "numberOfWorkers" | "autoScaling" | "executionClass" | "timeoutMinutes"
> => {
  const workload = read.oneOf("workload", [...(Object.keys(workloads) as Workload[]), ""], "");
  const workerType = textOr(read, "workerType");
  const numberOfWorkers = read.integer("numberOfWorkers", 0, { min: 0, max: 100_000 });
  const timeoutMinutes = read.integer("jobTimeoutMinutes", 0, { min: 0, max: 10_080 });
  return {
    ...(workload !== "" && { workload }),
    ...(workerType !== undefined && { workerType }),
    ...(numberOfWorkers > 0 && { numberOfWorkers }),
    autoScaling: read.boolean("autoScaling", false),
    // What is not asked for is left to the workload.
    ...(read.oneOf("executionClass", ["STANDARD", "FLEX"], "STANDARD") === "FLEX" && { executionClass: "FLEX" }),
    ...(timeoutMinutes > 0 && { timeoutMinutes }),
  };
};

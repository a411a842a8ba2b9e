import { glueJobDefaults, type GlueJobArgs } from "../glue-job.ts";
import type { ConfigReader } from "./config-reader.ts";
import { readColumnTypes } from "./values.ts";

/** What the stack config says of the job. */
export const readJob = (read: ConfigReader): Omit<GlueJobArgs, "script"> => {
  const columnTypes = readColumnTypes(read, "columnTypes");
  return {
    ...(read.boolean("standIn", true) && {
      standIn: new URL("../../functions/stand-ins/process-csv.ts", import.meta.url),
    }),
    glueVersion: read.oneOf("glueVersion", ["4.0", "5.0", "5.1", "6.0"], glueJobDefaults.glueVersion),
    workerType: read.oneOf("workerType", workerTypes, glueJobDefaults.workerType),
    numberOfWorkers: read.integer("numberOfWorkers", glueJobDefaults.numberOfWorkers, { min: 2, max: 1000 }),
    timeoutMinutes: read.integer("jobTimeoutMinutes", glueJobDefaults.timeoutMinutes, { min: 1, max: 10_080 }),
    maxConcurrentRuns: read.integer("maxConcurrentRuns", glueJobDefaults.maxConcurrentRuns, { min: 1, max: 4000 }),
    jobRunQueuing: read.boolean("jobRunQueuing", glueJobDefaults.jobRunQueuing),
    ...(columnTypes && { defaultArguments: { "--column_types": JSON.stringify(columnTypes) } }),
  };
};

/** What Spark jobs run on in the versions of Glue that can be chosen; G.025X is for streams, Z.2X for Ray. */
const workerTypes = ["G.1X", "G.2X", "G.4X", "G.8X", "G.12X", "G.16X", "R.1X", "R.2X", "R.4X", "R.8X"] as const;

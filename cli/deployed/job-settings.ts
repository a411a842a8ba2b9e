import * as pulumi from "@pulumi/pulumi";
import { ConfigReader } from "../../components/config/config-reader.ts";
import { readCost } from "../../components/config/cost.ts";
import { readDispatch } from "../../components/config/dispatch.ts";
import { readJob } from "../../components/config/job.ts";
import { jobSettings } from "../../components/glue-job/settings.ts";
import { dispatchDefaults } from "../../components/dispatch-args.ts";
import type { PricedSize } from "../../components/prices.ts";
import type { Deployment } from "./deployment.ts";

/** What a stack's config says of how files are taken through their job. */
export interface JobSettingsOfStack {
  /** Files and bytes that one execution takes at the most. */
  readonly batch: { readonly maxFiles: number; readonly maxBytes: number };
  /** Undefined: the job's own size is not known, as where the program has stages. */
  readonly size?: PricedSize;
  readonly maxConcurrentRuns: number;
  /** 0: any number. */
  readonly maxConcurrentExecutions: number;
  readonly expectedRunSeconds: number;
}

/** Config keys mean what they mean when the stack is deployed, defaults and all. */
export function jobSettingsOf({ config, outputs }: Pick<Deployment, "config" | "outputs">): JobSettingsOfStack {
  // Only the reader sees them: nothing is deployed from here.
  pulumi.runtime.setAllConfig({ ...config });
  const read = new ConfigReader("glue-pipeline");
  const { mode, maxFiles, maxBytes, maxConcurrentExecutions } = { ...dispatchDefaults, ...readDispatch(read) };
  const { glueVersion, workerType, numberOfWorkers, maxCapacity, executionClass, maxConcurrentRuns } = jobSettings(
    readJob(read),
  );
  return {
    batch: mode === "batch" ? { maxFiles, maxBytes } : { maxFiles: 1, maxBytes: Infinity },
    ...(outputs.jobName !== undefined && {
      size: { glueVersion, workerType, numberOfWorkers, maxCapacity, executionClass },
    }),
    maxConcurrentRuns,
    maxConcurrentExecutions,
    expectedRunSeconds: readCost(read).expectedRunMinutes * 60,
  };
}

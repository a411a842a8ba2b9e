import * as pulumi from "@pulumi/pulumi";
import { loadPipelineConfig } from "../../components/config.ts";
import { costTable } from "../../components/cost-table.ts";
import { GluePipeline } from "../../components/glue-pipeline.ts";
import { job, parallel } from "../../components/stages/build.ts";
import { streamingJobs } from "./streaming.ts";

/** What all sizes do: the sum of the orders by product. */
const revenue = {
  script: new URL("./scripts/revenue.py", import.meta.url),
  standIn: new URL("./stand-ins/revenue.ts", import.meta.url),
  // A run that hangs costs half an hour at the most; it would be an hour if nothing was said.
  timeoutMinutes: 30,
} as const;

const pipeline = new GluePipeline("cost", {
  ...loadPipelineConfig(),
  stages: parallel(
    "Sizes",
    job("Small", { job: { ...revenue, workload: "small_etl" } }),
    job("Medium", { job: { ...revenue, workload: "medium_etl" } }),
    // A cap: however many files land, one such run at a time; further ones wait in Glue's queue.
    job("Large", { job: { ...revenue, workload: "large_etl", maxConcurrentRuns: 1, jobRunQueuing: true } }),
    job("Memory", { job: { ...revenue, workload: "memory_intensive" } }),
    // Spare capacity, for work that can wait.
    job("Flex", { job: { ...revenue, workload: "cost" } }),
    job("Six", { job: { ...revenue, workerType: "G.1X", numberOfWorkers: 6 } }),
    job("Newest", { job: { ...revenue, workload: "small_etl", glueVersion: "6.0" } }),
  ),
});

// A job without an end has no place among stages that a file goes through; its price has one in the comparison.
void pulumi.log.info(costTable(streamingJobs));

export const landingBucket = pipeline.landingBucket;
export const landingPrefix = pipeline.landingPrefix;
export const outputBucket = pipeline.outputBucket;
export const stateMachineArn = pipeline.stateMachineArn ?? null;
export const failureQueueUrl = pipeline.failureQueueUrl;
export const resultsTopicArn = pipeline.resultsTopicArn;

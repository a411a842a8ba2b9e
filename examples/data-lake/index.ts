import * as pulumi from "@pulumi/pulumi";
import { loadPipelineConfig } from "../../components/config.ts";
import { GluePipeline } from "../../components/glue-pipeline.ts";
import { job, sequence } from "../../components/stages/build.ts";
import { createCatalog } from "./catalog.ts";

/** What orders are enriched with. */
const regions = { DE: "emea", FR: "emea", IT: "emea", US: "americas", CA: "americas", BR: "americas", JP: "apac" };

const ingest = job("Ingest raw", {
  job: {
    script: new URL("./scripts/ingest_orders.py", import.meta.url),
    standIn: new URL("./stand-ins/ingest-orders.ts", import.meta.url),
    // How CSV is read is the same wherever it is.
    extraPythonFiles: [new URL("../../scripts/process_csv.py", import.meta.url)],
    workload: "small_etl",
  },
  writes: { prefix: "raw_orders/" },
});

/** A run rests on what it has found in its table, and its bookmark moves once: one run at a time, further ones queue. */
const oneAtATime = { bookmarks: "enable", maxConcurrentRuns: 1, jobRunQueuing: true } as const;

const transform = job("Transform", {
  job: {
    script: new URL("./scripts/transform_orders.py", import.meta.url),
    standIn: new URL("./stand-ins/transform-orders.ts", import.meta.url),
    extraPythonFiles: [new URL("../../scripts/process_csv.py", import.meta.url)],
    workload: "small_etl",
    ...oneAtATime,
  },
  arguments: { "--regions": JSON.stringify(regions) },
  reads: ingest,
  writes: { prefix: "orders/", perExecution: false },
});

const aggregate = job("Aggregate", {
  job: {
    script: new URL("./scripts/aggregate_orders.py", import.meta.url),
    standIn: new URL("./stand-ins/aggregate-orders.ts", import.meta.url),
    extraPythonFiles: [new URL("../../scripts/process_csv.py", import.meta.url)],
    workload: "small_etl",
    ...oneAtATime,
  },
  reads: transform,
  writes: { prefix: "daily_revenue/", perExecution: false },
});

const lake = new GluePipeline("lake", {
  ...loadPipelineConfig(),
  stages: sequence(ingest, transform, aggregate),
});

const catalog = createCatalog("lake", `data_lake_${pulumi.getStack()}`, lake.outputBucket);

export const landingBucket = lake.landingBucket;
export const landingPrefix = lake.landingPrefix;
export const outputBucket = lake.outputBucket;
export const stateMachineArn = lake.stateMachineArn ?? null;
export const failureQueueUrl = lake.failureQueueUrl;
export const resultsTopicArn = lake.resultsTopicArn;
export const database = catalog.name;

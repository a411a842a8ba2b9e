import { loadConfig } from "./components/config.ts";
import { GluePipeline } from "./components/glue-pipeline.ts";

const config = loadConfig();
const pipeline = new GluePipeline("csv", {
  ...config,
  job: { ...config.job, script: new URL("./scripts/process_csv.py", import.meta.url) },
});

export const landingBucket = pipeline.landingBucket;
export const landingPrefix = pipeline.landingPrefix;
export const outputBucket = pipeline.outputBucket;
export const stateMachineArn = pipeline.stateMachineArn;
export const jobName = pipeline.jobName;
export const dispatcherName = pipeline.dispatcherName;
export const failureQueueUrl = pipeline.failureQueueUrl;
export const resultsTopicArn = pipeline.resultsTopicArn;

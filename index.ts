import { loadConfig } from "./components/config.ts";
import { GluePipeline } from "./components/glue-pipeline.ts";

const config = loadConfig();
const scripts = {
  spark: "process_csv.py",
  streaming: "streaming_kinesis.py",
  pythonshell: "profile_csv.py",
  ray: "process_csv.py",
};
const pipeline = new GluePipeline("csv", {
  ...config,
  job: { ...config.job, script: new URL(`./scripts/${scripts[config.job.kind ?? "spark"]}`, import.meta.url) },
});

export const landingBucket = pipeline.landingBucket;
export const landingPrefix = pipeline.landingPrefix;
export const outputBucket = pipeline.outputBucket;
// Null, unlike undefined, is an output that nobody is told of: which of these there are depends on the dispatch.
export const stateMachineArn = pipeline.stateMachineArn ?? null;
export const ledgerTable = pipeline.ledgerTable ?? null;
export const arrivalQueueUrl = pipeline.arrivalQueueUrl ?? null;
export const outcomeQueueUrl = pipeline.outcomeQueueUrl ?? null;
export const jobName = pipeline.jobName;
export const dispatcherName = pipeline.dispatcherName;
export const failureQueueUrl = pipeline.failureQueueUrl;
export const resultsTopicArn = pipeline.resultsTopicArn;

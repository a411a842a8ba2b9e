import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { loadPipelineConfig } from "../../../../components/config.ts";
import { GluePipeline } from "../../../../components/glue-pipeline.ts";
import { job, parallel, sequence, wait } from "../../../../components/stages/build.ts";

const copying = {
  script: new URL("./scripts/copy_parts.py", import.meta.url),
  standIn: new URL("./stand-ins/copy-parts.ts", import.meta.url),
};

const reference = new aws.s3.Bucket("reference", { forceDestroy: true });
new aws.s3.BucketObjectv2("reference", { bucket: reference.id, key: "rates/eur.txt", content: "rates" });
const rates = { bucket: reference, prefix: "rates/" };

const clean = job("Clean", { job: copying });
const totals = job("Totals", { job: copying });
const convert = job("Convert", {
  job: copying,
  reads: [clean, rates],
  arguments: { "--also": pulumi.interpolate`s3://${reference.id}/rates/` },
});
const publish = job("Publish", { job: copying, reads: totals, writes: { prefix: "public/" } });

const pipeline = new GluePipeline("flow", {
  ...loadPipelineConfig(),
  stages: sequence(clean, parallel("Report", totals, sequence(wait("Pause", { seconds: 10 }), convert)), publish),
});

export const landingBucket = pipeline.landingBucket;
export const landingPrefix = pipeline.landingPrefix;
export const outputBucket = pipeline.outputBucket;
export const stateMachineArn = pipeline.stateMachineArn;
export const jobNames = pipeline.jobNames;
export const dispatcherName = pipeline.dispatcherName;
export const failureQueueUrl = pipeline.failureQueueUrl;
export const resultsTopicArn = pipeline.resultsTopicArn;

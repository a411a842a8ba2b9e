import * as pulumi from "@pulumi/pulumi";
import { loadPipelineConfig } from "../../components/config.ts";
import { GluePipeline } from "../../components/glue-pipeline.ts";
import { securityOf } from "../../components/security.ts";
import { invoke, sequence, task } from "../../components/stages/build.ts";
import { jsonata } from "../../components/state-machine/states.ts";
import { keepRunning } from "../../components/streaming/streaming-job.ts";
import { ClickStreams } from "./click-streams.ts";

const settings = loadPipelineConfig();
const own = new pulumi.Config();
const streams = new ClickStreams("clicks", {
  settings,
  shards: own.getNumber("shards") ?? 2,
  windowSeconds: own.getNumber("windowSeconds") ?? 60,
  allowedLatenessSeconds: own.getNumber("allowedLatenessSeconds") ?? 300,
  triggerSeconds: own.getNumber("triggerSeconds") ?? 10,
  maxRecordsPerShard: own.getNumber("maxRecordsPerShard") ?? 5000,
  stopAfterIdleMinutes: own.getNumber("stopAfterIdleMinutes") ?? 15,
  jobTimeoutMinutes: own.getNumber("jobTimeoutMinutes") ?? 2880,
});

const pipeline = new GluePipeline("clicks", {
  ...settings,
  // What lands is encrypted with the key of what becomes of it.
  ...(streams.encryption && { security: { ...securityOf(settings), kmsKeyArn: streams.encryption.keyArn } }),
  stages: sequence(
    invoke("Publish", {
      function: streams.publisher,
      payload: { bucket: jsonata("$file.bucket"), key: jsonata("$file.key"), versionId: jsonata("$file.versionId") },
      keep: jsonata("$states.result"),
      timeoutSeconds: 300,
    }),
    // Jobs that have found their stream quiet are started again.
    task("Keep enriching", {
      call: keepRunning("KeepEnriching", streams.enrich),
      arguments: { StateMachineArn: streams.enrich.keeper.arn, Input: { after: jsonata("$executionName") } },
    }),
    task("Keep aggregating", {
      call: keepRunning("KeepAggregating", streams.aggregate),
      arguments: { StateMachineArn: streams.aggregate.keeper.arn, Input: { after: jsonata("$executionName") } },
    }),
  ),
});
streams.connect("clicks-publish", pipeline);

export const landingBucket = pipeline.landingBucket;
export const landingPrefix = pipeline.landingPrefix;
export const outputBucket = pipeline.outputBucket;
export const stateMachineArn = pipeline.stateMachineArn ?? null;
export const failureQueueUrl = pipeline.failureQueueUrl;
export const resultsTopicArn = pipeline.resultsTopicArn;
/** Where `windows/`, `late/` and `rejected/` are. */
export const dataBucket = streams.bucket.id;
export const clicksStream = streams.clicks.name;
export const enrichedStream = streams.enriched.name;
/** The state machines that keep the jobs running. */
export const enrichKeeperArn = streams.enrich.keeper.arn;
export const aggregateKeeperArn = streams.aggregate.keeper.arn;
export const jobFailureQueueUrl = streams.failures.url;

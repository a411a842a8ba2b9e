import * as pulumi from "@pulumi/pulumi";
import { loadPipelineConfig } from "../../components/config.ts";
import { GluePipeline } from "../../components/glue-pipeline.ts";
import { securityOf } from "../../components/security.ts";
import { choice, invoke, job, sequence, task, wait } from "../../components/stages/build.ts";
import { landedFile } from "../../components/stages/stage.ts";
import { jsonata } from "../../components/state-machine/states.ts";
import { keepRunning } from "../../components/streaming/streaming-job.ts";
import { LivePayments } from "./live-payments.ts";

const settings = loadPipelineConfig();
const own = new pulumi.Config();
/** Folder of the output bucket with the days that are loaded. */
const table = "payments/";

const live = new LivePayments("payments", {
  settings,
  table,
  shards: own.getNumber("shards") ?? 2,
  triggerSeconds: own.getNumber("triggerSeconds") ?? 10,
  maxRecordsPerShard: own.getNumber("maxRecordsPerShard") ?? 5000,
  rememberedDays: own.getNumber("rememberedDays") ?? 3,
  stopAfterIdleMinutes: own.getNumber("stopAfterIdleMinutes") ?? 15,
  jobTimeoutMinutes: own.getNumber("jobTimeoutMinutes") ?? 2880,
});

const loadDay = job("Load day", {
  job: {
    script: new URL("./scripts/load_day.py", import.meta.url),
    standIn: new URL("./stand-ins/load-day.ts", import.meta.url),
    // How CSV is read is the same wherever it is.
    extraPythonFiles: [new URL("../../scripts/process_csv.py", import.meta.url)],
    workload: "small_etl",
  },
  arguments: { "--load": jsonata("$origin"), "--live": live.place("live/"), "--late": live.place("late/") },
  reads: [landedFile, { bucket: live.bucket, prefix: "live/" }, { bucket: live.bucket, prefix: "late/" }],
  writes: { prefix: table, perExecution: false },
});

/** Queries that have begun before the load may still read the files that it has absorbed. */
const graceSeconds = 60 * (own.getNumber("graceMinutes") ?? 30);

const batch = sequence(
  loadDay,
  wait("Let readers end", { seconds: graceSeconds }),
  invoke("Clean up", {
    function: live.cleaner,
    payload: {
      key: jsonata("$file.key"),
      load: jsonata("$origin"),
      table: jsonata(`"s3://" & $loadDay.output.bucket & "/${table}"`),
    },
    keep: jsonata("$states.result"),
    timeoutSeconds: 300,
  }),
);

const stream = sequence(
  invoke("Publish", {
    function: live.publisher,
    payload: { bucket: jsonata("$file.bucket"), key: jsonata("$file.key"), versionId: jsonata("$file.versionId") },
    keep: jsonata("$states.result"),
    timeoutSeconds: 300,
  }),
  // A job that has found its stream quiet is started again.
  task("Keep loading", {
    call: keepRunning("KeepLoading", live.job),
    arguments: { StateMachineArn: live.job.keeper.arn, Input: { after: jsonata("$executionName") } },
  }),
);

const pipeline = new GluePipeline("payments", {
  ...settings,
  // What lands is encrypted with the key of what becomes of it.
  ...(live.encryption && { security: { ...securityOf(settings), kmsKeyArn: live.encryption.keyArn } }),
  stages: choice("Kind", {
    when: [{ condition: jsonata("$contains($file.key, /\\.csv$/i)"), then: batch }],
    otherwise: stream,
  }),
});
live.connect("payments", pipeline);

export const landingBucket = pipeline.landingBucket;
export const landingPrefix = pipeline.landingPrefix;
/** Where `payments/days/` and `payments/manifests/` are. */
export const outputBucket = pipeline.outputBucket;
export const stateMachineArn = pipeline.stateMachineArn ?? null;
export const failureQueueUrl = pipeline.failureQueueUrl;
export const resultsTopicArn = pipeline.resultsTopicArn;
/** Where `live/`, `late/` and `rejected/` are. */
export const liveBucket = live.bucket.id;
export const paymentsStream = live.stream.name;
/** The state machine that keeps the streaming job running. */
export const keeperArn = live.job.keeper.arn;
export const jobFailureQueueUrl = live.failures.url;

import { fileURLToPath } from "node:url";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { accountOf, type Account } from "../../components/account.ts";
import { folderStatements } from "../../components/bucket-folders.ts";
import { readLanded } from "../../components/glue-job.ts";
import type { GluePipeline } from "../../components/glue-pipeline.ts";
import { allowMore, LambdaFunction } from "../../components/lambda-function.ts";
import { pipelineDefaults, type PipelineSettings } from "../../components/pipeline-args.ts";
import { createBucket } from "../../components/secure-bucket.ts";
import { encryptionOf, type Encryption } from "../../components/security/encryption.ts";
import { useKeyForObjects } from "../../components/security/key-use.ts";
import { createQueue, createTopic } from "../../components/security/messages.ts";
import { StreamingJob, type StreamingJobArgs } from "../../components/streaming/streaming-job.ts";

export interface ClickStreamsArgs {
  readonly settings: PipelineSettings;
  readonly shards: number;
  /** Length of the windows that events are counted in. */
  readonly windowSeconds: number;
  /** An event this much older than the newest one is still counted. */
  readonly allowedLatenessSeconds: number;
  readonly triggerSeconds: number;
  /** Records of a shard in one batch. */
  readonly maxRecordsPerShard: number;
  /** 0: the jobs go on until somebody stops them. */
  readonly stopAfterIdleMinutes: number;
  readonly jobTimeoutMinutes: number;
}

/** Two streams, the jobs that read them, and the bucket of what they read and write. */
export class ClickStreams extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;
  readonly clicks: aws.kinesis.Stream;
  readonly enriched: aws.kinesis.Stream;
  readonly enrich: StreamingJob;
  readonly aggregate: StreamingJob;
  /** Puts a landed file into the first stream. */
  readonly publisher: aws.lambda.Function;
  /** Jobs that were given up. */
  readonly failures: aws.sqs.Queue;
  readonly encryption: Encryption | undefined;
  readonly #account: Account;

  constructor(name: string, args: ClickStreamsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("glue-pipeline:real-time:ClickStreams", name, {}, opts);
    const { settings } = args;
    this.#account = accountOf(this);
    this.encryption = encryptionOf(name, settings, this.#account, this);
    this.bucket = createBucket(`${name}-data`, settings, this.encryption, this).bucket;
    this.clicks = createStream(`${name}-clicks`, args.shards, this);
    this.enriched = createStream(`${name}-enriched`, args.shards, this);
    this.failures = createQueue(`${name}-job-failures`, this.encryption, this);

    const products = createProducts(`${name}-products`, this.bucket, this);
    const shared = this.#sharedParts(name, args);
    const place = (prefix: string) => pulumi.interpolate`s3://${this.bucket.id}/${prefix}`;
    this.aggregate = new StreamingJob(
      `${name}-aggregate`,
      {
        ...shared,
        job: jobOf("aggregate", args),
        stream: this.enriched,
        checkpoint: { bucket: this.bucket, prefix: "checkpoints/aggregate/" },
        arguments: {
          "--output": place("windows/"),
          "--late": place("late/"),
          "--window_seconds": String(args.windowSeconds),
          "--allowed_lateness_seconds": String(args.allowedLatenessSeconds),
          "--max_records_per_shard": String(args.maxRecordsPerShard),
        },
        statements: folderStatements(this, { reads: [], writes: ["windows/", "late/"] }),
      },
      { parent: this },
    );
    this.enrich = new StreamingJob(
      `${name}-enrich`,
      {
        ...shared,
        job: jobOf("enrich", args),
        stream: this.clicks,
        checkpoint: { bucket: this.bucket, prefix: "checkpoints/enrich/" },
        arguments: {
          "--output_stream_arn": this.enriched.arn,
          "--products": pulumi.interpolate`s3://${this.bucket.id}/${products.key}`,
          "--rejected": place("rejected/"),
          "--max_records_per_shard": String(args.maxRecordsPerShard),
        },
        statements: [
          ...folderStatements(this, { reads: ["reference/"], writes: ["rejected/"] }),
          { sid: "WriteStream", actions: ["kinesis:PutRecords"], resources: [this.enriched.arn] },
        ],
        // What it has sent last is read even where the other job has found its stream quiet before.
        next: this.aggregate,
      },
      { parent: this },
    );
    this.publisher = this.#createPublisher(`${name}-publish`, settings);
    this.registerOutputs({ bucket: this.bucket, clicks: this.clicks, enriched: this.enriched });
  }

  /** Lets the publisher read what lands: the pipeline's bucket is there only once its stages, and so the function, are. */
  connect(name: string, pipeline: GluePipeline): void {
    const landing = pulumi.interpolate`arn:${this.#account.partition}:s3:::${pipeline.landingBucket}`;
    const statements = [
      readLanded({ arn: landing }, pipeline.landingPrefix),
      ...useKeyForObjects(this.encryption, { sid: "DecryptInput", actions: ["kms:Decrypt"], bucketArns: [landing] }),
    ];
    allowMore(`${name}-read`, this.publisher, statements, this);
  }

  #sharedParts(name: string, args: ClickStreamsArgs) {
    const { settings, triggerSeconds, stopAfterIdleMinutes } = args;
    const isReal = settings.mode === "real";
    return {
      mode: settings.mode,
      triggerSeconds,
      stopAfterIdleMinutes,
      ...(settings.simulation && { simulation: settings.simulation }),
      artifacts: isReal ? createBucket(`${name}-artifacts`, settings, this.encryption, this).bucket : undefined,
      failureQueue: this.failures,
      resultsTopic: createTopic(`${name}-job-results`, this.encryption, this),
      account: this.#account,
      logRetentionDays: settings.logRetentionDays ?? pipelineDefaults.logRetentionDays,
      encryption: this.encryption,
    } satisfies Partial<StreamingJobArgs>;
  }

  #createPublisher(name: string, settings: PipelineSettings): aws.lambda.Function {
    return new LambdaFunction(
      name,
      {
        entry: new URL("./functions/publish.ts", import.meta.url),
        description: "Puts the lines of a file into a stream",
        statements: [{ sid: "WriteStream", actions: ["kinesis:PutRecords"], resources: [this.clicks.arn] }],
        environment: { STREAM_ARN: this.clicks.arn },
        timeoutSeconds: 300,
        memoryMiB: 1024,
        logRetentionDays: settings.logRetentionDays ?? pipelineDefaults.logRetentionDays,
        encryption: this.encryption,
      },
      { parent: this },
    ).function;
  }
}

const jobOf = (name: "enrich" | "aggregate", { jobTimeoutMinutes }: ClickStreamsArgs): StreamingJobArgs["job"] => ({
  kind: "streaming",
  script: new URL(`./scripts/${name}.py`, import.meta.url),
  standIn: new URL(`./stand-ins/${name}.ts`, import.meta.url),
  extraPythonFiles: [new URL("./scripts/click_events.py", import.meta.url)],
  workerType: "G.025X",
  numberOfWorkers: 2,
  timeoutMinutes: jobTimeoutMinutes,
});

/** Encrypted with Kinesis's own key, which costs nothing and needs no permission. */
const createStream = (name: string, shardCount: number, parent: pulumi.Resource): aws.kinesis.Stream =>
  new aws.kinesis.Stream(
    name,
    { shardCount, retentionPeriod: 168, encryptionType: "KMS", kmsKeyId: "alias/aws/kinesis" },
    { parent },
  );

const createProducts = (name: string, bucket: aws.s3.Bucket, parent: pulumi.Resource): aws.s3.BucketObjectv2 =>
  new aws.s3.BucketObjectv2(
    name,
    {
      bucket: bucket.id,
      key: "reference/products.csv",
      source: new pulumi.asset.FileAsset(fileURLToPath(new URL("./reference/products.csv", import.meta.url))),
      contentType: "text/csv",
    },
    { parent },
  );

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { accountOf, type Account } from "../../components/account.ts";
import { folderStatements, objectsUnder } from "../../components/bucket-folders.ts";
import { readLanded } from "../../components/glue-job.ts";
import type { GluePipeline } from "../../components/glue-pipeline.ts";
import { allowMore, LambdaFunction } from "../../components/lambda-function.ts";
import { pipelineDefaults, type PipelineSettings } from "../../components/pipeline-args.ts";
import type { Statement } from "../../components/policy.ts";
import { createBucket } from "../../components/secure-bucket.ts";
import { encryptionOf, type Encryption } from "../../components/security/encryption.ts";
import { useKeyForObjects } from "../../components/security/key-use.ts";
import { createQueue, createTopic } from "../../components/security/messages.ts";
import { StreamingJob } from "../../components/streaming/streaming-job.ts";

export interface LivePaymentsArgs {
  readonly settings: PipelineSettings;
  /** Folder of the pipeline's output bucket that its batch job writes. */
  readonly table: string;
  readonly shards: number;
  readonly triggerSeconds: number;
  /** Records of a shard in one batch. */
  readonly maxRecordsPerShard: number;
  /** The newest days whose payments are known by their ids when they come again. */
  readonly rememberedDays: number;
  /** 0: the job goes on until somebody stops it. */
  readonly stopAfterIdleMinutes: number;
  readonly jobTimeoutMinutes: number;
}

/** The stream of payments, the job that writes them into a bucket of their own, and the functions around them. */
export class LivePayments extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;
  readonly stream: aws.kinesis.Stream;
  readonly job: StreamingJob;
  /** Puts a landed file into the stream. */
  readonly publisher: aws.lambda.Function;
  /** Deletes what a load has absorbed. */
  readonly cleaner: aws.lambda.Function;
  /** Jobs that were given up. */
  readonly failures: aws.sqs.Queue;
  readonly encryption: Encryption | undefined;
  readonly #account: Account;
  readonly #args: LivePaymentsArgs;

  constructor(name: string, args: LivePaymentsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("glue-pipeline:batch-and-stream:LivePayments", name, {}, opts);
    this.#args = args;
    this.#account = accountOf(this);
    this.encryption = encryptionOf(name, args.settings, this.#account, this);
    this.bucket = createBucket(`${name}-live`, args.settings, this.encryption, this).bucket;
    this.stream = new aws.kinesis.Stream(
      name,
      // Kinesis's own key costs nothing and needs no permission.
      { shardCount: args.shards, retentionPeriod: 168, encryptionType: "KMS", kmsKeyId: "alias/aws/kinesis" },
      { parent: this },
    );
    this.failures = createQueue(`${name}-job-failures`, this.encryption, this);
    this.job = this.#createJob(`${name}-live`);
    this.publisher = this.#createFunction(`${name}-publish`, "publish", {
      description: "Puts the lines of a file into a stream",
      statements: [{ sid: "WriteStream", actions: ["kinesis:PutRecords"], resources: [this.stream.arn] }],
      environment: { STREAM_ARN: this.stream.arn },
    });
    this.cleaner = this.#createFunction(`${name}-clean-up`, "clean-up", {
      description: "Deletes files that a load has absorbed",
      statements: [
        {
          sid: "DeleteLive",
          actions: ["s3:DeleteObject"],
          resources: objectsUnder(this.bucket.arn, ["live/", "late/"]),
        },
      ],
      environment: {},
    });
    this.registerOutputs({ bucket: this.bucket, stream: this.stream });
  }

  /** Where the batch job finds what the stream has told. */
  place(folder: "live/" | "late/"): pulumi.Output<string> {
    return pulumi.interpolate`s3://${this.bucket.id}/${folder}`;
  }

  /** Gives the functions what they need of the pipeline's buckets, which are there only once its stages, and so they, are. */
  connect(name: string, pipeline: GluePipeline): void {
    const arnOf = (bucket: pulumi.Output<string>) => pulumi.interpolate`arn:${this.#account.partition}:s3:::${bucket}`;
    const landing = arnOf(pipeline.landingBucket);
    const output = arnOf(pipeline.outputBucket);
    allowMore(
      `${name}-publish`,
      this.publisher,
      [
        readLanded({ arn: landing }, pipeline.landingPrefix),
        ...useKeyForObjects(this.encryption, { sid: "DecryptInput", actions: ["kms:Decrypt"], bucketArns: [landing] }),
      ],
      this,
    );
    const { table } = this.#args;
    allowMore(
      `${name}-clean-up`,
      this.cleaner,
      [
        {
          sid: "ReadManifests",
          actions: ["s3:GetObject"],
          resources: [pulumi.interpolate`${output}/${table}manifests/*`],
        },
        {
          sid: "ListManifests",
          actions: ["s3:ListBucket"],
          resources: [output],
          conditions: { StringLike: { "s3:prefix": [`${table}manifests/*`] } },
        },
        {
          sid: "DeleteFormerDays",
          actions: ["s3:DeleteObject"],
          resources: [pulumi.interpolate`${output}/${table}days/*`],
        },
        ...useKeyForObjects(this.encryption, {
          sid: "DecryptManifests",
          actions: ["kms:Decrypt"],
          bucketArns: [output],
        }),
      ],
      this,
    );
  }

  #createJob(name: string): StreamingJob {
    const { settings, ...args } = this.#args;
    const isReal = settings.mode === "real";
    const place = (folder: string) => pulumi.interpolate`s3://${this.bucket.id}/${folder}`;
    return new StreamingJob(
      name,
      {
        mode: settings.mode,
        job: {
          kind: "streaming",
          script: new URL("./scripts/load_live.py", import.meta.url),
          standIn: new URL("./stand-ins/load-live.ts", import.meta.url),
          workerType: "G.025X",
          numberOfWorkers: 2,
          timeoutMinutes: args.jobTimeoutMinutes,
        },
        stream: this.stream,
        checkpoint: { bucket: this.bucket, prefix: "checkpoint/" },
        arguments: {
          "--live": place("live/"),
          "--late": place("late/"),
          "--rejected": place("rejected/"),
          "--remembered_days": String(args.rememberedDays),
          "--max_records_per_shard": String(args.maxRecordsPerShard),
        },
        statements: folderStatements(this, { reads: [], writes: ["live/", "late/", "rejected/"] }),
        triggerSeconds: args.triggerSeconds,
        stopAfterIdleMinutes: args.stopAfterIdleMinutes,
        ...(settings.simulation && { simulation: settings.simulation }),
        artifacts: isReal ? createBucket(`${name}-artifacts`, settings, this.encryption, this).bucket : undefined,
        failureQueue: this.failures,
        resultsTopic: createTopic(`${name}-job-results`, this.encryption, this),
        account: this.#account,
        logRetentionDays: settings.logRetentionDays ?? pipelineDefaults.logRetentionDays,
        encryption: this.encryption,
      },
      { parent: this },
    );
  }

  #createFunction(
    name: string,
    file: "publish" | "clean-up",
    args: {
      readonly description: string;
      readonly statements: readonly Statement[];
      readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
    },
  ): aws.lambda.Function {
    const { settings } = this.#args;
    return new LambdaFunction(
      name,
      {
        ...args,
        entry: new URL(`./functions/${file}.ts`, import.meta.url),
        timeoutSeconds: 300,
        memoryMiB: 512,
        logRetentionDays: settings.logRetentionDays ?? pipelineDefaults.logRetentionDays,
        encryption: this.encryption,
      },
      { parent: this },
    ).function;
  }
}

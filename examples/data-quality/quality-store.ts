import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { accountOf, type Account } from "../../components/account.ts";
import { readLanded } from "../../components/glue-job.ts";
import { keepFailedEvents } from "../../components/function-events.ts";
import type { GluePipeline } from "../../components/glue-pipeline.ts";
import { allowMore, LambdaFunction } from "../../components/lambda-function.ts";
import { pipelineDefaults, type PipelineSettings } from "../../components/pipeline-args.ts";
import type { Statement } from "../../components/policy.ts";
import { createBucket } from "../../components/secure-bucket.ts";
import { encryptionOf, type Encryption } from "../../components/security/encryption.ts";
import { dataKeyStatements } from "../../components/security/glue-security.ts";
import { useKeyForObjects, useTableUnderKey } from "../../components/security/key-use.ts";
import { createTopic, publishUnderKey } from "../../components/security/messages.ts";

/** What the functions may do to one another's things. */
type Functions = Readonly<
  Record<"recordStart" | "checkSchema" | "publish" | "quarantine" | "recordFailure", aws.lambda.Function>
>;

export interface QualityStoreArgs {
  readonly settings: PipelineSettings;
  readonly dataset: string;
}

/**
 * What a data set's quality is kept in: a bucket with `accepted/`, `quarantine/`, `reports/` and `lineage/`, the table of
 * accepted schemas, the topic of the data's owner, and the functions of the stages.
 */
export class QualityStore extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;
  readonly schemas: aws.dynamodb.Table;
  readonly findings: aws.sns.Topic;
  readonly functions: Functions;
  /** The pipeline uses the same key. */
  readonly encryption: Encryption | undefined;
  readonly #account: Account;

  constructor(name: string, args: QualityStoreArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("glue-pipeline:data-quality:QualityStore", name, {}, opts);
    const { settings } = args;
    this.#account = accountOf(this);
    this.encryption = encryptionOf(name, settings, this.#account, this);
    this.bucket = createBucket(name, settings, this.encryption, this).bucket;
    this.schemas = createSchemas(name, this.encryption, this);
    this.findings = createTopic(`${name}-findings`, this.encryption, this);
    this.functions = this.#createFunctions(name, args);
    this.registerOutputs({ bucket: this.bucket, schemas: this.schemas, findings: this.findings });
  }

  /**
   * Lets the functions read what lands and what is profiled there, and hear of executions that fail. The pipeline's
   * buckets are there only once its stages, and so the functions, are.
   */
  connect(name: string, pipeline: GluePipeline): void {
    const { checkSchema, publish, quarantine } = this.functions;
    const { partition } = this.#account;
    const arnOf = (bucket: pulumi.Input<string>) => pulumi.interpolate`arn:${partition}:s3:::${bucket}`;
    const landing = arnOf(pipeline.landingBucket);
    const output = arnOf(pipeline.outputBucket);
    const profiles: Statement = {
      sid: "ReadProfiles",
      actions: ["s3:GetObject"],
      resources: [pulumi.interpolate`${output}/profile/*`],
    };
    const landed = readLanded({ arn: landing }, pipeline.landingPrefix);
    const decrypt = (...bucketArns: readonly pulumi.Input<string>[]) =>
      useKeyForObjects(this.encryption, { sid: "DecryptInput", actions: ["kms:Decrypt"], bucketArns });
    allowMore(`${name}-check-schema`, checkSchema, [profiles, ...decrypt(output)], this);
    allowMore(`${name}-publish`, publish, [profiles, landed, ...decrypt(output, landing)], this);
    allowMore(`${name}-quarantine`, quarantine, [profiles, landed, ...decrypt(output, landing)], this);
    this.#hearOfFailures(name, pipeline);
  }

  #createFunctions(name: string, { settings, dataset }: QualityStoreArgs): Functions {
    const { bucket, schemas, findings, encryption } = this;
    const writes = (...folders: readonly string[]): readonly Statement[] => [
      {
        sid: "WriteData",
        actions: ["s3:PutObject"],
        resources: folders.map((folder) => pulumi.interpolate`${bucket.arn}/${folder}/*`),
      },
      ...dataKeyStatements(encryption, { reads: [], writes: [bucket.arn] }).filter(
        ({ sid }) => sid === "EncryptOutput",
      ),
    ];
    const usesSchemas = (...actions: readonly string[]): readonly Statement[] => [
      { sid: "UseSchemas", actions, resources: [schemas.arn] },
      ...useTableUnderKey(encryption, schemas),
    ];
    const create = (
      part: string,
      description: string,
      statements: readonly Statement[],
      environment: Readonly<Record<string, pulumi.Input<string>>> = {},
    ): aws.lambda.Function =>
      new LambdaFunction(
        `${name}-${part}`,
        {
          entry: new URL(`./functions/${part}.ts`, import.meta.url),
          description,
          statements,
          environment: {
            DATA_BUCKET: bucket.id,
            SCHEMAS_TABLE: schemas.name,
            NAMESPACE: `glue-pipeline/${pulumi.getStack()}`,
            ...environment,
          },
          // S3 takes its time to copy some gigabytes.
          timeoutSeconds: 600,
          logRetentionDays: settings.logRetentionDays ?? pipelineDefaults.logRetentionDays,
          encryption,
        },
        { parent: this },
      ).function;
    return {
      recordStart: create("record-start", "Notes in the lineage that a run has begun", writes("lineage")),
      checkSchema: create(
        "check-schema",
        "Judges a file by its profile and its schema",
        usesSchemas("dynamodb:GetItem"),
      ),
      publish: create("publish", "Accepts a file and its schema", [
        ...writes("accepted", "reports", "lineage"),
        ...usesSchemas("dynamodb:GetItem", "dynamodb:PutItem"),
      ]),
      quarantine: create(
        "quarantine",
        "Sets a file apart and tells the data's owner",
        [
          ...writes("quarantine", "reports", "lineage"),
          ...usesSchemas("dynamodb:GetItem"),
          { sid: "TellOwner", actions: ["sns:Publish"], resources: [findings.arn] },
          ...publishUnderKey(encryption, "EncryptFindings", findings),
        ],
        { FINDINGS_TOPIC_ARN: findings.arn },
      ),
      recordFailure: create(
        "record-failure",
        "Notes in the lineage that a run has failed",
        [
          ...writes("lineage"),
          { sid: "KeepLostEvents", actions: ["sns:Publish"], resources: [findings.arn] },
          ...publishUnderKey(encryption, "EncryptLostEvents", findings),
        ],
        { DATASET: dataset },
      ),
    };
  }

  #hearOfFailures(name: string, { resultsTopicArn }: GluePipeline): void {
    const lambda = this.functions.recordFailure;
    keepFailedEvents(`${name}-record-failure`, lambda, { destination: this.findings.arn }, this);
    const permission = new aws.lambda.Permission(
      `${name}-record-failure`,
      {
        action: "lambda:InvokeFunction",
        function: lambda.name,
        principal: "sns.amazonaws.com",
        sourceArn: resultsTopicArn,
      },
      { parent: this },
    );
    new aws.sns.TopicSubscription(
      `${name}-record-failure`,
      {
        topic: resultsTopicArn,
        protocol: "lambda",
        endpoint: lambda.arn,
        filterPolicy: JSON.stringify({ outcome: ["failed"] }),
      },
      { parent: this, dependsOn: permission },
    );
  }
}

const createSchemas = (name: string, encryption: Encryption | undefined, parent: pulumi.Resource): aws.dynamodb.Table =>
  new aws.dynamodb.Table(
    `${name}-schemas`,
    {
      hashKey: "Dataset",
      attributes: [{ name: "Dataset", type: "S" }],
      billingMode: "PAY_PER_REQUEST",
      // Whoever deletes what was accepted lets the next file decide.
      pointInTimeRecovery: { enabled: true },
      ...(encryption && { serverSideEncryption: { enabled: true, kmsKeyArn: encryption.keyArn } }),
    },
    { parent },
  );

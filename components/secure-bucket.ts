import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { pipelineDefaults, type PipelineSettings } from "./pipeline-args.ts";
import { resourcePolicyDocument, tlsOnly, type ResourceStatement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";

export interface SecureBucketArgs {
  /** Versions that are no longer the current one are deleted after this many days. */
  readonly oldVersionDays: number;
  /** Lets a destroy delete the bucket with what is in it. */
  readonly forceDestroy: boolean;
  /** The key of its objects. @default S3's own */
  readonly encryption?: Encryption | undefined;
  /** What else does not stay for ever. @default nothing */
  readonly expiring?: readonly ExpiringFolder[];
}

/** Objects that are deleted so many days after they were written. */
export interface ExpiringFolder {
  /** Ends with a slash. */
  readonly prefix: string;
  readonly days: number;
}

/** A bucket that is private, encrypted, versioned, and reached over TLS only. */
export class SecureBucket extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;
  /** There before anything is read from or written to the bucket. */
  readonly versioning: aws.s3.BucketVersioning;

  constructor(name: string, args: SecureBucketArgs, opts: pulumi.ComponentResourceOptions) {
    super("glue-pipeline:index:SecureBucket", name, {}, opts);
    const child = { parent: this };

    this.bucket = new aws.s3.Bucket(name, { forceDestroy: args.forceDestroy }, child);
    const bucket = this.bucket.id;
    const publicAccess = new aws.s3.BucketPublicAccessBlock(
      name,
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      child,
    );
    new aws.s3.BucketOwnershipControls(name, { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }, child);
    new aws.s3.BucketServerSideEncryptionConfiguration(
      name,
      { bucket, rules: [encryptionRule(args.encryption)] },
      child,
    );
    this.versioning = new aws.s3.BucketVersioning(
      name,
      { bucket, versioningConfiguration: { status: "Enabled" } },
      child,
    );
    new aws.s3.BucketLifecycleConfiguration(
      name,
      { bucket, rules: [deleteOldVersions(args.oldVersionDays), ...(args.expiring ?? []).map(deleteExpired)] },
      // S3 refuses rules for old versions while it has not seen versioning enabled.
      { parent: this, dependsOn: this.versioning },
    );
    new aws.s3.BucketPolicy(
      name,
      { bucket, policy: resourcePolicyDocument(bucketStatements(this.bucket.arn, args.encryption)) },
      // Both write the bucket's policy status; one at a time, or S3 answers OperationAborted.
      { parent: this, dependsOn: publicAccess },
    );
    this.registerOutputs({ bucket: this.bucket, versioning: this.versioning });
  }
}

/** A bucket as a pipeline's settings want its buckets. */
export const createBucket = (
  name: string,
  { oldVersionDays, forceDestroy }: Pick<PipelineSettings, "oldVersionDays" | "forceDestroy">,
  encryption: Encryption | undefined,
  parent: pulumi.Resource,
  expiring: readonly ExpiringFolder[] = [],
): SecureBucket =>
  new SecureBucket(
    name,
    {
      oldVersionDays: oldVersionDays ?? pipelineDefaults.oldVersionDays,
      forceDestroy: forceDestroy ?? pipelineDefaults.forceDestroy,
      encryption,
      expiring,
    },
    { parent },
  );

const deleteOldVersions = (days: number): aws.types.input.s3.BucketLifecycleConfigurationRule => ({
  id: "delete-old-versions",
  status: "Enabled",
  filter: { prefix: "" },
  noncurrentVersionExpiration: { noncurrentDays: days },
  abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
});

/** Its versions then go as old versions do, and S3 takes the delete markers away that are left. */
const deleteExpired = ({ prefix, days }: ExpiringFolder): aws.types.input.s3.BucketLifecycleConfigurationRule => ({
  id: `delete-${prefix.replace(/\/$/, "").replaceAll("/", "-")}`,
  status: "Enabled",
  filter: { prefix },
  expiration: { days },
});

/** One data key serves many objects, so that reading and writing cost few calls to KMS. */
const encryptionRule = (
  encryption: Encryption | undefined,
): aws.types.input.s3.BucketServerSideEncryptionConfigurationRule =>
  encryption === undefined
    ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
    : {
        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: encryption.keyArn },
        bucketKeyEnabled: true,
      };

const bucketStatements = (
  arn: pulumi.Output<string>,
  encryption: Encryption | undefined,
): readonly ResourceStatement[] => {
  const objects = pulumi.interpolate`${arn}/*`;
  return [tlsOnly(["s3:*"], [arn, objects]), ...(encryption ? keyOnly(objects, encryption) : [])];
};

/** An upload may leave the encryption to the bucket; one that asks for another would get by the key. */
const keyOnly = (objects: pulumi.Output<string>, { keyArn }: Encryption): readonly ResourceStatement[] => [
  refuseUploads("KmsOnly", objects, "s3:x-amz-server-side-encryption", "aws:kms"),
  refuseUploads("OwnKeyOnly", objects, "s3:x-amz-server-side-encryption-aws-kms-key-id", keyArn),
];

const refuseUploads = (
  sid: string,
  objects: pulumi.Output<string>,
  header: string,
  allowed: pulumi.Input<string>,
): ResourceStatement => ({
  sid,
  effect: "Deny",
  principal: "*",
  actions: ["s3:PutObject"],
  resources: [objects],
  conditions: { Null: { [header]: "false" }, StringNotEquals: { [header]: allowed } },
});

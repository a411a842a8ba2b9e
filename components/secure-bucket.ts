import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface SecureBucketArgs {
  /** Versions that are no longer the current one are deleted after this many days. */
  readonly oldVersionDays: number;
  /** Lets a destroy delete the bucket with what is in it. */
  readonly forceDestroy: boolean;
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
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      child,
    );
    this.versioning = new aws.s3.BucketVersioning(
      name,
      { bucket, versioningConfiguration: { status: "Enabled" } },
      child,
    );
    new aws.s3.BucketLifecycleConfiguration(
      name,
      { bucket, rules: [deleteOldVersions(args.oldVersionDays)] },
      // S3 refuses rules for old versions while it has not seen versioning enabled.
      { parent: this, dependsOn: this.versioning },
    );
    new aws.s3.BucketPolicy(
      name,
      { bucket, policy: tlsOnly(this.bucket.arn) },
      // Both write the bucket's policy status; one at a time, or S3 answers OperationAborted.
      { parent: this, dependsOn: publicAccess },
    );
    this.registerOutputs({ bucket: this.bucket, versioning: this.versioning });
  }
}

const deleteOldVersions = (days: number): aws.types.input.s3.BucketLifecycleConfigurationRule => ({
  id: "delete-old-versions",
  status: "Enabled",
  filter: { prefix: "" },
  noncurrentVersionExpiration: { noncurrentDays: days },
  abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
});

const tlsOnly = (arn: pulumi.Output<string>): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, pulumi.interpolate`${arn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });

import { at, isOrMayBe, stackRule, unknownValue, type Declared, type StackRule, type Violation } from "./rule.ts";
import { statementsOf } from "./documents.ts";

const bucketTypes = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"];

/** What S3 keeps of a bucket beside it: each a resource that names the bucket. */
const companions = {
  encryption: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  versioning: "aws:s3/bucketVersioning:BucketVersioning",
  publicAccess: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  ownership: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  policy: "aws:s3/bucketPolicy:BucketPolicy",
} as const;

/** The buckets none of whose companions of a type is as it has to be. */
const bucketsWithout = (
  resources: readonly Declared[],
  type: string,
  isRight: (companion: Declared) => boolean,
  message: string,
): readonly Violation[] =>
  resources
    .filter((resource) => bucketTypes.includes(resource.type))
    .filter(
      ({ urn }) =>
        !resources.some((other) => other.type === type && other.sources("bucket").includes(urn) && isRight(other)),
    )
    .map(({ urn }) => ({ urn, message }));

const isEncrypted = ({ properties }: Declared): boolean =>
  ["AES256", "aws:kms", "aws:kms:dsse", unknownValue].some(
    (algorithm) => at(properties, "rules", 0, "applyServerSideEncryptionByDefault", "sseAlgorithm") === algorithm,
  );

const isPrivate = ({ properties }: Declared): boolean =>
  ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].every((property) =>
    isOrMayBe(properties[property], true),
  );

const refusesPlainHttp = (resource: Declared): boolean =>
  resource.properties.policy === unknownValue ||
  statementsOf(resource).some(
    ({ effect, conditions }) => effect === "Deny" && at(conditions, "Bool", "aws:SecureTransport") === "false",
  );

export const bucketRules: readonly StackRule[] = [
  stackRule({
    name: "bucket-encrypted",
    description: "A bucket says how it encrypts what is put into it.",
    level: "mandatory",
    settings: {},
    check: (resources) =>
      bucketsWithout(
        resources,
        companions.encryption,
        isEncrypted,
        "needs a BucketServerSideEncryptionConfiguration with AES256 or aws:kms",
      ),
  }),
  stackRule({
    name: "bucket-versioned",
    description: "A bucket keeps old versions: what was landed or written can be had again.",
    level: "mandatory",
    settings: {},
    check: (resources) =>
      bucketsWithout(
        resources,
        companions.versioning,
        ({ properties }) => isOrMayBe(at(properties, "versioningConfiguration", "status"), "Enabled"),
        "needs a BucketVersioning with status Enabled",
      ),
  }),
  stackRule({
    name: "bucket-private",
    description: "Nobody makes a bucket public, and whoever writes an object does not own it.",
    level: "mandatory",
    settings: {},
    check: (resources) => [
      ...bucketsWithout(
        resources,
        companions.publicAccess,
        isPrivate,
        "needs a BucketPublicAccessBlock with all four blocks on",
      ),
      ...bucketsWithout(
        resources,
        companions.ownership,
        ({ properties }) => isOrMayBe(at(properties, "rule", "objectOwnership"), "BucketOwnerEnforced"),
        "needs BucketOwnershipControls with objectOwnership BucketOwnerEnforced",
      ),
    ],
  }),
  stackRule({
    name: "bucket-tls-only",
    description: "A bucket refuses whoever comes without TLS.",
    level: "mandatory",
    settings: {},
    check: (resources) =>
      bucketsWithout(
        resources,
        companions.policy,
        refusesPlainHttp,
        'needs a BucketPolicy that denies what comes with "aws:SecureTransport": "false"',
      ),
  }),
];

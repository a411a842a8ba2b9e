import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { readLanded, writeActions, type JobData } from "./glue-job.ts";
import { literally, type Statement } from "./policy.ts";
import type { Encryption } from "./security/encryption.ts";
import { dataKeyStatements } from "./security/glue-security.ts";
import { isJob, writesOf, type JobInFlow } from "./stages/job-flow.ts";
import { landedFile, type Place, type Source } from "./stages/stage.ts";

/** The pipeline's own buckets. */
export interface PipelineBuckets {
  readonly landing: aws.s3.Bucket;
  readonly landingPrefix: string;
  readonly output: aws.s3.Bucket;
  readonly encryption: Encryption | undefined;
}

/** What a stage's job may do with data: read its sources, write its own part of the output bucket, and nothing else. */
export const stageData = (
  buckets: PipelineBuckets,
  { reads, writes }: Pick<JobInFlow, "reads" | "writes">,
): JobData => {
  const { landing, landingPrefix, output, encryption } = buckets;
  const places = reads.flatMap((source) => placeOf(source, output));
  const readsLanded = reads.includes(landedFile);
  // What it writes there it may decrypt, and so what others have written.
  const others = new Set([...(readsLanded ? [landing] : []), ...places.map(({ bucket }) => bucket)]);
  others.delete(output);
  const keyStatements = dataKeyStatements(encryption, {
    reads: [...others].map(({ arn }) => arn),
    writes: [output.arn],
  });
  return {
    encryption,
    statements: [
      ...(readsLanded ? [readLanded(landing, landingPrefix)] : []),
      ...readPlaces(places),
      ...writePlace({ bucket: output, prefix: writes.prefix }),
      ...keyStatements.filter(({ sid }) => sid !== "DecryptInput" || others.size > 0),
    ],
  };
};

/** Where a source other than the landed file is. */
const placeOf = (source: Source, output: aws.s3.Bucket): readonly Place[] => {
  if (source === landedFile) return [];
  return isJob(source) ? [{ bucket: output, prefix: writesOf(source).prefix }] : [source];
};

const readPlaces = (places: readonly Place[]): readonly Statement[] => {
  if (places.length === 0) return [];
  const buckets = [...new Set(places.map(({ bucket }) => bucket))];
  return [
    { sid: "ReadInput", actions: ["s3:GetObject"], resources: places.map(objectsOf) },
    ...buckets.map((bucket, index) => ({
      sid: index === 0 ? "ListInput" : `ListInput${index + 1}`,
      actions: ["s3:ListBucket"],
      resources: [bucket.arn],
      conditions: under(places.filter((place) => place.bucket === bucket).map(({ prefix }) => prefix)),
    })),
  ];
};

const writePlace = (place: Place): readonly Statement[] => [
  {
    sid: "WriteOutput",
    actions: writeActions,
    resources: [
      objectsOf(place),
      ...foldersOf(place.prefix).map((marker) => pulumi.interpolate`${place.bucket.arn}/${literally(marker)}`),
    ],
  },
  { sid: "ListOutput", actions: ["s3:ListBucket"], resources: [place.bucket.arn], conditions: under([place.prefix]) },
  // S3 has no condition on what is asked for here.
  { sid: "ListUploads", actions: ["s3:ListBucketMultipartUploads"], resources: [place.bucket.arn] },
];

const objectsOf = ({ bucket, prefix }: Place): pulumi.Output<string> =>
  pulumi.interpolate`${bucket.arn}/${literally(prefix)}*`;

/** A folder is looked for with and without its slash. */
const under = (prefixes: readonly string[]) => ({
  StringLike: {
    "s3:prefix": prefixes.flatMap((prefix) =>
      prefix === "" ? ["*"] : [`${literally(prefix)}*`, literally(prefix.replace(/\/$/, ""))],
    ),
  },
});

/** The objects that stand for a folder and those above it, which Glue's Spark writes beside them: `a_$folder$`. */
const foldersOf = (prefix: string): readonly string[] => {
  const parts = prefix.split("/").filter((part) => part !== "");
  return parts.map((_, index) => `${parts.slice(0, index + 1).join("/")}_$folder$`);
};

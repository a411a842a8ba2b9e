import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../account.ts";
import type { Statement } from "../policy.ts";
import type { AnyJob } from "./kinds.ts";
import { nameOf } from "./local-files.ts";
import { fileFields } from "./managed-arguments.ts";
import { s3Place } from "./uri.ts";

/** Where something that the job writes besides its output lies: in the artifacts bucket, or where its field says. */
export interface Store {
  readonly bucketArn: pulumi.Input<string>;
  /** With a slash at its end; empty for a whole bucket. */
  readonly prefix: string;
  readonly uri: pulumi.Input<string>;
}

export const artifactsStore = (artifacts: aws.s3.Bucket, prefix: string): Store => ({
  bucketArn: artifacts.arn,
  prefix,
  uri: pulumi.interpolate`s3://${artifacts.id}/${prefix}`,
});

export const namedStore = (uri: string, { partition }: Account): Store => {
  const { bucket = "", key = "" } = s3Place(uri) ?? {};
  const prefix = key === "" || key.endsWith("/") ? key : `${key}/`;
  return { bucketArn: pulumi.interpolate`arn:${partition}:s3:::${bucket}`, prefix, uri };
};

/** To read, write and clear what is in a store. `what` begins a statement's name: TempDir, EventLogs. */
export const storeStatements = (what: string, { bucketArn, prefix }: Store): readonly Statement[] => [
  {
    sid: `Use${what}`,
    actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
    resources: [pulumi.interpolate`${bucketArn}/${prefix}*`],
  },
  {
    sid: `List${what}`,
    actions: ["s3:ListBucket"],
    resources: [bucketArn],
    ...(prefix !== "" && { conditions: { StringLike: { "s3:prefix": [`${prefix}*`, prefix.slice(0, -1)] } } }),
  },
];

/** To read the script and the files. */
export const fileStatements = (job: AnyJob, artifacts: aws.s3.Bucket, { partition }: Account): readonly Statement[] => {
  const given = fileFields.flatMap((field) => job[field] ?? []);
  const isLocal = given.some((file) => nameOf(file).path !== undefined);
  const places = [...given, ...(job.pythonModules ?? [])]
    .map((file) => s3Place(String(file)))
    .filter((place) => place !== undefined);
  return [
    {
      sid: "ReadScript",
      actions: ["s3:GetObject"],
      resources: [
        pulumi.interpolate`${artifacts.arn}/scripts/*`,
        ...(isLocal ? [pulumi.interpolate`${artifacts.arn}/files/*`] : []),
      ],
    },
    ...(places.length > 0
      ? [
          {
            sid: "ReadFiles",
            actions: ["s3:GetObject"],
            resources: places.map(({ bucket, key }) => pulumi.interpolate`arn:${partition}:s3:::${bucket}/${key}`),
          },
        ]
      : []),
  ];
};

/** Glue's own log groups and the job's lie under one name. */
export const logStatements = (job: AnyJob, { id, region, partition }: Account): readonly Statement[] => {
  const resources = [pulumi.interpolate`arn:${partition}:logs:${region}:${id}:log-group:/aws-glue/*`];
  return [
    { sid: "WriteLogs", actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], resources },
    ...(job.securityConfiguration === undefined
      ? []
      : // Glue encrypts the log groups that it makes.
        [{ sid: "EncryptLogs", actions: ["logs:AssociateKmsKey"], resources }]),
  ];
};

export const putMetrics: Statement = {
  sid: "PutMetrics",
  actions: ["cloudwatch:PutMetricData"],
  // CloudWatch has no narrower resource for metrics; the namespace bounds it.
  resources: ["*"],
  conditions: { StringEquals: { "cloudwatch:namespace": "Glue" } },
};

/** Spark asks for these two even if no query names them. */
const alwaysAsked = ["default", "global_temp"];

/** To use databases of the Data Catalog as Spark's own. */
export const catalogStatements = (
  { glueDataCatalog: databases = [] }: AnyJob,
  { id, region, partition }: Account,
): readonly Statement[] => {
  if (databases.length === 0) return [];
  const arn = (what: string) => pulumi.interpolate`arn:${partition}:glue:${region}:${id}:${what}`;
  const named = databases.includes("*") ? ["*"] : databases;
  const asked = named.includes("*") ? named : [...new Set([...named, ...alwaysAsked])];
  return [
    {
      sid: "ReadCatalog",
      actions: [
        "glue:GetDatabase",
        "glue:GetDatabases",
        "glue:GetTable",
        "glue:GetTables",
        "glue:GetPartition",
        "glue:GetPartitions",
        "glue:BatchGetPartition",
        "glue:GetUserDefinedFunction",
        "glue:GetUserDefinedFunctions",
      ],
      resources: [
        arn("catalog"),
        ...asked.flatMap((name) => [
          arn(`database/${name}`),
          arn(`table/${name}/*`),
          arn(`userDefinedFunction/${name}/*`),
        ]),
      ],
    },
    {
      sid: "WriteCatalog",
      actions: [
        "glue:CreateTable",
        "glue:UpdateTable",
        "glue:CreatePartition",
        "glue:UpdatePartition",
        "glue:BatchCreatePartition",
      ],
      resources: [arn("catalog"), ...named.flatMap((name) => [arn(`database/${name}`), arn(`table/${name}/*`)])],
    },
  ];
};

/** To read connections, and to put network interfaces into the networks that they lead to. */
export const connectionStatements = (
  { connections = [] }: AnyJob,
  { id, region, partition }: Account,
): readonly Statement[] => {
  if (connections.length === 0) return [];
  const glue = (what: pulumi.Input<string>) => pulumi.interpolate`arn:${partition}:glue:${region}:${id}:${what}`;
  const ec2 = (what: string) => pulumi.interpolate`arn:${partition}:ec2:${region}:${id}:${what}/*`;
  return [
    {
      sid: "ReadConnections",
      actions: ["glue:GetConnection", "glue:GetConnections"],
      resources: [glue("catalog"), ...connections.map((name) => glue(pulumi.interpolate`connection/${name}`))],
    },
    {
      sid: "LookAtNetwork",
      actions: [
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcEndpoints",
      ],
      // EC2 has no narrower resource for what only describes.
      resources: ["*"],
    },
    { sid: "LookAtVpcs", actions: ["ec2:DescribeVpcAttribute"], resources: [ec2("vpc")] },
    {
      sid: "CreateNetworkInterfaces",
      actions: ["ec2:CreateNetworkInterface"],
      resources: [ec2("network-interface"), ec2("subnet"), ec2("security-group")],
    },
    {
      sid: "DeleteNetworkInterfaces",
      actions: ["ec2:DeleteNetworkInterface"],
      resources: [ec2("network-interface")],
    },
    {
      sid: "TagNetworkInterfaces",
      actions: ["ec2:CreateTags", "ec2:DeleteTags"],
      resources: [ec2("network-interface")],
      conditions: { "ForAllValues:StringEquals": { "aws:TagKeys": ["aws-glue-service-resource"] } },
    },
  ];
};

/** To read the Kinesis data stream that `--stream_arn` names: a role may read no stream that its job does not know. */
export const streamStatements = ({ kind, defaultArguments, nonOverridableArguments }: AnyJob): readonly Statement[] => {
  const arn = { ...defaultArguments, ...nonOverridableArguments }["--stream_arn"];
  if (kind !== "streaming" || arn === undefined) return [];
  return [readStream(arn)];
};

/** To read a Kinesis data stream as Spark does. */
export const readStream = (arn: pulumi.Input<string>): Statement => ({
  sid: "ReadStream",
  actions: [
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
  ],
  resources: [arn],
});

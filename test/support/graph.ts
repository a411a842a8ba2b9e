import { asset } from "@pulumi/pulumi";
import type { Resource, ResourceGraph } from "../../local/resource-graph.ts";

export const region = "eu-central-1";
export const accountId = "123456789012";

/** A resource as a program would give it, with the outputs that AWS would add. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** A ResourceGraph by hand. */
export const graphOf = (declared: readonly Declared[], directory = "."): ResourceGraph => ({
  project: "test",
  stack: "test",
  directory,
  region,
  accountId,
  resources: declared.map(resourceOf),
  outputs: {},
  messages: [],
});

const resourceOf = ({ type, name, given, outputs }: Declared): Resource => ({
  type,
  name,
  urn: `urn:pulumi:test::test::${type}::${name}`,
  id: name,
  dependencies: [],
  properties: { ...given, ...outputs },
  given: Object.keys(given),
});

export interface PolicyStatement {
  readonly Effect?: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

export const policy = (...statements: readonly PolicyStatement[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  });

export const roleArn = (name: string): string => `arn:aws:iam::${accountId}:role/${name}`;

/** A role that the service may take on, with one inline policy of these statements. */
export const role = (name: string, service: string, ...statements: readonly PolicyStatement[]): Declared[] => [
  {
    type: "aws:iam/role:Role",
    name,
    given: { assumeRolePolicy: policy({ Principal: { Service: service }, Action: "sts:AssumeRole" }) },
    outputs: { name, arn: roleArn(name) },
  },
  ...(statements.length === 0
    ? []
    : [{ type: "aws:iam/rolePolicy:RolePolicy", name, given: { role: name, policy: policy(...statements) } }]),
];

export const bucket = (name: string): Declared => ({
  type: "aws:s3/bucket:Bucket",
  name,
  given: { bucket: name },
  outputs: { id: name, arn: `arn:aws:s3:::${name}` },
});

export const versioned = (name: string): Declared => ({
  type: "aws:s3/bucketVersioning:BucketVersioning",
  name,
  given: { bucket: name, versioningConfiguration: { status: "Enabled" } },
});

export const queueArn = (name: string): string => `arn:aws:sqs:${region}:${accountId}:${name}`;
export const queueUrl = (name: string): string => `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;

export const queue = (name: string, given: Readonly<Record<string, unknown>> = {}): Declared => ({
  type: "aws:sqs/queue:Queue",
  name,
  given,
  outputs: { name, arn: queueArn(name), url: queueUrl(name), id: queueUrl(name) },
});

export const streamArn = (name: string): string => `arn:aws:kinesis:${region}:${accountId}:stream/${name}`;

export const stream = (name: string, given: Readonly<Record<string, unknown>> = {}): Declared => ({
  type: "aws:kinesis/stream:Stream",
  name,
  given,
  outputs: { name, arn: streamArn(name), id: streamArn(name) },
});

export const topicArn = (name: string): string => `arn:aws:sns:${region}:${accountId}:${name}`;

export const topic = (name: string): Declared => ({
  type: "aws:sns/topic:Topic",
  name,
  given: {},
  outputs: { name, arn: topicArn(name) },
});

export const tableArn = (name: string): string => `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;

export const table = (name: string, given: Readonly<Record<string, unknown>> = {}): Declared => ({
  type: "aws:dynamodb/table:Table",
  name,
  given: {
    hashKey: "Id",
    attributes: [
      { name: "Id", type: "S" },
      { name: "Since", type: "N" },
    ],
    ...given,
  },
  outputs: { name, arn: tableArn(name) },
});

export const functionArn = (name: string): string => `arn:aws:lambda:${region}:${accountId}:function:${name}`;

/** A function of the probe handler, with a role of its own that may do what the statements say. */
export const lambda = (
  name: string,
  given: Readonly<Record<string, unknown>> = {},
  ...statements: readonly PolicyStatement[]
): Declared[] => [
  ...role(`${name}-role`, "lambda.amazonaws.com", ...statements),
  {
    type: "aws:lambda/function:Function",
    name,
    given: {
      handler: "probe.handler",
      runtime: "nodejs24.x",
      code: bundle("// handler: test/support/handlers/probe.ts\nmodule.exports = {};"),
      role: roleArn(`${name}-role`),
      ...given,
    },
    outputs: { name, arn: functionArn(name) },
  },
];

/** A function's archive. */
export const bundle = (text: string, file = "probe.js"): asset.AssetArchive =>
  new asset.AssetArchive({ [file]: new asset.StringAsset(text) });

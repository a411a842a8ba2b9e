import { createHash } from "node:crypto";
import { ec2Id, vpcOf } from "./network.ts";

/** Where the embedded cloud's resources live. */
export interface Place {
  readonly project: string;
  readonly region: string;
  readonly accountId: string;
}

export interface Physical {
  readonly id: string;
  /** What AWS adds to a resource's inputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

type Inputs = Readonly<Record<string, unknown>>;

/**
 * What AWS would call a resource. The random part of an auto-generated name comes from the resource's type and name, so
 * that one program gets the same names in every stack and at every evaluation.
 */
export const physicalOf = (type: string, name: string, inputs: Inputs, place: Place): Physical => {
  const describe = byType[type];
  const generated = `${typeof inputs.namePrefix === "string" ? inputs.namePrefix : `${name}-`}${suffix(type, name, place)}`;
  return describe?.(generated, inputs, place) ?? { id: generated, outputs: {} };
};

const suffix = (type: string, name: string, { project }: Place): string =>
  createHash("sha256").update(`${project}\0${type}\0${name}`).digest("hex").slice(0, 7);

type Describe = (generated: string, inputs: Inputs, place: Place) => Physical;

/** A resource with a name, an id that is the name, and an ARN. */
const named =
  (arn: (name: string, place: Place) => string, more: (name: string, place: Place) => Inputs = () => ({})): Describe =>
  (generated, inputs, place) => {
    const name = typeof inputs.name === "string" ? inputs.name : generated;
    return { id: name, outputs: { name, arn: arn(name, place), ...more(name, place) } };
  };

/** The same, where the id is the ARN. */
const identifiedByArn =
  (arn: (name: string, place: Place) => string): Describe =>
  (generated, inputs, place) => {
    const { outputs } = named(arn)(generated, inputs, place);
    return { id: String(outputs.arn), outputs };
  };

const regional =
  (service: string, resource: string) =>
  (name: string, { region, accountId }: Place) =>
    `arn:aws:${service}:${region}:${accountId}:${resource}${name}`;

/** A part of a bucket's or a function's settings goes by the id of what it belongs to. */
const partOf =
  (owner: string): Describe =>
  (generated, inputs) => ({ id: typeof inputs[owner] === "string" ? inputs[owner] : generated, outputs: {} });

const role: Describe = (generated, inputs, place) =>
  named(
    (name, { accountId }) =>
      `arn:aws:iam::${accountId}:role${typeof inputs.path === "string" ? inputs.path : "/"}${name}`,
  )(generated, inputs, place);

const bucket: Describe = (generated, inputs) => {
  const name = typeof inputs.bucket === "string" ? inputs.bucket : generated;
  return { id: name, outputs: { bucket: name, arn: `arn:aws:s3:::${name}` } };
};

const queue: Describe = (generated, inputs, place) => {
  const ending = inputs.fifoQueue === true ? ".fifo" : "";
  const { outputs } = named(regional("sqs", ""))(`${generated}${ending}`, inputs, place);
  const url = `https://sqs.${place.region}.amazonaws.com/${place.accountId}/${String(outputs.name)}`;
  return { id: url, outputs: { ...outputs, url } };
};

const key: Describe = (generated, _, place) => {
  const hex = createHash("sha256").update(`${place.project}\0${generated}`).digest("hex");
  const keyId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  return { id: keyId, outputs: { keyId, arn: regional("kms", "key/")(keyId, place) } };
};

const catalogTable: Describe = (generated, inputs, place) => {
  const name = typeof inputs.name === "string" ? inputs.name : generated;
  const database = String(inputs.databaseName);
  return {
    id: `${place.accountId}:${database}:${name}`,
    outputs: { name, arn: regional("glue", "table/")(`${database}/${name}`, place) },
  };
};

/** What EC2 names by an id of its own. */
const ofEc2 =
  (prefix: string, more: (id: string) => Inputs = () => ({})): Describe =>
  (generated, _, { project }) => {
    const id = ec2Id(prefix, project, generated);
    return { id, outputs: more(id) };
  };

const byType: Readonly<Record<string, Describe>> = {
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketObjectv2:BucketObjectv2": (_, inputs) => ({
    id: `${String(inputs.bucket)}/${String(inputs.key)}`,
    outputs: {},
  }),
  "aws:s3/bucketVersioning:BucketVersioning": partOf("bucket"),
  "aws:s3/bucketPolicy:BucketPolicy": partOf("bucket"),
  "aws:s3/bucketNotification:BucketNotification": partOf("bucket"),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": partOf("bucket"),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": partOf("bucket"),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": partOf("bucket"),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": partOf("bucket"),
  "aws:iam/role:Role": role,
  "aws:cloudwatch/eventRule:EventRule": named(regional("events", "rule/")),
  "aws:cloudwatch/metricAlarm:MetricAlarm": named(regional("cloudwatch", "alarm:")),
  "aws:cloudwatch/logGroup:LogGroup": named(regional("logs", "log-group:")),
  "aws:lambda/function:Function": named(regional("lambda", "function:")),
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": partOf("functionName"),
  "aws:dynamodb/table:Table": named(regional("dynamodb", "table/")),
  "aws:sqs/queue:Queue": queue,
  "aws:kinesis/stream:Stream": identifiedByArn(regional("kinesis", "stream/")),
  "aws:sns/topic:Topic": identifiedByArn(regional("sns", "")),
  "aws:sfn/stateMachine:StateMachine": identifiedByArn(regional("states", "stateMachine:")),
  "aws:glue/job:Job": named(regional("glue", "job/")),
  "aws:glue/catalogDatabase:CatalogDatabase": named(regional("glue", "database/")),
  "aws:glue/catalogTable:CatalogTable": catalogTable,
  "aws:glue/connection:Connection": named(regional("glue", "connection/")),
  "aws:glue/securityConfiguration:SecurityConfiguration": named(regional("glue", "security-configuration/")),
  "aws:kms/key:Key": key,
  "aws:kms/alias:Alias": named(regional("kms", "")),
  "aws:sns/topicPolicy:TopicPolicy": partOf("arn"),
  "aws:sqs/queuePolicy:QueuePolicy": partOf("queueUrl"),
  "aws:ec2/securityGroup:SecurityGroup": ofEc2("sg"),
  "aws:ec2/vpcEndpoint:VpcEndpoint": ofEc2("vpce", (id) => ({ prefixListId: ec2Id("pl", id) })),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ofEc2("sgr"),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ofEc2("sgr"),
  "awsx:ec2:Vpc": vpcOf,
};

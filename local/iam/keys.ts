import type { Resource, ResourceGraph } from "../resource-graph.ts";
import { Properties } from "../services/properties.ts";
import type { Permission } from "../services/service.ts";

/** A key in use: its ARN, and what the service that uses it says that it is for. */
interface KeyUse {
  readonly key: string;
  readonly context: Readonly<Record<string, string>>;
}

/** Actions on a key that an operation on something encrypted stands for, as the caller. */
const byOperation: Readonly<Record<string, readonly string[]>> = {
  "s3:getObject": ["kms:Decrypt"],
  "s3:putObject": ["kms:GenerateDataKey"],
  "sqs:receiveMessage": ["kms:Decrypt"],
  // The data key is decrypted once, to see that it is one.
  "sqs:sendMessage": ["kms:GenerateDataKey", "kms:Decrypt"],
  "sqs:sendMessageBatch": ["kms:GenerateDataKey", "kms:Decrypt"],
  "sns:publish": ["kms:GenerateDataKey", "kms:Decrypt"],
  "kinesis:putRecord": ["kms:GenerateDataKey"],
  "kinesis:putRecords": ["kms:GenerateDataKey"],
  "kinesis:getRecords": ["kms:Decrypt"],
  "states:describeExecution": ["kms:Decrypt"],
  "states:getExecutionHistory": ["kms:Decrypt"],
};

/** The keys that encrypt what a program declares, and what of them each use of it needs. Keys of AWS's own ask nobody. */
export class Keys {
  readonly #region: string;
  readonly #accountId: string;
  /** By any name that a resource may give a key. */
  readonly #arns = new Map<string, string>();
  /** By the encrypted resource's ARN. */
  readonly #uses = new Map<string, KeyUse>();

  constructor(graph: ResourceGraph) {
    this.#region = graph.region;
    this.#accountId = graph.accountId;
    for (const resource of graph.resources) this.#readKey(resource, graph);
    for (const resource of graph.resources) this.#readUse(resource);
  }

  /** What a caller needs besides the permission for the operation itself. */
  neededFor(service: string, operation: string, { action, resource }: Permission): readonly Permission[] {
    return this.#permissions(ownerOf(resource), actionsFor(service, operation, action), service);
  }

  /** What a function's role needs to see its environment. */
  neededForEnvironment(functionArn: string): readonly Permission[] {
    return this.#permissions(functionArn, ["kms:Decrypt"], "lambda");
  }

  /** What a state machine's role needs to keep its executions. */
  neededForExecutions(machineArn: string): readonly Permission[] {
    return this.#permissions(machineArn, ["kms:GenerateDataKey", "kms:Decrypt"]);
  }

  /** What a service needs that sends to a queue or a topic; a function's event needs no key. */
  neededForDelivery(target: string): readonly Permission[] {
    const isMessage = /^arn:[^:]+:(sns|sqs):/.test(target);
    return isMessage ? this.#permissions(target, ["kms:GenerateDataKey", "kms:Decrypt"]) : [];
  }

  /** The ARN of a key by its id, its ARN or one of its aliases; nothing for AWS's own. */
  arnOf(reference: string): string | undefined {
    if (/^(arn:[^:]+:kms:.*:)?alias\/aws\//.test(reference)) return undefined;
    return this.#arns.get(reference) ?? reference;
  }

  #permissions(owner: string, actions: readonly string[], via?: string): readonly Permission[] {
    const use = this.#uses.get(owner);
    if (use === undefined) return [];
    const context = {
      ...use.context,
      "kms:CallerAccount": this.#accountId,
      ...(via !== undefined && { "kms:ViaService": `${via}.${this.#region}.amazonaws.com` }),
    };
    return actions.map((action) => ({ action, resource: use.key, context }));
  }

  #readKey({ type, properties }: Resource, { region, accountId }: ResourceGraph): void {
    if (type === "aws:kms/key:Key") {
      for (const name of [properties.keyId, properties.arn]) this.#arns.set(String(name), String(properties.arn));
    } else if (type === "aws:kms/alias:Alias") {
      const [name, target] = [String(properties.name), String(properties.targetKeyId)];
      const key = target.startsWith("arn:") ? target : `arn:aws:kms:${region}:${accountId}:key/${target}`;
      this.#arns.set(name, key);
      this.#arns.set(`arn:aws:kms:${region}:${accountId}:${name}`, key);
    }
  }

  #readUse(resource: Resource): void {
    const read = readers[resource.type];
    if (read === undefined) return;
    const { owner, key, context } = read(Properties.of(resource), this.#accountId);
    const arn = key === undefined ? undefined : this.arnOf(key);
    if (arn !== undefined) this.#uses.set(owner, { key: arn, context });
  }
}

/** An object is encrypted with its bucket's key, an execution with its machine's. */
const ownerOf = (resource: string): string => {
  if (resource.startsWith("arn:aws:s3:::")) return resource.split("/", 1)[0] ?? "";
  return resource.replace(/^(arn:[^:]+:states:[^:]*:[^:]*):execution:([^:]+):.*$/, "$1:stateMachine:$2");
};

const actionsFor = (service: string, operation: string, action: string): readonly string[] => {
  // A table's key is decrypted for whatever is done with its items.
  if (service === "dynamodb") return ["kms:Decrypt"];
  if (operation === "copyObject") return action === "s3:PutObject" ? ["kms:GenerateDataKey"] : ["kms:Decrypt"];
  return byOperation[`${service}:${operation}`] ?? [];
};

interface DeclaredUse {
  /** ARN of what is encrypted. */
  readonly owner: string;
  readonly key: string | undefined;
  readonly context: Readonly<Record<string, string>>;
}

/** Where each type of resource names its key, and the encryption context of its service. */
const readers: Readonly<Record<string, (properties: Properties, accountId: string) => DeclaredUse>> = {
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (properties) => {
    const owner = `arn:aws:s3:::${properties.string("bucket")}`;
    const [rule] = properties.children("rules");
    const byDefault = rule?.child("applyServerSideEncryptionByDefault");
    const key =
      byDefault?.string("sseAlgorithm") === "aws:kms" ? byDefault.optionalString("kmsMasterKeyId") : undefined;
    // Without a bucket key it would be the object; a policy for both has to name both.
    return { owner, key, context: { "kms:EncryptionContext:aws:s3:arn": owner } };
  },
  "aws:sqs/queue:Queue": (properties) => ({
    owner: properties.string("arn"),
    key: properties.optionalString("kmsMasterKeyId"),
    context: { "kms:EncryptionContext:aws:sqs:arn": properties.string("arn") },
  }),
  "aws:sns/topic:Topic": (properties) => ({
    owner: properties.string("arn"),
    key: properties.optionalString("kmsMasterKeyId"),
    context: { "kms:EncryptionContext:aws:sns:topicArn": properties.string("arn") },
  }),
  "aws:kinesis/stream:Stream": (properties) => ({
    owner: properties.string("arn"),
    key: properties.optionalString("encryptionType") === "KMS" ? properties.optionalString("kmsKeyId") : undefined,
    context: { "kms:EncryptionContext:aws:kinesis:arn": properties.string("arn") },
  }),
  "aws:dynamodb/table:Table": (properties, accountId) => ({
    owner: properties.string("arn"),
    key: properties.child("serverSideEncryption")?.optionalString("kmsKeyArn"),
    context: {
      "kms:EncryptionContext:aws:dynamodb:tableName": properties.string("name"),
      "kms:EncryptionContext:aws:dynamodb:subscriberId": accountId,
    },
  }),
  "aws:lambda/function:Function": (properties) => {
    const variables = properties.child("environment")?.optionalAny("variables") ?? {};
    return {
      owner: properties.string("arn"),
      key: Object.keys(variables).length > 0 ? properties.optionalString("kmsKeyArn") : undefined,
      context: { "kms:EncryptionContext:aws:lambda:FunctionArn": properties.string("arn") },
    };
  },
  "aws:sfn/stateMachine:StateMachine": (properties) => {
    const encryption = properties.child("encryptionConfiguration");
    const isOwn = encryption?.optionalString("type") === "CUSTOMER_MANAGED_KMS_KEY";
    return {
      owner: properties.string("arn"),
      key: isOwn ? encryption.optionalString("kmsKeyId") : undefined,
      context: { "kms:EncryptionContext:aws:states:stateMachineArn": properties.string("arn") },
    };
  },
};

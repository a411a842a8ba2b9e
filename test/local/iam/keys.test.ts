import { expect } from "chai";
import { createCloud } from "../../../local/cloud.ts";
import { VirtualClock } from "../../../local/clock.ts";
import {
  accountId,
  bucket,
  type Declared,
  graphOf,
  lambda,
  policy,
  type PolicyStatement,
  queue,
  queueArn,
  queueUrl,
  region,
  role,
  roleArn,
  table,
  tableArn,
  topic,
  topicArn,
} from "../../support/graph.ts";
import { errorOf, start, testWorld, type TestWorld } from "../../support/world.ts";

const keyArn = `arn:aws:kms:${region}:${accountId}:key/k1`;
const root = { AWS: `arn:aws:iam::${accountId}:root` };
const leftToRoles: PolicyStatement = { Principal: root, Action: "kms:*", Resource: "*" };

const key = (...statements: readonly PolicyStatement[]): Declared => ({
  type: "aws:kms/key:Key",
  name: "k",
  given: statements.length === 0 ? {} : { policy: policy(...statements) },
  outputs: { keyId: "k1", arn: keyArn },
});

const alias: Declared = {
  type: "aws:kms/alias:Alias",
  name: "a",
  given: { name: "alias/own", targetKeyId: "k1" },
};

const encrypted = (name: string, kmsMasterKeyId = keyArn): Declared[] => [
  bucket(name),
  {
    type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    name,
    given: {
      bucket: name,
      rules: [
        { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId }, bucketKeyEnabled: true },
      ],
    },
  },
];

/** A role that may do all but with keys what it is told. */
const caller = (...statements: readonly PolicyStatement[]): Declared[] =>
  role(
    "r",
    "lambda.amazonaws.com",
    { Action: ["s3:*", "sqs:*", "sns:*", "dynamodb:*", "lambda:*"], Resource: "*" },
    ...statements,
  );

const use = (action: string | readonly string[], more: PolicyStatement = {}): PolicyStatement => ({
  Action: action,
  Resource: keyArn,
  ...more,
});

const call = (world: TestWorld, service: string, operation: string, input: object): Promise<unknown> =>
  world.api.call(roleArn("r"), service, operation, input);

const put = (world: TestWorld): Promise<unknown> =>
  call(world, "s3", "putObject", { Bucket: "box", Key: "a", Body: "x" });
const get = (world: TestWorld): Promise<unknown> => call(world, "s3", "getObject", { Bucket: "box", Key: "a" });

describe("Keys", () => {
  it("let in who may write and who may read, each by an action of its own", async () => {
    const writer = await testWorld([key(leftToRoles), ...encrypted("box"), ...caller(use("kms:GenerateDataKey"))]);
    await put(writer);
    const { name, message } = await errorOf(() => get(writer));
    expect(name).to.equal("AccessDenied");
    expect(message).to.equal(
      `User: arn:aws:sts::${accountId}:assumed-role/r/embedded is not authorized to perform: kms:Decrypt on resource: ` +
        `${keyArn} because no identity-based policy allows the kms:Decrypt action`,
    );
    const reader = await testWorld([key(leftToRoles), ...encrypted("box"), ...caller(use("kms:Decrypt"))]);
    expect((await errorOf(() => put(reader))).message).to.contain("kms:GenerateDataKey");
    await reader.s3.putObject({ Bucket: "box", Key: "a", Body: "x" });
    await get(reader);
  });

  it("are not asked for an object's head, nor where a bucket has S3's own", async () => {
    const world = await testWorld([key(leftToRoles), ...encrypted("box"), bucket("plain"), ...caller()]);
    await world.s3.putObject({ Bucket: "box", Key: "a", Body: "x" });
    await call(world, "s3", "headObject", { Bucket: "box", Key: "a" });
    await call(world, "s3", "putObject", { Bucket: "plain", Key: "a", Body: "x" });
    const copy = { Bucket: "plain", Key: "b", CopySource: "box/a" };
    expect((await errorOf(() => call(world, "s3", "copyObject", copy))).message).to.contain("kms:Decrypt");
  });

  it("are told which service asks, for what", async () => {
    const via = (service: string) => ({ "kms:ViaService": `${service}.${region}.amazonaws.com` });
    const context = { "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::box" };
    const world = (condition: object) =>
      testWorld([
        key(leftToRoles),
        ...encrypted("box"),
        ...caller(use("kms:GenerateDataKey", { Condition: { StringEquals: condition } })),
      ]);
    await put(await world({ ...via("s3"), ...context, "kms:CallerAccount": accountId }));
    for (const condition of [via("sqs"), { "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::other" }]) {
      const other = await world(condition);
      expect((await errorOf(() => put(other))).name).to.equal("AccessDenied");
    }
  });

  it("go by their id, their ARN or an alias, and those of AWS's own ask nobody", async () => {
    for (const reference of ["k1", keyArn, "alias/own", `arn:aws:kms:${region}:${accountId}:alias/own`]) {
      const world = await testWorld([key(leftToRoles), alias, ...encrypted("box", reference), ...caller()]);
      expect((await errorOf(() => put(world))).message).to.contain(keyArn);
    }
    await put(await testWorld([...encrypted("box", "alias/aws/s3"), ...caller()]));
  });

  it("leave it to roles only where their policy names the account", async () => {
    const service: PolicyStatement = { Principal: { Service: "logs.amazonaws.com" }, Action: "kms:*", Resource: "*" };
    const closed = await testWorld([key(service), ...encrypted("box"), ...caller(use("kms:*"))]);
    expect((await errorOf(() => put(closed))).message).to.contain("because no resource-based policy allows");
    const named: PolicyStatement = { Principal: { AWS: roleArn("r") }, Action: "kms:GenerateDataKey", Resource: "*" };
    await put(await testWorld([key(named), ...encrypted("box"), ...caller()]));
    await put(await testWorld([key(), ...encrypted("box"), ...caller(use("kms:GenerateDataKey"))]));
    const denied: PolicyStatement = { Effect: "Deny", Principal: "*", Action: "kms:*", Resource: "*" };
    const shut = await testWorld([key(leftToRoles, denied), ...encrypted("box"), ...caller(use("kms:*"))]);
    expect((await errorOf(() => put(shut))).message).to.contain("explicit deny");
  });

  it("that are not the program's own are left to roles' policies", async () => {
    const elsewhere = `arn:aws:kms:${region}:${accountId}:key/elsewhere`;
    const may: PolicyStatement = { Action: "kms:GenerateDataKey", Resource: elsewhere };
    await put(await testWorld([...encrypted("box", elsewhere), ...caller(may)]));
    const mayNot = await testWorld([...encrypted("box", elsewhere), ...caller()]);
    expect((await errorOf(() => put(mayNot))).name).to.equal("AccessDenied");
  });

  it("are asked by queues, topics and tables, whose errors have names of their own", async () => {
    const declared = [
      key(leftToRoles),
      queue("q", { kmsMasterKeyId: keyArn }),
      { ...topic("t"), given: { kmsMasterKeyId: keyArn } },
      table("items", { serverSideEncryption: { enabled: true, kmsKeyArn: keyArn } }),
    ];
    const calls: readonly (readonly [string, string, object, string, readonly string[]])[] = [
      [
        "sqs",
        "sendMessage",
        { QueueUrl: queueUrl("q"), MessageBody: "x" },
        "KmsAccessDenied",
        ["kms:GenerateDataKey", "kms:Decrypt"],
      ],
      ["sqs", "receiveMessage", { QueueUrl: queueUrl("q") }, "KmsAccessDenied", ["kms:Decrypt"]],
      [
        "sns",
        "publish",
        { TopicArn: topicArn("t"), Message: "x" },
        "KMSAccessDeniedException",
        ["kms:GenerateDataKey", "kms:Decrypt"],
      ],
      [
        "dynamodb",
        "putItem",
        { TableName: "items", Item: { Id: { S: "1" } } },
        "AccessDeniedException",
        ["kms:Decrypt"],
      ],
      [
        "dynamodb",
        "getItem",
        { TableName: tableArn("items"), Key: { Id: { S: "1" } } },
        "AccessDeniedException",
        ["kms:Decrypt"],
      ],
    ];
    for (const [service, operation, input, error, actions] of calls) {
      await call(await testWorld([...declared, ...caller(use(actions))]), service, operation, input);
      for (const action of actions) {
        const rest = actions.filter((other) => other !== action);
        const world = await testWorld([...declared, ...caller(...(rest.length > 0 ? [use(rest)] : []))]);
        const { name, message } = await errorOf(() => call(world, service, operation, input));
        expect([name, message.includes(action)], `${service}:${operation}`).to.deep.equal([error, true]);
      }
    }
  });

  it("are asked for a function's environment as the function's role, unless there is none", async () => {
    const withKey = (...statements: readonly PolicyStatement[]) => [
      key(leftToRoles),
      ...lambda("f", { kmsKeyArn: keyArn, environment: { variables: { A: "1" } } }, ...statements),
    ];
    const invoke = (world: TestWorld) => world.lambda.invoke({ FunctionName: "f", Payload: '{"does":"answer"}' });
    expect((await invoke(await testWorld(withKey(use("kms:Decrypt"))))).FunctionError).to.equal(undefined);
    const denied = await testWorld(withKey());
    const { name, message } = await errorOf(() => invoke(denied));
    expect(name).to.equal("KMSAccessDeniedException");
    expect(message).to.contain("unable to decrypt the environment variables").and.contain("kms:Decrypt");
    await invoke(await testWorld([key(leftToRoles), ...lambda("f", { kmsKeyArn: keyArn })]));
  });

  it("keep an event whose function cannot read its environment: its retries end in the failure queue", async () => {
    const send = { Action: "sqs:SendMessage", Resource: queueArn("q") };
    const world = await testWorld([
      key(leftToRoles),
      queue("q"),
      ...lambda("f", { kmsKeyArn: keyArn, environment: { variables: { A: "1" } } }, send),
      {
        type: "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
        name: "f",
        given: { functionName: "f", destinationConfig: { onFailure: { destination: queueArn("q") } } },
      },
    ]);
    await world.clock.spawn(() => world.lambda.invoke({ FunctionName: "f", InvocationType: "Event", Payload: "{}" }));
    await world.settle();
    const [message] = world.sqs.contents().q ?? [];
    expect(JSON.parse(message?.body ?? "{}")).to.deep.include({
      requestContext: {
        ...(JSON.parse(message?.body ?? "{}") as { requestContext: object }).requestContext,
        condition: "RetriesExhausted",
        approximateInvokeCount: 3,
      },
    });
    expect(message?.body).to.contain("KMSAccessDeniedException");
  });

  it("must let in the service that delivers to an encrypted queue", async () => {
    const subscription: Declared = {
      type: "aws:sns/topicSubscription:TopicSubscription",
      name: "s",
      given: { topic: topicArn("t"), protocol: "sqs", endpoint: queueArn("q") },
    };
    const allowed: Declared = {
      type: "aws:sqs/queuePolicy:QueuePolicy",
      name: "p",
      given: {
        queueUrl: queueUrl("q"),
        policy: policy({
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Resource: queueArn("q"),
        }),
      },
    };
    const declared = [topic("t"), queue("q", { kmsMasterKeyId: keyArn }), subscription, allowed];
    const closed = await testWorld([key(leftToRoles), ...declared]);
    expect((await errorOf(() => closed.sns.publish({ TopicArn: topicArn("t"), Message: "x" }))).message).to.contain(
      `(sns.amazonaws.com) is not authorized to perform: kms:GenerateDataKey on resource: ${keyArn}`,
    );
    const sns: PolicyStatement = {
      Principal: { Service: "sns.amazonaws.com" },
      Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
      Resource: "*",
      Condition: { ArnLike: { "aws:SourceArn": topicArn("t") } },
    };
    const open = await testWorld([key(leftToRoles, sns), ...declared]);
    open.sns.publish({ TopicArn: topicArn("t"), Message: "x" });
    expect(open.sqs.contents().q).to.have.length(1);
  });

  it("must let in the service that encrypts a log group", async () => {
    const group: Declared = {
      type: "aws:cloudwatch/logGroup:LogGroup",
      name: "g",
      given: { kmsKeyId: keyArn },
      outputs: { name: "g", arn: `arn:aws:logs:${region}:${accountId}:log-group:g` },
    };
    const logs = (pattern: string): PolicyStatement => ({
      Principal: { Service: `logs.${region}.amazonaws.com` },
      Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
      Resource: "*",
      Condition: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": pattern } },
    });
    const cloud = (...statements: readonly PolicyStatement[]) =>
      createCloud(graphOf([key(leftToRoles, ...statements), group]), { clock: new VirtualClock(start) });
    await cloud(logs(`arn:aws:logs:${region}:${accountId}:log-group:*`));
    expect((await errorOf(() => cloud())).message).to.contain(
      `logs.${region}.amazonaws.com is not authorized to perform`,
    );
    const elsewhere = logs(`arn:aws:logs:${region}:${accountId}:log-group:other`);
    expect((await errorOf(() => cloud(elsewhere))).message).to.contain("log-group:g");
  });
});

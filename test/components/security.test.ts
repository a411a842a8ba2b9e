import { expect } from "chai";
import { evaluate } from "../../local/evaluate.ts";
import type { Resource, ResourceGraph } from "../../local/resource-graph.ts";
import { graphOf, projectDirectory, resourceOf, resourcesOf } from "../support/stacks.ts";

interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: unknown;
}

const statementsOf = (resource: Resource): readonly PolicyStatement[] =>
  (JSON.parse(String(resource.properties.policy)) as { Statement: readonly PolicyStatement[] }).Statement;

const keyOf = (graph: ResourceGraph): unknown => resourceOf(graph, "aws:kms/key:Key", "csv").properties.arn;

/** Where each type of resource names its key. */
const keyNamedBy: Readonly<Record<string, (properties: Resource["properties"]) => unknown>> = {
  "aws:cloudwatch/logGroup:LogGroup": ({ kmsKeyId }) => kmsKeyId,
  "aws:dynamodb/table:Table": ({ serverSideEncryption }) => serverSideEncryption,
  "aws:lambda/function:Function": ({ kmsKeyArn }) => kmsKeyArn,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ({ rules }) => rules,
  "aws:sfn/stateMachine:StateMachine": ({ encryptionConfiguration }) => encryptionConfiguration,
  "aws:sns/topic:Topic": ({ kmsMasterKeyId }) => kmsMasterKeyId,
  "aws:sqs/queue:Queue": ({ kmsMasterKeyId }) => kmsMasterKeyId,
};

const hasEnvironment = ({ properties }: Resource): boolean =>
  Object.keys((properties.environment as { variables?: object } | undefined)?.variables ?? {}).length > 0;

/** `type name` of what does not name the key, where it could. */
const without = (graph: ResourceGraph, key: unknown): readonly string[] =>
  graph.resources
    .filter((resource) => {
      const read = keyNamedBy[resource.type];
      const isBare = resource.type === "aws:lambda/function:Function" && !hasEnvironment(resource);
      return read !== undefined && !isBare && !JSON.stringify(read(resource.properties) ?? "").includes(String(key));
    })
    .map(({ type, name }) => `${type} ${name}`);

const securityTypes = ["kms", "securityConfiguration", "queuePolicy", "topicPolicy"];
const ofSecurity = (graph: ResourceGraph): readonly string[] =>
  graph.resources
    .filter(({ type }) => securityTypes.some((part) => type.includes(part)))
    .map(({ type, name }) => `${type} ${name}`)
    .filter((name) => !name.includes("alarms"))
    .sort();

describe("Security", () => {
  for (const [stack, config] of [
    ["prod", {}],
    ["prod", { dispatch: "direct", observability: "true", continuousLogging: "true" }],
    ["local", { security: "true" }],
    ["local", { security: "true", dispatch: "direct" }],
  ] as const) {
    it(`encrypts all that the ${stack} stack keeps and sends with one key (${JSON.stringify(config)})`, async () => {
      const graph = await graphOf(stack, config);
      expect(without(graph, keyOf(graph))).to.deep.equal([]);
    });
  }

  it("is on where the job is real and off where it is simulated, unless told otherwise", async () => {
    expect(ofSecurity(await graphOf("prod"))).to.deep.equal([
      "aws:glue/securityConfiguration:SecurityConfiguration csv-job",
      "aws:kms/alias:Alias csv",
      "aws:kms/key:Key csv",
      "aws:sns/topicPolicy:TopicPolicy csv-results",
      "aws:sqs/queuePolicy:QueuePolicy csv-failures",
    ]);
    expect(ofSecurity(await graphOf("prod", { security: "false" }))).to.deep.equal([]);
    expect(ofSecurity(await graphOf("local"))).to.deep.equal([]);
    expect(ofSecurity(await graphOf("local", { security: "true" }))).to.deep.equal([
      "aws:kms/alias:Alias csv",
      "aws:kms/key:Key csv",
      "aws:sns/topicPolicy:TopicPolicy csv-results",
      "aws:sqs/queuePolicy:QueuePolicy csv-failures",
    ]);
  });

  it("has a key that is rotated, that can be rescued for a month, and that lets in the account and three services", async () => {
    const graph = await graphOf("prod");
    const key = resourceOf(graph, "aws:kms/key:Key", "csv");
    expect(key.properties).to.include({ enableKeyRotation: true, deletionWindowInDays: 30 });
    expect(resourceOf(graph, "aws:kms/alias:Alias", "csv").properties.name).to.match(/^alias\/csv-/);
    const statements = statementsOf(key);
    expect(statements.map(({ Sid, Principal }) => [Sid, Principal])).to.deep.equal([
      ["Administer", { AWS: "arn:aws:iam::000000000000:root" }],
      ["EncryptLogs", { Service: "logs.us-east-1.amazonaws.com" }],
      ["DeliverLogs", { Service: "delivery.logs.amazonaws.com" }],
      ["PublishAlarms", { Service: "cloudwatch.amazonaws.com" }],
    ]);
    expect(statements.slice(1).map(({ Condition }) => Condition)).to.deep.equal([
      {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:000000000000:log-group:*",
        },
      },
      { StringEquals: { "kms:EncryptionContext:SourceArn": "arn:aws:logs:us-east-1:000000000000:*" } },
      {
        StringEquals: { "aws:SourceAccount": "000000000000" },
        ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:*" },
      },
    ]);
  });

  it("gives Glue a security configuration for objects, logs and bookmarks, and the job that configuration", async () => {
    const graph = await graphOf("prod");
    const kmsKeyArn = keyOf(graph);
    const configuration = resourceOf(graph, "aws:glue/securityConfiguration:SecurityConfiguration", "csv-job");
    expect(configuration.properties.encryptionConfiguration).to.deep.equal({
      s3Encryption: { s3EncryptionMode: "SSE-KMS", kmsKeyArn },
      cloudwatchEncryption: { cloudwatchEncryptionMode: "SSE-KMS", kmsKeyArn },
      jobBookmarksEncryption: { jobBookmarksEncryptionMode: "CSE-KMS", kmsKeyArn },
    });
    expect(resourceOf(graph, "aws:glue/job:Job", "csv-job").properties.securityConfiguration).to.equal(
      configuration.properties.name,
    );
  });

  it("lets a job that keeps or reads bookmarks encrypt them, and no other", async () => {
    const sidsOf = async (config: Readonly<Record<string, string>>) =>
      statementsOf(resourceOf(await graphOf("prod", config), "aws:iam/rolePolicy:RolePolicy", "csv-job")).map(
        ({ Sid }) => Sid,
      );
    expect(await sidsOf({ bookmarks: "enable" })).to.include("EncryptBookmarks");
    // A paused job goes on from the bookmark that there is.
    expect(await sidsOf({ bookmarks: "pause" })).to.include("EncryptBookmarks");
    expect(await sidsOf({ bookmarks: "disable" })).to.not.include("EncryptBookmarks");
    expect(await sidsOf({})).to.not.include("EncryptBookmarks");
  });

  it("lets a job use the key where its config puts what it writes: Glue encrypts that with it too", async () => {
    const graph = await graphOf("prod", { tempDir: "s3://scratch/tmp", sparkUi: "s3://history-bucket" });
    const statements = statementsOf(resourceOf(graph, "aws:iam/rolePolicy:RolePolicy", "csv-job"));
    const elsewhere = statements.find(({ Sid }) => Sid === "EncryptStores");
    expect(elsewhere?.Action).to.deep.equal(["kms:GenerateDataKey", "kms:Decrypt"]);
    expect(elsewhere?.Condition).to.deep.equal({
      StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" },
      StringLike: {
        "kms:EncryptionContext:aws:s3:arn": ["scratch", "history-bucket"].flatMap((bucket) => [
          `arn:aws:s3:::${bucket}`,
          `arn:aws:s3:::${bucket}/*`,
        ]),
      },
    });
    const artifacts = statements.find(({ Sid }) => Sid === "UseArtifacts");
    expect(artifacts?.Action).to.deep.equal(["kms:Decrypt"]);
  });

  it("uses an existing key everywhere instead of making one", async () => {
    const kmsKeyArn = "arn:aws:kms:us-east-1:000000000000:key/12345678-1234-1234-1234-123456789abc";
    const graph = await graphOf("local", { kmsKeyArn });
    expect(resourcesOf(graph, "aws:kms/key:Key")).to.deep.equal([]);
    expect(without(graph, kmsKeyArn)).to.deep.equal([]);
  });

  for (const [stack, config] of [
    ["local", {}],
    ["local", { security: "true" }],
    ["prod", {}],
    ["prod", { security: "false" }],
  ] as const) {
    it(`keeps all buckets of the ${stack} stack private, in one hand, versioned and behind TLS (${JSON.stringify(config)})`, async () => {
      const graph = await graphOf(stack, config);
      const buckets = resourcesOf(graph, "aws:s3/bucket:Bucket").map(({ name }) => name);
      expect(buckets).to.have.length.greaterThan(1);
      for (const name of buckets) {
        expect(resourceOf(graph, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", name).properties).to.include(
          {
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
          },
        );
        const { rule } = resourceOf(graph, "aws:s3/bucketOwnershipControls:BucketOwnershipControls", name).properties;
        expect(rule).to.deep.equal({ objectOwnership: "BucketOwnerEnforced" });
        const arn = String(resourceOf(graph, "aws:s3/bucket:Bucket", name).properties.arn);
        const [tls] = statementsOf(resourceOf(graph, "aws:s3/bucketPolicy:BucketPolicy", name));
        expect(tls).to.deep.equal({
          Sid: "TlsOnly",
          Effect: "Deny",
          Principal: "*",
          Action: ["s3:*"],
          Resource: [arn, `${arn}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        });
      }
    });
  }

  it("refuses uploads that ask for other encryption than the bucket's, and those that ask for none not", async () => {
    const graph = await graphOf("prod");
    const [, kms, own] = statementsOf(resourceOf(graph, "aws:s3/bucketPolicy:BucketPolicy", "csv-landing"));
    const header = "s3:x-amz-server-side-encryption";
    expect(kms?.Condition).to.deep.equal({ Null: { [header]: "false" }, StringNotEquals: { [header]: "aws:kms" } });
    expect(own?.Condition).to.deep.equal({
      Null: { [`${header}-aws-kms-key-id`]: "false" },
      StringNotEquals: { [`${header}-aws-kms-key-id`]: keyOf(graph) },
    });
  });

  it("lets nobody send to queues and publish to topics without TLS", async () => {
    const graph = await graphOf("prod");
    for (const [type, name, action] of [
      ["aws:sqs/queuePolicy:QueuePolicy", "csv-failures", "sqs:*"],
      ["aws:sns/topicPolicy:TopicPolicy", "csv-results", "sns:Publish"],
    ] as const) {
      expect(statementsOf(resourceOf(graph, type, name))).to.deep.include({
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: [action],
        Resource: [
          resourceOf(graph, type.includes("sqs") ? "aws:sqs/queue:Queue" : "aws:sns/topic:Topic", name).properties.arn,
        ],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      });
    }
  });

  it("leaves topics without a key of AWS's own, to which no alarm could publish", async () => {
    for (const graph of [await graphOf("local"), await graphOf("prod", { security: "false" })]) {
      const keys = resourcesOf(graph, "aws:sns/topic:Topic").map(({ properties }) => properties.kmsMasterKeyId);
      expect(keys.every((key) => key === undefined)).to.equal(true);
    }
  });

  it("puts the boundary and the path on every role, with security on and off", async () => {
    const permissionsBoundary = "arn:aws:iam::000000000000:policy/boundary";
    for (const [stack, security] of [
      ["local", "auto"],
      ["prod", "true"],
      ["prod", "false"],
    ] as const) {
      const graph = await graphOf(stack, { permissionsBoundary, rolePath: "/pipelines/", security });
      const roles = resourcesOf(graph, "aws:iam/role:Role");
      expect(roles).to.have.length.greaterThan(2);
      for (const { properties } of roles) {
        expect(properties).to.include({ permissionsBoundary, path: "/pipelines/" });
        expect(properties.arn).to.match(/:role\/pipelines\/csv/);
      }
      expect(ofSecurity(graph).length > 0).to.equal(security === "true");
    }
  });

  it("has no wildcard among the actions of its roles, and no action for all resources that could have one", async () => {
    const unbounded = new Set<string>();
    for (const config of [
      { mode: "simulated", allowSimulatedOnAws: "true", security: "true" },
      { network: "create" },
      { network: "create", security: "false" },
      { completion: "sync" },
      { dispatch: "direct", sparkUi: "true", continuousLogging: "true", bookmarks: "enable" },
    ]) {
      const graph = await graphOf("prod", config);
      for (const { Sid, Action, Resource } of resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy").flatMap(
        statementsOf,
      )) {
        expect(Action.filter((action) => action.includes("*"))).to.deep.equal([]);
        if (Resource.includes("*")) unbounded.add(Sid);
      }
    }
    expect([...unbounded].filter((sid) => !(sid in nothingNarrower))).to.deep.equal([]);
  });
  const nothingNarrower: Readonly<Record<string, string>> = {
    DeliverLogs: "CloudWatch Logs has no resource for deliveries",
    PutMetrics: "CloudWatch has none for metrics; the namespace bounds it",
    LookAtNetwork: "EC2 has none for what only describes",
    Trace: "X-Ray has none",
    WriteTraces: "X-Ray has none",
  };
});

describe("Tags", () => {
  it("are on everything that takes tags, objects apart, and give way to a resource's own", async () => {
    const graph = await graphOf("prod", { tags: '{"team":"data","cost":"42"}', network: "create" });
    const untagged = graph.resources.filter(
      ({ properties }) => JSON.stringify(properties.tags) !== '{"cost":"42","team":"data"}',
    );
    expect([...new Set(untagged.map(({ type }) => type))].filter((type) => !(type in takesNone))).to.deep.equal([]);
    expect(resourceOf(graph, "aws:glue/job:Job", "csv-job").properties.tags).to.deep.equal({
      team: "data",
      cost: "42",
    });
    expect(resourceOf(graph, "awsx:ec2:Vpc", "csv-network").properties.tags).to.deep.equal({
      team: "data",
      cost: "42",
    });
  });
  const takesNone: Readonly<Record<string, true>> = Object.fromEntries(
    [
      "aws:cloudwatch/dashboard:Dashboard",
      "aws:cloudwatch/eventTarget:EventTarget",
      "aws:cloudwatch/logMetricFilter:LogMetricFilter",
      "aws:glue/securityConfiguration:SecurityConfiguration",
      "aws:iam/rolePolicy:RolePolicy",
      "aws:kms/alias:Alias",
      "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig",
      "aws:lambda/permission:Permission",
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      "aws:s3/bucketNotification:BucketNotification",
      "aws:s3/bucketObjectv2:BucketObjectv2",
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
      "aws:s3/bucketPolicy:BucketPolicy",
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      "aws:s3/bucketVersioning:BucketVersioning",
      "aws:sns/topicPolicy:TopicPolicy",
      "aws:sns/topicSubscription:TopicSubscription",
      "aws:sqs/queuePolicy:QueuePolicy",
    ].map((type) => [type, true]),
  );

  it("are not there unless they are given", async () => {
    const graph = await graphOf("prod");
    expect(graph.resources.filter(({ given }) => given.includes("tags"))).to.deep.equal([]);
  });
});

describe("Security in a preview", () => {
  it("registers what an update registers, in a network too", async () => {
    const config = { network: "create", tags: '{"team":"data"}' };
    const options = { directory: projectDirectory, stack: "prod", config };
    const names = ({ resources }: ResourceGraph) => resources.map(({ urn }) => urn);
    expect(names(await evaluate({ ...options, preview: true }))).to.deep.equal(names(await graphOf("prod", config)));
  });
});

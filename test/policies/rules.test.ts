import { expect } from "chai";
import { readFileSync } from "node:fs";
import type { Resource } from "../../local/resource-graph.ts";
import { resourceRules, stackRules } from "../../policies/rules/all.ts";
import { unknownValue, type Declared, type Settings } from "../../policies/rules/rule.ts";
import { bucket, policy, versioned, type PolicyStatement } from "../support/graph.ts";
import { declaredBy, violationsIn } from "../support/policies.ts";
import { graphOf } from "../support/stacks.ts";

const declare = (type: string, properties: Record<string, unknown>, name = "it"): Declared => ({
  type,
  urn: `urn:pulumi:test::test::${type}::${name}`,
  properties,
  sources: () => [],
});

const statement = (...statements: readonly PolicyStatement[]): Declared =>
  declare("aws:iam/rolePolicy:RolePolicy", { policy: policy(...statements) });

const key = declare("aws:kms/key:Key", { enableKeyRotation: true, deletionWindowInDays: 30 }, "key");
const job = (more: Record<string, unknown>): Declared =>
  declare("aws:glue/job:Job", {
    glueVersion: "5.1",
    timeout: 60,
    maxRetries: 0,
    workerType: "G.1X",
    numberOfWorkers: 2,
    command: { name: "glueetl" },
    ...more,
  });

/** By rule: what breaks it, and what it says. */
const spoiled: Readonly<Record<string, readonly [Declared | readonly Declared[], string][]>> = {
  "no-wildcard-actions": [
    [statement({ Action: "s3:*", Resource: "arn:aws:s3:::b/*" }), 'allows "s3:*": name the actions that are needed'],
    [statement({ Action: ["s3:Get*", "s3:PutObject"], Resource: "x" }), 'allows "s3:Get*": name the actions'],
    [statement({ NotAction: "iam:PassRole", Resource: "x" }), "allows all but something"],
    [
      declare("aws:sqs/queuePolicy:QueuePolicy", {
        policy: policy({ Action: "*", Resource: "x", Principal: { Service: "s3.amazonaws.com" } }),
      }),
      'allows "*"',
    ],
  ],
  "no-wildcard-resources": [
    [statement({ Action: ["s3:GetObject", "cloudwatch:PutMetricData"], Resource: "*" }), 'allows s3:GetObject on "*"'],
  ],
  "no-public-principal": [
    [
      declare("aws:sns/topicPolicy:TopicPolicy", {
        policy: policy({ Action: "sns:Publish", Resource: "x", Principal: { AWS: ["*"] } }),
      }),
      'allows principal "*" without a condition',
    ],
  ],
  "no-broad-managed-policies": [
    [
      declare("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {
        policyArn: "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole",
      }),
      "attaches arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole",
    ],
  ],
  "invoke-permission-scoped": [
    [declare("aws:lambda/permission:Permission", { principal: "*", sourceArn: "x" }), 'allows principal "*"'],
    [declare("aws:lambda/permission:Permission", { principal: "events.amazonaws.com" }), "needs a sourceArn"],
    [
      declare("aws:lambda/permission:Permission", { principal: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::b" }),
      "needs a sourceAccount",
    ],
  ],
  "queue-encrypted": [[declare("aws:sqs/queue:Queue", { sqsManagedSseEnabled: false }), "needs sqsManagedSseEnabled"]],
  "key-rotated": [
    [declare("aws:kms/key:Key", { deletionWindowInDays: 30 }), "needs enableKeyRotation"],
    [
      declare("aws:kms/key:Key", { enableKeyRotation: true, deletionWindowInDays: 3 }),
      "needs a deletionWindowInDays of 7 or more, has 3",
    ],
  ],
  "log-retention": [
    [declare("aws:cloudwatch/logGroup:LogGroup", {}), "needs retentionInDays"],
    [declare("aws:cloudwatch/logGroup:LogGroup", { retentionInDays: 0 }), "needs retentionInDays"],
  ],
  "lambda-runtime-current": [
    [declare("aws:lambda/function:Function", { runtime: "nodejs20.x" }), "has the runtime nodejs20.x"],
  ],
  "state-machine-logged": [
    [declare("aws:sfn/stateMachine:StateMachine", {}), "needs a loggingConfiguration"],
    [declare("aws:sfn/stateMachine:StateMachine", { loggingConfiguration: { level: "OFF" } }), "other than OFF"],
  ],
  "no-open-ingress": [
    [
      declare("aws:ec2/securityGroup:SecurityGroup", { ingress: [{ cidrBlocks: ["10.0.0.0/8", "0.0.0.0/0"] }] }),
      "lets 0.0.0.0/0 in",
    ],
    [declare("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", { cidrIpv6: "::/0" }), "lets ::/0 in"],
    [
      declare("aws:ec2/securityGroupRule:SecurityGroupRule", { type: "ingress", cidrBlocks: ["0.0.0.0/0"] }),
      "lets 0.0.0.0/0 in",
    ],
  ],
  "no-public-endpoint": [
    [declare("aws:lambda/functionUrl:FunctionUrl", { authorizationType: "NONE" }), "needs authorizationType AWS_IAM"],
  ],
  "glue-version-supported": [
    [job({ glueVersion: "2.0" }), "needs a glueVersion among 3.0, 4.0, 5.0, 5.1, 6.0, has 2.0"],
    [job({ glueVersion: undefined }), "needs a glueVersion"],
  ],
  "glue-timeout": [
    [job({ timeout: undefined }), "needs a timeout"],
    [job({ timeout: 10_080 }), "needs a timeout of 2880 minutes at the most, has 10080"],
  ],
  "glue-no-retries": [[job({ maxRetries: 3 }), "needs maxRetries 0, has 3"]],
  "glue-cost-per-hour": [
    [job({ workerType: "G.8X", numberOfWorkers: 20 }), "costs $70.40 an hour, and $50.00 are allowed (maxUsd)"],
  ],
  "customer-managed-keys": [
    [[key, declare("aws:sqs/queue:Queue", { sqsManagedSseEnabled: true })], "is not encrypted with a key"],
    [[key, declare("aws:sns/topic:Topic", { kmsMasterKeyId: "alias/aws/sns" })], "is not encrypted with a key"],
    [[key, declare("aws:sns/topic:Topic", {})], "is not encrypted with a key"],
    [[key, declare("aws:dynamodb/table:Table", {})], "is not encrypted with a key"],
    [[key, declare("aws:cloudwatch/logGroup:LogGroup", { retentionInDays: 1 })], "is not encrypted with a key"],
    [
      [
        key,
        declare("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", {
          rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
        }),
      ],
      "is not encrypted with a key",
    ],
  ],
  "glue-security-configuration": [[[key, job({})], "needs a securityConfiguration"]],
};

const bare = declaredBy({ resources: [] as readonly Resource[] });

describe("The policies", () => {
  for (const stack of ["local", "prod"]) {
    it(`are all kept by the stack ${stack}`, async () => {
      expect(violationsIn(declaredBy(await graphOf(stack)))).to.deep.equal([]);
    });
  }

  for (const [rule, examples] of Object.entries(spoiled)) {
    for (const [broken, message] of examples) {
      it(`${rule}: says "${message}"`, () => {
        const resources = Array.isArray(broken) ? (broken as readonly Declared[]) : [broken as Declared];
        const found = violationsIn(resources).filter((violation) => violation.startsWith(`${rule}: `));
        expect(found).to.have.length(1);
        expect(found[0]).to.include(message);
      });
    }
  }

  it("each have an example that breaks them", () => {
    const buckets = ["bucket-encrypted", "bucket-versioned", "bucket-private", "bucket-tls-only"];
    const names = [...resourceRules, ...stackRules].map(({ name }) => name);
    expect([...Object.keys(spoiled), ...buckets]).to.have.members(names);
  });

  it("are all in the documentation, as they are", () => {
    const text = readFileSync(new URL("../../docs/policies.md", import.meta.url), "utf8");
    const rows = [...text.matchAll(/^\| `([\w-]+)` +\| (\w+) +\| (.+?) +\| (.*?) +\|$/gm)].map((row) =>
      row.slice(1, 5),
    );
    const rules = [...resourceRules, ...stackRules].map(({ name, level, description, settings }) => [
      name,
      level,
      description,
      Object.keys(settings)
        .map((setting) => `\`${setting}\``)
        .join(", "),
    ]);
    expect(rows).to.have.deep.members(rules);
  });

  it("find nothing in a stack without resources", () => {
    expect(violationsIn(bare)).to.deep.equal([]);
  });
});

describe("The policies on buckets", () => {
  const rulesBroken = (resources: readonly Resource[]): readonly string[] => [
    ...new Set(violationsIn(declaredBy({ resources })).map((violation) => violation.split(":")[0] ?? "")),
  ];
  const ofBuckets = async (without?: string): Promise<readonly Resource[]> =>
    (await graphOf("prod")).resources.filter(({ type }) => type.startsWith("aws:s3/bucket") && type !== without);

  it("are broken by a bucket that has nothing beside it", async () => {
    const resources = (await ofBuckets()).filter(({ type }) => type === "aws:s3/bucket:Bucket");
    expect(rulesBroken(resources)).to.have.members([
      "bucket-encrypted",
      "bucket-versioned",
      "bucket-private",
      "bucket-tls-only",
    ]);
  });

  const missing = [
    ["bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "bucket-encrypted"],
    ["bucketVersioning:BucketVersioning", "bucket-versioned"],
    ["bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket-private"],
    ["bucketOwnershipControls:BucketOwnershipControls", "bucket-private"],
    ["bucketPolicy:BucketPolicy", "bucket-tls-only"],
  ] as const;
  for (const [type, rule] of missing) {
    it(`miss the ${type.split(":")[1] ?? ""} of each bucket`, async () => {
      expect(rulesBroken(await ofBuckets(`aws:s3/${type}`))).to.deep.equal([rule]);
    });
  }

  it("are not content with versioning that is suspended", () => {
    const suspended = { ...versioned("b"), given: { bucket: "b", versioningConfiguration: { status: "Suspended" } } };
    const resources = [bucket("b"), suspended].map(({ type, given }) => ({
      ...declare(type, given),
      sources: () => [declare("aws:s3/bucket:Bucket", {}).urn],
    }));
    expect(violationsIn(resources).join()).to.include("bucket-versioned");
  });
});

describe("The policies' settings", () => {
  const withSettings = (resource: Declared, rule: string, settings: Settings): readonly string[] =>
    violationsIn([resource], { [rule]: settings }).filter((violation) => violation.startsWith(`${rule}: `));

  it("move limits", () => {
    expect(withSettings(job({ timeout: 90 }), "glue-timeout", { maxMinutes: 60 })).to.have.length(1);
    expect(withSettings(job({}), "glue-cost-per-hour", { maxUsd: 0.5 })).to.have.length(1);
    const logs = declare("aws:cloudwatch/logGroup:LogGroup", { retentionInDays: 400 });
    expect(withSettings(logs, "log-retention", { maxDays: 365 })).to.have.length(1);
    expect(withSettings(logs, "log-retention", { maxDays: 400 })).to.be.empty;
  });

  it("ask for keys where a stack has none of its own", () => {
    const queue = declare("aws:sqs/queue:Queue", { sqsManagedSseEnabled: true });
    expect(withSettings(queue, "customer-managed-keys", {})).to.be.empty;
    expect(withSettings(queue, "customer-managed-keys", { always: true })).to.have.length(1);
    expect(withSettings(job({}), "glue-security-configuration", { always: true })).to.have.length(1);
  });
});

describe("What a preview cannot know", () => {
  it("is held against no resource", () => {
    const unknown = [
      declare("aws:sns/topic:Topic", { kmsMasterKeyId: unknownValue }),
      declare("aws:sqs/queue:Queue", { kmsMasterKeyId: unknownValue }),
      declare("aws:iam/rolePolicy:RolePolicy", { policy: unknownValue }),
      declare("aws:cloudwatch/logGroup:LogGroup", { retentionInDays: unknownValue, kmsKeyId: unknownValue }),
      declare("aws:dynamodb/table:Table", { serverSideEncryption: { enabled: true, kmsKeyArn: unknownValue } }),
      job({ securityConfiguration: unknownValue, workerType: unknownValue, glueVersion: unknownValue }),
      key,
    ];
    expect(violationsIn(unknown)).to.deep.equal([]);
  });
});

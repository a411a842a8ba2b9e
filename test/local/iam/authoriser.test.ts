import { expect } from "chai";
import { Authoriser } from "../../../local/iam/authoriser.ts";
import {
  accountId,
  bucket,
  type Declared,
  functionArn,
  graphOf,
  policy,
  type PolicyStatement,
  queue,
  queueArn,
  queueUrl,
  role,
  roleArn,
  topicArn,
} from "../../support/graph.ts";

const reader = roleArn("reader");

const authoriserFor = (statements: readonly PolicyStatement[], more: readonly Declared[] = []): Authoriser =>
  new Authoriser(graphOf([...role("reader", "lambda.amazonaws.com", ...statements), ...more]));

const may = (authoriser: Authoriser, action: string, resource: string, context?: Record<string, string>): boolean =>
  authoriser.decide(reader, { action, resource, ...(context && { context }) }).allowed;

describe("Authoriser", () => {
  it("allows what a statement allows, and nothing else", () => {
    const authoriser = authoriserFor([{ Action: "s3:GetObject", Resource: "arn:aws:s3:::landing/*" }]);
    expect(may(authoriser, "s3:GetObject", "arn:aws:s3:::landing/a/b.csv")).to.equal(true);
    expect(may(authoriser, "s3:GetObject", "arn:aws:s3:::other/a")).to.equal(false);
    expect(may(authoriser, "s3:PutObject", "arn:aws:s3:::landing/a")).to.equal(false);
  });

  it("says why it refuses", () => {
    const authoriser = authoriserFor([{ Effect: "Deny", Action: "s3:PutObject", Resource: "*" }]);
    expect(authoriser.decide(reader, { action: "s3:GetObject", resource: "arn:aws:s3:::a/b" })).to.deep.equal({
      allowed: false,
      reason: "because no identity-based policy allows the s3:GetObject action",
    });
    expect(authoriser.decide(reader, { action: "s3:PutObject", resource: "arn:aws:s3:::a/b" })).to.deep.equal({
      allowed: false,
      reason: "with an explicit deny in an identity-based policy",
    });
  });

  it("takes actions in any letter case, with * and ?", () => {
    const authoriser = authoriserFor([{ Action: ["S3:get*", "sqs:?endMessage"], Resource: "*" }]);
    expect(may(authoriser, "s3:GetObject", "x")).to.equal(true);
    expect(may(authoriser, "sqs:SendMessage", "x")).to.equal(true);
    expect(may(authoriser, "sqs:ReSendMessage", "x")).to.equal(false);
  });

  it("takes everything else in a pattern as it is", () => {
    const authoriser = authoriserFor([
      { Action: "*", Resource: ["arn:aws:s3:::a.b/(x)+[y]", "arn:aws:s3:::c-d/${*}/${?}"] },
    ]);
    expect(may(authoriser, "s3:GetObject", "arn:aws:s3:::a.b/(x)+[y]")).to.equal(true);
    expect(may(authoriser, "s3:GetObject", "arn:aws:s3:::aXb/(x)+[y]")).to.equal(false);
    expect(may(authoriser, "s3:GetObject", "arn:aws:s3:::c-d/*/?")).to.equal(true);
    expect(may(authoriser, "s3:GetObject", "arn:aws:s3:::c-d/1/2")).to.equal(false);
  });

  it("turns NotAction and NotResource around", () => {
    const authoriser = authoriserFor([{ NotAction: "s3:Delete*", NotResource: "arn:aws:s3:::secret/*" }]);
    expect(may(authoriser, "s3:GetObject", "arn:aws:s3:::open/a")).to.equal(true);
    expect(may(authoriser, "s3:DeleteObject", "arn:aws:s3:::open/a")).to.equal(false);
    expect(may(authoriser, "s3:GetObject", "arn:aws:s3:::secret/a")).to.equal(false);
  });

  it("lets a Deny win over any Allow", () => {
    const authoriser = authoriserFor([
      { Action: "*", Resource: "*" },
      { Effect: "Deny", Action: "s3:*", Resource: "arn:aws:s3:::a/*" },
    ]);
    expect(may(authoriser, "s3:GetObject", "arn:aws:s3:::a/b")).to.equal(false);
    expect(may(authoriser, "s3:GetObject", "arn:aws:s3:::b/b")).to.equal(true);
  });

  it("asks conditions about the request, and remembers each answer for its own context only", () => {
    const authoriser = authoriserFor([
      { Action: "s3:ListBucket", Resource: "*", Condition: { StringLike: { "s3:prefix": "in/*" } } },
    ]);
    expect(may(authoriser, "s3:ListBucket", "arn:aws:s3:::a", { "s3:prefix": "in/x" })).to.equal(true);
    expect(may(authoriser, "s3:ListBucket", "arn:aws:s3:::a", { "s3:prefix": "out/x" })).to.equal(false);
    expect(may(authoriser, "s3:ListBucket", "arn:aws:s3:::a")).to.equal(false);
  });

  it("gives the same answers after it has forgotten them", () => {
    const authoriser = authoriserFor([{ Action: "s3:GetObject", Resource: "arn:aws:s3:::a/1*" }]);
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 21_000; index++) {
        const wanted = String(index).startsWith("1");
        if (may(authoriser, "s3:GetObject", `arn:aws:s3:::a/${index}`) !== wanted) expect.fail(`object ${index}`);
      }
    }
  });

  it("reads attached policies, inline ones of the role, and policies that are objects", () => {
    const arn = `arn:aws:iam::${accountId}:policy/send`;
    const authoriser = authoriserFor(
      [],
      [
        {
          type: "aws:iam/policy:Policy",
          name: "send",
          given: { policy: policy({ Action: "sqs:SendMessage", Resource: "*" }) },
          outputs: { arn },
        },
        {
          type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
          name: "a",
          given: { role: "reader", policyArn: arn },
        },
        {
          type: "aws:iam/role:Role",
          name: "other",
          given: {
            assumeRolePolicy: {
              Version: "2012-10-17",
              Statement: { Effect: "Allow", Principal: "*", Action: "sts:*" },
            },
            inlinePolicies: [{ name: "p", policy: policy({ Action: "a:B", Resource: "*" }) }],
            managedPolicyArns: [arn],
          },
          outputs: { name: "other", arn: roleArn("other") },
        },
        { type: "aws:iam/policyAttachment:PolicyAttachment", name: "b", given: { roles: ["other"], policyArn: arn } },
      ],
    );
    expect(may(authoriser, "sqs:SendMessage", "q")).to.equal(true);
    expect(authoriser.decide(roleArn("other"), { action: "a:B", resource: "x" }).allowed).to.equal(true);
    expect(authoriser.decide(roleArn("other"), { action: "sqs:SendMessage", resource: "x" }).allowed).to.equal(true);
  });

  it("refuses AWS-managed policies, naming them", () => {
    const policyArn = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole";
    const attach = {
      type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      name: "a",
      given: { role: "reader", policyArn },
    };
    expect(() => authoriserFor([], [attach])).to.throw("AWSGlueServiceRole");
  });

  it("names the problem of a policy that cannot be", () => {
    const problem = (given: unknown): string => {
      try {
        authoriserFor(
          [],
          [{ type: "aws:iam/rolePolicy:RolePolicy", name: "p", given: { role: "reader", policy: given } }],
        );
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    const where = "aws:iam/rolePolicy:RolePolicy p.policy";
    expect(problem("{")).to.contain(`${where} is not JSON`);
    expect(problem({ Version: "2008-10-17", Statement: [] })).to.contain(`${where}.Version must be "2012-10-17"`);
    const of = (statement: PolicyStatement & Record<string, unknown>): string => problem(policy(statement));
    expect(of({ Action: "a:B" })).to.contain("must have either Resource or NotResource");
    expect(of({ Action: "a:B", NotAction: "a:C", Resource: "*" })).to.contain("must have either Action or NotAction");
    expect(of({ Action: "a:B", Resource: "*", Effect: "Maybe" as "Allow" })).to.contain('got "Maybe"');
    expect(of({ Action: "a:B", Resource: "*", Principal: "*" })).to.contain("Principal must not be given");
    expect(of({ Action: "a:B", Resource: "*", Extra: 1 })).to.contain('"Extra"');
    expect(of({ Action: "a:B", Resource: "arn:${aws:username}" })).to.contain("${aws:username}");
    expect(of({ Action: [1] as unknown as string, Resource: "*" })).to.contain("must hold texts, got 1");
    expect(problem({ Version: "2012-10-17", Statement: ["x"] })).to.contain('Statement[0] must be an object, got "x"');
    expect(
      problem({ Version: "2012-10-17", Statement: { Effect: "Allow", Action: "a:B", Resource: "*", Condition: 1 } }),
    ).to.contain("Condition must be an object");
  });

  it("refuses a policy for a role that is not there, and a principal that is none", () => {
    const stray = { type: "aws:iam/rolePolicy:RolePolicy", name: "p", given: { role: "ghost", policy: policy() } };
    expect(() => authoriserFor([], [stray])).to.throw('"ghost"');
    expect(() => authoriserFor([]).decide("arn:ghost", { action: "a:B", resource: "*" })).to.throw("arn:ghost");
  });

  it("honours the policy of a bucket", () => {
    const bucketPolicy = policy(
      {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: ["arn:aws:s3:::a", "arn:aws:s3:::a/*"],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Effect: "Deny",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: "s3:DeleteObject",
        Resource: "arn:aws:s3:::a/*",
      },
      { Principal: { AWS: reader }, Action: "s3:PutObject", Resource: "arn:aws:s3:::a/*" },
      { Principal: { AWS: accountId }, Action: "s3:PutObjectTagging", Resource: "arn:aws:s3:::a/*" },
    );
    const authoriser = authoriserFor(
      [{ Action: ["s3:GetObject", "s3:DeleteObject"], Resource: "*" }],
      [
        bucket("a"),
        { type: "aws:s3/bucketPolicy:BucketPolicy", name: "a", given: { bucket: "a", policy: bucketPolicy } },
      ],
    );
    expect(may(authoriser, "s3:GetObject", "arn:aws:s3:::a/x"), "calls here count as secure").to.equal(true);
    expect(may(authoriser, "s3:PutObject", "arn:aws:s3:::a/x"), "allowed by the bucket alone").to.equal(true);
    expect(may(authoriser, "s3:PutObjectTagging", "arn:aws:s3:::a/x"), "left to the role").to.equal(false);
    expect(authoriser.decide(reader, { action: "s3:DeleteObject", resource: "arn:aws:s3:::a/x" })).to.deep.equal({
      allowed: false,
      reason: "with an explicit deny in a resource-based policy",
    });
  });

  it("lets a service in only where the target's policy names it and what it acts for", () => {
    const permission: Declared = {
      type: "aws:lambda/permission:Permission",
      name: "p",
      given: {
        function: "f",
        action: "lambda:InvokeFunction",
        principal: "s3.amazonaws.com",
        sourceArn: "arn:aws:s3:::a",
        sourceAccount: accountId,
      },
    };
    const queuePolicy = policy({
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: "*",
      Condition: { ArnEquals: { "aws:SourceArn": topicArn("t") } },
    });
    const authoriser = authoriserFor(
      [],
      [
        permission,
        queue("q"),
        { type: "aws:sqs/queuePolicy:QueuePolicy", name: "q", given: { queueUrl: queueUrl("q"), policy: queuePolicy } },
      ],
    );
    const decide = (service: string, source: string, action: string, resource: string): boolean =>
      authoriser.decideService({ service, source }, action, resource).allowed;
    expect(decide("s3.amazonaws.com", "arn:aws:s3:::a", "lambda:InvokeFunction", functionArn("f"))).to.equal(true);
    expect(decide("s3.amazonaws.com", "arn:aws:s3:::b", "lambda:InvokeFunction", functionArn("f"))).to.equal(false);
    expect(decide("sns.amazonaws.com", "arn:aws:s3:::a", "lambda:InvokeFunction", functionArn("f"))).to.equal(false);
    expect(decide("sns.amazonaws.com", topicArn("t"), "sqs:SendMessage", queueArn("q"))).to.equal(true);
    expect(decide("sns.amazonaws.com", topicArn("other"), "sqs:SendMessage", queueArn("q"))).to.equal(false);
  });

  it("requires a role's trust policy to let the service take it on", () => {
    const guarded = (condition: unknown): Declared => ({
      type: "aws:iam/role:Role",
      name: "machine",
      given: {
        assumeRolePolicy: policy({
          Principal: { Service: "states.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: condition,
        }),
      },
      outputs: { name: "machine", arn: roleArn("machine") },
    });
    const require = (condition: unknown, service: string): (() => void) => {
      const authoriser = new Authoriser(graphOf([guarded(condition)]));
      return () => {
        authoriser.requireTrust(roleArn("machine"), { service, source: "arn:aws:states:x:stateMachine:m" });
      };
    };
    const ofAccount = { StringEquals: { "aws:SourceAccount": accountId } };
    expect(require(ofAccount, "states.amazonaws.com")).not.to.throw();
    expect(require(ofAccount, "lambda.amazonaws.com")).to.throw("does not let lambda.amazonaws.com take it on");
    expect(require({ StringEquals: { "aws:SourceAccount": "1" } }, "states.amazonaws.com")).to.throw(
      "assumeRolePolicy",
    );
  });
});

import { expect } from "chai";
import fc from "fast-check";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { definitionOf, graphOf, resourcesOf } from "../support/stacks.ts";
import {
  lintDefinitions,
  linterPython,
  lintPolicies,
  type NamedPolicy,
  type PolicyFinding,
} from "../support/linters.ts";
import { declaredBy, violationsIn } from "../support/policies.ts";
import { switches } from "../support/switches.ts";
import { anyStage } from "../components/stages/generated.ts";
import { definitionOf as stagesDefinitionOf } from "../components/stages/harness.ts";

/** What parliament says and why it does not hold here. */
const exceptions: readonly {
  readonly of: RegExp;
  readonly issue: string;
  readonly detail: RegExp;
  readonly reason: string;
}[] = [
  {
    of: /aws:kms\/key:Key/,
    issue: "RESOURCE_STAR",
    detail: /kms:/,
    reason: "in the policy of a key, * is the key itself, and nothing else may stand there",
  },
  {
    of: /aws:kms\/key:Key/,
    issue: "UNKNOWN_CONDITION_FOR_ACTION",
    detail: /kms:EncryptionContext:aws:logs:arn for action kms:DescribeKey/,
    reason:
      "the statement is the one that CloudWatch Logs documents; describing has no context, so it is never allowed",
  },
  {
    of: /aws:kms\/key:Key|aws:iam\/rolePolicy:RolePolicy/,
    issue: "MISMATCHED_TYPE",
    detail: /ArnLike requires a value of type Arn but given String/,
    reason: "the services put ARNs into the encryption context; parliament takes all contexts for text",
  },
  {
    of: /aws:s3\/bucketPolicy:BucketPolicy/,
    issue: "MISMATCHED_TYPE_BUT_USABLE",
    detail: /StringNotEquals requires a value of type String but given Arn/,
    reason: "objects are to be encrypted with one key, so its ARN has to be equal, not alike",
  },
  {
    of: /aws:iam\/rolePolicy:RolePolicy \S+-completion /,
    issue: "RESOURCE_MISMATCH",
    detail: /"states:SendTaskSuccess", "required_format": "\*"/,
    reason: "the CDK grants answers to tasks on the machine's ARN, too: narrower than parliament knows",
  },
  {
    of: /aws:iam\/rolePolicy:RolePolicy \S+-queued-recorder /,
    issue: "RESOURCE_MISMATCH",
    detail: /"states:DescribeExecution", "required_format": "arn:\*:states:\*:\*:express:/,
    reason: "parliament knows executions of express machines alone; those of standard ones have ARNs of another kind",
  },
];

const isException = ({ name, issue, detail }: PolicyFinding): boolean =>
  exceptions.some((one) => one.of.test(name) && one.issue === issue && one.detail.test(detail));

/** Each policy of a graph: what roles may do, who may take them on, who may do something with a resource. */
const policiesOf = (title: string, { resources }: ResourceGraph): readonly NamedPolicy[] =>
  resources.flatMap(({ type, name, properties }) =>
    ["policy", "assumeRolePolicy", "policyDocument"]
      .filter((property) => typeof properties[property] === "string")
      .map((property) => ({
        name: `${title}: ${type} ${name} ${property}`,
        policy: withResource(JSON.parse(String(properties[property])) as Document, properties.arn),
      })),
  );

interface Document {
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
}

/** A trust policy speaks of the role that has it; parliament wants to see that said. */
const withResource = (document: Document, arn: unknown): Document => ({
  ...document,
  Statement: document.Statement.map((statement) => ({ Resource: arn, ...statement })),
});

describe("Outside judges", function () {
  this.timeout("3 minutes");
  const graphs = new Map<string, ResourceGraph>();

  before(async () => {
    await linterPython();
    for (const [title, { stack, config }] of Object.entries(switches)) graphs.set(title, await graphOf(stack, config));
  });

  it("find nothing wrong with any policy, whatever is switched on", async () => {
    const policies = [...graphs].flatMap(([title, graph]) => policiesOf(title, graph));
    expect(policies.length).to.be.greaterThan(100);
    const findings = await lintPolicies(policies);
    expect(findings.filter((finding) => !isException(finding))).to.deep.equal([]);
    const unused = exceptions.filter(
      (one) => !findings.some((finding) => one.of.test(finding.name) && one.issue === finding.issue),
    );
    expect(unused).to.deep.equal([]);
  });

  it("have the project's own rules on their side, whatever is switched on", () => {
    const broken = [...graphs].flatMap(([title, graph]) =>
      violationsIn(declaredBy(graph)).map((violation) => `${title}: ${violation}`),
    );
    expect(broken).to.deep.equal([]);
  });

  it("would find what is wrong with a policy", async () => {
    const wrong = {
      "an action that there is not": {
        Action: "glue:StartJobRum",
        Resource: "arn:aws:glue:us-east-1:000000000000:job/a",
      },
      "a resource of another kind": { Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket" },
      "a star where there is something narrower": { Action: "glue:StartJobRun", Resource: "*" },
      "a condition that the action does not have": {
        Action: "sqs:SendMessage",
        Resource: "arn:aws:sqs:us-east-1:000000000000:queue",
        Condition: { StringEquals: { "s3:prefix": "a" } },
      },
    };
    const findings = await lintPolicies(
      Object.entries(wrong).map(([name, statement]) => ({
        name,
        policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] },
      })),
    );
    expect(findings.map(({ name, issue }) => `${issue}: ${name}`)).to.have.members([
      "UNKNOWN_ACTION: an action that there is not",
      "RESOURCE_MISMATCH: a resource of another kind",
      "RESOURCE_STAR: a star where there is something narrower",
      "UNKNOWN_CONDITION_FOR_ACTION: a condition that the action does not have",
    ]);
  });

  it("find nothing wrong with any state machine", async () => {
    const definitions = Object.fromEntries(
      [...graphs]
        .filter(([, graph]) => resourcesOf(graph, "aws:sfn/stateMachine:StateMachine").length > 0)
        .map(([title, graph]) => [title, definitionOf(graph)]),
    );
    expect(Object.keys(definitions).length).to.be.greaterThan(5);
    expect(await lintDefinitions(definitions)).to.deep.equal([]);
  });

  it("find nothing wrong with stages of whatever kinds", async () => {
    const stages = fc.sample(anyStage, { numRuns: 5, seed: 11 });
    const definitions = await Promise.all(stages.map((stage) => stagesDefinitionOf(stage, { answerer: "real" })));
    expect(await lintDefinitions(Object.fromEntries(definitions.entries()))).to.deep.equal([]);
  });

  const spoil: Readonly<Record<string, (state: Record<string, unknown>) => void>> = {
    "a path of JSONPath": (state) => {
      state.ResultPath = "$.run";
    },
    "a field that there is not": (state) => {
      state.TimeoutSecond = 3;
    },
    "a type of state that there is not": (state) => {
      state.Type = "Job";
    },
  };
  for (const [what, change] of Object.entries(spoil)) {
    it(`would refuse ${what}`, async () => {
      const spoiled = structuredClone(definitionOf(await graphOf("prod"))) as unknown as {
        States: Record<string, Record<string, unknown>>;
      };
      const task = Object.values(spoiled.States).find(({ Type }) => Type === "Task");
      change(task ?? {});
      expect(await lintDefinitions({ spoiled })).to.not.be.empty;
    });
  }

  it("would refuse a machine that starts at a state that it does not have", async () => {
    const spoiled = { ...definitionOf(await graphOf("prod")), StartAt: "Nowhere" };
    const findings = await lintDefinitions({ spoiled });
    expect(findings.map(({ message }) => message).join()).to.include("Missing 'Next' target 'Nowhere'");
  });
});

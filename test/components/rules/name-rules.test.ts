import { expect } from "chai";
import { maxPipelineName, nameRules } from "../../../components/rules/name-rules.ts";
import { problemText } from "../../../components/rules/problem.ts";
import { graphOf, resourcesOf } from "../../support/stacks.ts";

/** What AWS allows for the names of what a pipeline creates. */
const longest: Readonly<Record<string, number>> = {
  "aws:s3/bucket:Bucket": 63,
  "aws:iam/role:Role": 64,
  "aws:lambda/function:Function": 64,
  "aws:sfn/stateMachine:StateMachine": 80,
  "aws:sqs/queue:Queue": 80,
  "aws:sns/topic:Topic": 256,
  "aws:dynamodb/table:Table": 255,
  "aws:glue/job:Job": 255,
  "aws:cloudwatch/eventRule:EventRule": 64,
};

describe("A pipeline's name", () => {
  for (const name of ["csv", "a", "orders-2026", "x".repeat(maxPipelineName)]) {
    it(`may be ${name}`, () => {
      expect(nameRules(name)).to.deep.equal([]);
    });
  }

  for (const name of ["", "Orders", "or_ders", "-orders", "orders-", "o.k", "x".repeat(maxPipelineName + 1)]) {
    it(`may not be "${name}"`, () => {
      expect(nameRules(name).map((problem) => problemText(problem))).to.deep.equal([
        `name must be 1 to ${maxPipelineName} lower-case letters, digits and hyphens, with a letter or a digit at both ` +
          "ends: it is part of the names of buckets, roles and functions, the longest of which would be refused only when " +
          `it is created, got ${JSON.stringify(name)}`,
      ]);
    });
  }

  for (const [stack, config] of [
    ["local", {}],
    ["prod", {}],
    ["local", { completion: "sync" }],
  ] as const) {
    it(`at its longest leaves room for the name of each resource of the ${stack} stack ${JSON.stringify(config)}`, async () => {
      const graph = await graphOf(stack, config);
      for (const [type, limit] of Object.entries(longest)) {
        for (const { name } of resourcesOf(graph, type)) {
          const suffix = name.replace(/^csv/, "");
          expect(maxPipelineName + suffix.length + "-1234567".length, `${type} ${name}`).to.be.at.most(limit);
        }
      }
    });
  }
});

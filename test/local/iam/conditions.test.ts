import { expect } from "chai";
import { compileCondition } from "../../../local/iam/conditions.ts";

const holds = (operator: string, wanted: unknown, value?: string): boolean =>
  compileCondition({ [operator]: { "aws:Key": wanted } }, "policy")(value === undefined ? {} : { "aws:key": value });

describe("compileCondition", () => {
  const cases: readonly (readonly [operator: string, wanted: unknown, value: string | undefined, holds: boolean])[] = [
    ["StringEquals", "a", "a", true],
    ["StringEquals", ["a", "b"], "b", true],
    ["StringEquals", "a", "A", false],
    ["StringEquals", "a", undefined, false],
    ["StringEqualsIfExists", "a", undefined, true],
    ["StringEqualsIfExists", "a", "b", false],
    ["StringNotEquals", ["a", "b"], "b", false],
    ["StringNotEquals", ["a", "b"], "c", true],
    ["StringNotEquals", "a", undefined, true],
    ["StringEqualsIgnoreCase", "a", "A", true],
    ["StringNotEqualsIgnoreCase", "a", "A", false],
    ["StringLike", "a*c?", "abbcd", true],
    ["StringNotLike", "a*", "b", true],
    ["ArnLike", "arn:aws:s3:::land*", "arn:aws:s3:::landing", true],
    ["ArnLike", "arn:aws:*:::landing", "arn:aws:s3:x:y:landing", false],
    ["ArnEquals", "arn:aws:states:r:1:stateMachine:*", "arn:aws:states:r:1:stateMachine:m", true],
    ["ArnNotEquals", "arn:aws:s3:::a", "arn:aws:s3:::b", true],
    ["ArnNotLike", "arn:aws:s3:::a*", "arn:aws:s3:::ab", false],
    ["ArnLike", "arn:aws:s3:::a", "not an arn", false],
    ["Bool", "true", "true", true],
    ["Bool", true, "false", false],
    ["StringEquals", "a${*}", "a*", true],
    ["Null", "true", undefined, true],
    ["Null", "true", "x", false],
    ["Null", "false", "x", true],
    ["NumericEquals", 1, "1.0", true],
    ["NumericNotEquals", "1", "2", true],
    ["NumericLessThan", "2", "1", true],
    ["NumericLessThanEquals", "2", "3", false],
    ["NumericGreaterThan", "2", "3", true],
    ["NumericGreaterThanEquals", "2", "2", true],
    ["ForAnyValue:StringEquals", ["a"], "a", true],
    ["ForAnyValue:StringEquals", ["a"], undefined, false],
    ["ForAllValues:StringEquals", ["a"], undefined, true],
    ["ForAllValues:StringEquals", ["a"], "b", false],
  ];
  for (const [operator, wanted, value, expected] of cases) {
    it(`says ${String(expected)} for ${operator} ${JSON.stringify(wanted)} of ${value ?? "nothing"}`, () => {
      expect(holds(operator, wanted, value)).to.equal(expected);
    });
  }

  it("wants all operators and all keys to hold", () => {
    const condition = compileCondition({ StringEquals: { a: "1", b: "2" }, Bool: { c: "true" } }, "policy");
    expect(condition({ a: "1", b: "2", c: "true" })).to.equal(true);
    expect(condition({ a: "1", b: "3", c: "true" })).to.equal(false);
    expect(condition({ a: "1", b: "2", c: "false" })).to.equal(false);
  });

  it("names an operator that it does not know", () => {
    expect(() => holds("DateLessThan", "x")).to.throw(
      'policy.DateLessThan.aws:Key: the operator "DateLessThan" is not known',
    );
  });

  it("names values that cannot be", () => {
    expect(() => holds("NumericEquals", "many")).to.throw('must be a number, got "many"');
    expect(() => holds("ArnLike", "landing")).to.throw('must be an ARN, got "landing"');
    expect(() => holds("StringEquals", { a: 1 })).to.throw("must hold texts");
    for (const operator of ["StringEquals", "StringNotEqualsIgnoreCase", "StringLike"]) {
      expect(() => holds(operator, "${aws:PrincipalAccount}")).to.throw("uses the policy variable");
    }
  });
});

import { expect } from "chai";
import { compilePattern } from "../../../local/services/event-patterns.ts";

const event = {
  source: "aws.glue",
  detail: { state: "FAILED", attempt: 3, tags: ["a", "b"], message: null, late: false, run: { id: "jr_1" } },
};

const matching: readonly object[] = [
  { source: ["aws.glue"] },
  { source: ["aws.states", "aws.glue"] },
  { detail: { state: ["FAILED"], attempt: [3] } },
  { detail: { run: { id: [{ prefix: "jr_" }] } } },
  { detail: { run: { id: [{ suffix: "_1" }] } } },
  { detail: { state: [{ "equals-ignore-case": "failed" }] } },
  { detail: { state: [{ "anything-but": "SUCCEEDED" }] } },
  { detail: { state: [{ "anything-but": ["SUCCEEDED", "STOPPED"] }] } },
  { detail: { state: [{ "anything-but": { prefix: "S" } }] } },
  { detail: { attempt: [{ numeric: ["=", 3] }] } },
  { detail: { attempt: [{ numeric: [">", 2, "<=", 3] }] } },
  { detail: { tags: ["b"] } },
  { detail: { tags: [{ prefix: "a" }] } },
  { detail: { message: [null] } },
  { detail: { late: [false] } },
  { detail: { state: [{ exists: true }], missing: [{ exists: false }] } },
  { $or: [{ source: ["aws.states"] }, { detail: { state: ["FAILED"] } }] },
  { source: ["aws.glue"], detail: { $or: [{ state: ["FAILED"] }, { attempt: [9] }] } },
];

const other: readonly object[] = [
  { source: ["aws.states"] },
  { source: ["AWS.GLUE"] },
  { source: ["aws.glue"], detail: { state: ["SUCCEEDED"] } },
  { detail: { attempt: ["3"] } },
  { detail: { attempt: [{ numeric: [">", 3] }] } },
  { detail: { state: [{ prefix: "failed" }] } },
  { detail: { state: [{ "anything-but": ["FAILED"] }] } },
  { detail: { missing: [{ "anything-but": "FAILED" }] } },
  { detail: { missing: [{ exists: true }] } },
  { detail: { state: [{ exists: false }] } },
  { detail: { tags: ["c"] } },
  { detail: { state: { name: ["FAILED"] } } },
  { nothing: { at: { all: [{ prefix: "" }] } } },
  { $or: [{ source: ["aws.states"] }, { detail: { state: ["STOPPED"] } }] },
];

const wrong: readonly [pattern: unknown, message: RegExp][] = [
  [{}, /^pattern must be an object with fields, got \{\}/],
  [{ source: "aws.glue" }, /^pattern\.source must be an object with fields/],
  [{ source: [] }, /^pattern\.source must be a list with something in it/],
  [{ source: [{ like: "a" }] }, /^pattern\.source\[0\] must be a value or one of prefix, .*got \{"like":"a"\}/],
  [{ source: [{ prefix: "a", suffix: "b" }] }, /^pattern\.source\[0\] must be a value or one of/],
  [{ source: [{ prefix: 1 }] }, /^pattern\.source\[0\]\.prefix must be a text, got 1/],
  [{ n: [{ numeric: [">", "1"] }] }, /^pattern\.n\[0\]\.numeric must be operators with numbers/],
  [{ n: [{ numeric: [">"] }] }, /^pattern\.n\[0\]\.numeric must be one or two operators/],
  [{ n: [{ exists: "yes" }] }, /^pattern\.n\[0\]\.exists must be true or false/],
  [{ $or: [{ a: [1] }] }, /^pattern\.\$or must be a list of two patterns/],
  [["a"], /^pattern must be an object/],
];

describe("An event pattern", () => {
  for (const pattern of matching) {
    it(`matches by ${JSON.stringify(pattern)}`, () => {
      expect(compilePattern(pattern, "pattern")(event)).to.equal(true);
    });
  }

  for (const pattern of other) {
    it(`does not match by ${JSON.stringify(pattern)}`, () => {
      expect(compilePattern(pattern, "pattern")(event)).to.equal(false);
    });
  }

  for (const [pattern, message] of wrong) {
    it(`is refused as ${JSON.stringify(pattern)}`, () => {
      expect(() => compilePattern(pattern, "pattern")).to.throw(message);
    });
  }
});

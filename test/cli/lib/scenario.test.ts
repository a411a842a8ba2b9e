import { expect } from "chai";
import { parseScenario } from "../../../cli/lib/scenario.ts";

describe("parseScenario", () => {
  it("takes a scenario for one stage", () => {
    expect(parseScenario("*=FAILED in Clean up")).to.deep.equal({
      match: "*",
      stage: "Clean up",
      Return: { JobRunState: "FAILED" },
    });
    expect(parseScenario("a in b=x.csv=TIMEOUT@1,2 in Clean")).to.deep.include({
      match: "a in b=x.csv",
      stage: "Clean",
      attempts: [1, 2],
    });
  });

  it("reads a final state", () => {
    expect(parseScenario("*.csv=FAILED")).to.deep.equal({ match: "*.csv", Return: { JobRunState: "FAILED" } });
  });

  it("reads an error of StartJobRun", () => {
    expect(parseScenario("*=ConcurrentRunsExceededException")).to.deep.equal({
      match: "*",
      Throw: { Error: "ConcurrentRunsExceededException" },
    });
  });

  it("reads the attempts it holds for", () => {
    expect(parseScenario("*late*=TIMEOUT@1,2")).to.deep.equal({
      match: "*late*",
      attempts: [1, 2],
      Return: { JobRunState: "TIMEOUT" },
    });
  });

  it("takes the last equals sign, since keys may have some", () => {
    expect(parseScenario("day=1/*=STOPPED")).to.have.property("match", "day=1/*");
  });

  for (const [text, problem] of [
    ["FAILED", /must be PATTERN=OUTCOME/],
    ["=FAILED", /must be PATTERN=OUTCOME/],
    ["*=FALIED", /"FALIED" is not an outcome; did you mean FAILED\?/],
    ["*=x", /allowed are SUCCEEDED, FAILED/],
    ["*=FAILED@0", /whole numbers from 1/],
    ["*=FAILED@1@2", /whole numbers from 1/],
    ["*=FAILED@", /whole numbers from 1/],
  ] as const) {
    it(`explains what is wrong with ${text}`, () => {
      expect(parseScenario(text)).to.be.a("string").that.matches(problem);
    });
  }
});

import type { JobRun } from "@aws-sdk/client-glue";
import { expect } from "chai";
import { describeRun } from "../../functions/lib/job-run.ts";
import { aRun, start } from "../support/jobs.ts";
import { runProblems } from "./run-rules.ts";

const at = (seconds: number): JobRun => describeRun(aRun(), start + seconds * 1000);
const id = aRun().Id;
const told = (run: JobRun, before?: JobRun): readonly string[] => runProblems(run, id, before).map(({ what }) => what);

describe("runProblems", () => {
  it("finds none in a run that goes its way", () => {
    let before: JobRun | undefined;
    for (let second = 0; second < 40; second += 1) {
      expect(told(at(second), before)).to.deep.equal([]);
      before = at(second);
    }
  });

  for (const [what, run] of [
    ["JobRun.LogGroupName is missing", { ...at(10), LogGroupName: undefined }],
    ["JobRun.CompletedOn is missing at the end", { ...at(30), CompletedOn: undefined }],
    ["JobRun.CompletedOn is there before the end", { ...at(10), CompletedOn: new Date(start + 9000) }],
    ["JobRun.StateDetail is missing in WAITING", { ...at(0), JobRunState: "WAITING" }],
    ["JobRun.ErrorMessage is missing in FAILED", { ...at(30), JobRunState: "FAILED" }],
    ["JobRun.ErrorMessage is there in SUCCEEDED", { ...at(30), ErrorMessage: "" }],
    ["JobRun.Id is not the id that was asked for", { ...at(10), Id: "jr_1" }],
    ["JobRun.LastModifiedOn is before StartedOn", { ...at(10), LastModifiedOn: new Date(start - 1) }],
    ["JobRun.CompletedOn is before StartedOn", { ...at(30), CompletedOn: new Date(start - 1), ExecutionTime: -1 }],
    ["JobRun.ExecutionTime is longer than from StartedOn to CompletedOn", { ...at(30), ExecutionTime: 123 }],
  ] satisfies readonly (readonly [string, object])[]) {
    it(`finds that ${what}`, () => {
      expect(told(run as JobRun)).to.deep.equal([what]);
    });
  }

  it("finds what cannot come after what was told", () => {
    expect(told(at(5), at(10))).to.include("a run that was RUNNING is STARTING");
    expect(told(at(5), at(10))).to.include.members([
      "JobRun.LastModifiedOn goes back",
      "JobRun.ExecutionTime goes back",
    ]);
    expect(told({ ...at(30), Timeout: 5 }, at(30))).to.deep.equal(["JobRun changes after the end"]);
    expect(told({ ...at(12), Attempt: 1 }, at(10))).to.deep.equal(["JobRun.Attempt changes"]);
  });

  it("lets a look miss states", () => {
    expect(told(at(30), at(0))).to.deep.equal([]);
  });
});

import { expect } from "chai";
import { extractModel, glueModel, operationNames } from "../support/glue/model.ts";
import { problemsOf } from "../support/glue/validator.ts";

const model = glueModel();
const run = {
  Id: `jr_${"0".repeat(64)}`,
  JobName: "process-csv",
  StartedOn: 1_767_603_600.5,
  JobRunState: "RUNNING",
  Arguments: { "--key": "a.csv", "--empty": "" },
  PredecessorRuns: [{ JobName: "before" }],
  Timeout: 60,
  MaxCapacity: 0.0625,
  GlueVersion: "5.1",
  JobRunQueuingEnabled: false,
};

describe("problemsOf", () => {
  it("finds none in what the model allows", () => {
    expect(problemsOf(model, "JobRun", run)).to.deep.equal([]);
    expect(problemsOf(model, "StartJobRunRequest", { JobName: "😀".repeat(255) })).to.deep.equal([]);
  });

  for (const [wrong, problem] of [
    [{ Timeout: null }, "JobRun.Timeout is null"],
    [{ Timeout: 0 }, "JobRun.Timeout is below 1"],
    [{ Timeout: 1.5 }, "JobRun.Timeout is a fraction, not an integer"],
    [{ Timeout: 2 ** 31 }, "JobRun.Timeout is an integer of more than 32 bits, not an integer"],
    [{ Timeout: "60" }, "JobRun.Timeout is a string, not an integer"],
    [{ StartedOn: "2026-01-05T09:00:00Z" }, "JobRun.StartedOn is a string, not a timestamp"],
    [{ JobRunState: "DONE" }, 'JobRun.JobRunState is "DONE", which the enumeration has not'],
    [{ JobRunQueuingEnabled: "no" }, "JobRun.JobRunQueuingEnabled is a string, not a boolean"],
    [{ Arguments: { "--attempt": 1 } }, "JobRun.Arguments.* is a number, not a string"],
    [{ Arguments: [] }, "JobRun.Arguments is a list, not a map"],
    [{ PredecessorRuns: {} }, "JobRun.PredecessorRuns is an object, not a list"],
    [{ PredecessorRuns: [{ Run: "x" }] }, "JobRun.PredecessorRuns[].Run is no member of Predecessor"],
    [{ Id: "" }, "the length of JobRun.Id is below 1"],
    [{ Id: "😀".repeat(256) }, "the length of JobRun.Id is above 255"],
    [{ constructor: "x" }, "JobRun.constructor is no member of JobRun"],
  ] as const) {
    it(`finds that ${problem}`, () => {
      expect(problemsOf(model, "JobRun", { ...run, ...wrong })).to.deep.equal([problem]);
    });
  }

  it("holds a text to the whole of its pattern", () => {
    for (const wrong of ["a\nb", "\ud800"]) {
      expect(problemsOf(model, "IdString", wrong))
        .to.have.lengthOf(1)
        .and.to.match(/^IdString does not match /);
    }
    expect(problemsOf(model, "GlueVersionString", "5.1 beta")).to.have.lengthOf(1);
  });

  it("misses what is required, and bounds lists", () => {
    expect(problemsOf(model, "GetJobRunRequest", {})).to.deep.equal([
      "GetJobRunRequest.JobName is missing",
      "GetJobRunRequest.RunId is missing",
    ]);
    const JobRunIds: string[] = [];
    expect(problemsOf(model, "BatchStopJobRunRequest", { JobName: "a", JobRunIds })).to.deep.equal([
      "the length of BatchStopJobRunRequest.JobRunIds is below 1",
    ]);
  });
});

describe("extractModel", () => {
  it("keeps an extract as it is", () => {
    expect(extractModel(model, operationNames)).to.deep.equal(model);
  });

  it("keeps what the operations lead to, without the texts that are only to be read", () => {
    const whole = {
      ...model,
      shapes: {
        ...model.shapes,
        Other: { type: "string" } as const,
        Predecessor: { ...model.shapes.Predecessor, type: "structure", documentation: "What came before." } as const,
      },
    };
    expect(extractModel(whole, operationNames)).to.deep.equal(model);
  });
});

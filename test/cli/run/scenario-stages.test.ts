import { expect } from "chai";
import { stageProblems } from "../../../cli/run/scenario-stages.ts";

const problems = (stage: string | undefined, stages: readonly string[]): readonly string[] =>
  stageProblems([{ match: "*", ...(stage !== undefined && { stage }), Return: { JobRunState: "FAILED" } }], stages);

describe("stageProblems", () => {
  it("accepts scenarios of all stages, and of one that runs a job", () => {
    expect(problems(undefined, [])).to.deep.equal([]);
    expect(problems("Clean", ["Clean", "Profile"])).to.deep.equal([]);
  });

  it("says which stages there are", () => {
    expect(problems("Profil", ["Clean", "Profile"])).to.deep.equal([
      '--scenario: "Profil" is not a stage with a job; did you mean Profile?',
    ]);
    expect(problems("Elsewhere", ["Clean", "Profile"])).to.deep.equal([
      '--scenario: "Elsewhere" is not a stage with a job; there are Clean, Profile',
    ]);
    expect(problems("Clean", [])).to.deep.equal([
      '--scenario: "Clean" is not a stage with a job; this program has no stages: leave out " in Clean"',
    ]);
  });
});

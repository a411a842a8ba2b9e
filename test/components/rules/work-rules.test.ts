import { expect } from "chai";
import { problemText } from "../../../components/rules/problem.ts";
import { workRules } from "../../../components/rules/work-rules.ts";
import { parallel, sequence, wait } from "../../../components/stages/build.ts";
import type { Stage } from "../../../components/stages/stage.ts";

const problemsOf = (args: Parameters<typeof workRules>[0]): readonly string[] =>
  workRules(args).map((problem) => problemText(problem));

const rest = wait("Rest", { seconds: 1 });

describe("The work of a pipeline", () => {
  it("is one job, or stages", () => {
    expect(problemsOf({ job: {} })).to.deep.equal([]);
    expect(problemsOf({ stages: rest })).to.deep.equal([]);
    expect(problemsOf({ job: {}, stages: rest })).to.deep.equal([
      "job must be left out with stages, whose jobs are theirs, got {}",
    ]);
    expect(problemsOf({})).to.deep.equal(["job must be given, or stages, got undefined"]);
  });

  it("is made of stages all the way down", () => {
    const list = [rest] as unknown as Stage;
    expect(problemsOf({ stages: list })).to.deep.equal([
      'stages must be a stage: put a list together by sequence(…), got [{"kind":"wait","name":"Rest","seconds":1}]',
    ]);
    expect(problemsOf({ stages: sequence(rest, parallel("Both", rest, {} as Stage)) })).to.deep.equal([
      "stages.Both must be a stage, made by job(…), task(…), sequence(…) and the like, got {}",
    ]);
  });
});

import { expect } from "chai";
import { keyOf } from "../../../components/config/keys.ts";
import type { RuledArgs } from "../../../components/rules/pipeline-rules.ts";
import { problemText } from "../../../components/rules/problem.ts";
import { simulationRules } from "../../../components/rules/simulation-rules.ts";

const problems = (args: Partial<RuledArgs>): readonly string[] =>
  simulationRules({ mode: "simulated", completion: "sync", job: {}, ...args }).map((problem) =>
    problemText(problem, keyOf),
  );

describe("Rules of a simulation whose function waits for the run", () => {
  it("let ten minutes pass, and all that others wait for", () => {
    expect(problems({})).to.deep.equal([]);
    expect(problems({ simulation: { startUpSeconds: 100, durationSeconds: 500 } })).to.deep.equal([]);
    expect(problems({ mode: "real", simulation: { durationSeconds: 3600 } })).to.deep.equal([]);
    expect(problems({ completion: "poll", simulation: { durationSeconds: 3600 } })).to.deep.equal([]);
    expect(problems({ simulation: { durationSeconds: 3600 }, job: { timeoutMinutes: 9 } })).to.deep.equal([]);
  });

  it("refuse a run that can take longer", () => {
    expect(problems({ simulation: { startUpSeconds: 100, durationSeconds: 501 } })).to.deep.equal([
      'completion must be "poll" in simulated mode where a run can take 601 seconds: the function that waits for it does ' +
        "so for 600; or lower simulatedStartUpSeconds (100), simulatedDurationSeconds (501), or jobTimeoutMinutes (60), " +
        'got "sync"',
    ]);
  });

  it("refuse what the largest file would make of a run", () => {
    const [problem] = problems({ simulation: { secondsPerMiB: 1 }, validation: { maxFileBytes: 600 * 1024 ** 2 } });
    expect(problem).to.match(/can take 620 seconds.*simulatedSecondsPerMiB \(1\) or maxFileBytes \(629145600\)/);
    expect(problems({ simulation: { secondsPerMiB: 1 }, validation: { maxFileBytes: 500 * 1024 ** 2 } })).to.deep.equal(
      [],
    );
  });

  it("refuse a run that is told to take all its time", () => {
    const scenarios = [{ match: "*", Return: { JobRunState: "TIMEOUT" as const } }];
    expect(problems({ simulation: { scenarios } })[0]).to.include(
      "for the scenario that ends as TIMEOUT, jobTimeoutMinutes (60)",
    );
    expect(problems({ simulation: { scenarios }, job: { timeoutMinutes: 9 } })).to.deep.equal([]);
  });
});

import { expect } from "chai";
import { jobWarnings } from "../../../components/glue-job/warnings.ts";

describe("The warnings of a job", () => {
  it("are none for what is current and known", () => {
    expect(jobWarnings({})).to.deep.equal([]);
    expect(jobWarnings({ kind: "pythonshell" })).to.deep.equal([]);
    expect(jobWarnings({ glueVersion: "4.0", workload: "memory_intensive" })).to.deep.equal([]);
  });

  it("tell of a version that is old and still works", () => {
    expect(jobWarnings({ glueVersion: "3.0" })).to.deep.equal([
      'Glue 3.0 is old: Spark 3.1 and Python 3.7. "5.1" is a current glueVersion.',
    ]);
  });

  it("tell of a version that is newer than what is known", () => {
    expect(jobWarnings({ glueVersion: "7.0" })).to.deep.equal([
      'glueVersion "7.0" is not known here; Glue may know it. Known are 3.0, 4.0, 5.0, 5.1, 6.0.',
    ]);
    expect(jobWarnings({ glueVersion: "6.0" })).to.deep.equal([]);
  });

  it("tell that Ray is closed to new customers", () => {
    expect(jobWarnings({ kind: "ray" })).to.deep.equal([
      "Ray in Glue is closed to new customers since 2026-04-30: AWS may refuse the job.",
    ]);
  });

  it("ask whether a worker type that is not known was meant to be one that is", () => {
    expect(jobWarnings({ workerType: "G1X", numberOfWorkers: 2, overrides: { workerTypes: ["Q.77X"] } })).to.deep.equal(
      [
        'Worker type "G1X" is not known here; Glue may know it. Did you mean G.1X?',
        'Worker type "Q.77X" is not known here; Glue may know it. Known are G.025X, G.1X, G.2X, G.4X, G.8X, G.12X, G.16X, R.1X, R.2X, R.4X, R.8X, Z.2X, Standard.',
      ],
    );
  });
});

import { expect } from "chai";
import { keyOf } from "../../../components/config/keys.ts";
import { landingRules } from "../../../components/rules/landing-rules.ts";
import { problemText } from "../../../components/rules/problem.ts";

const problems = (suffix: string, extensions: readonly string[]): readonly string[] =>
  landingRules({ landing: { suffix }, validation: { extensions } }).map((problem) => problemText(problem, keyOf));

describe("Rules of the landing filter", () => {
  it("refuse an ending whose every file would be rejected", () => {
    expect(problems(".parquet", ["csv", "tsv"])).to.deep.equal([
      'landingSuffix must be an ending of files that are not rejected: extensions allows csv, tsv only, got ".parquet"',
    ]);
  });

  for (const [suffix, extensions] of [
    ["", ["csv"]],
    [".CSV", ["csv"]],
    ["sv", ["csv"]],
    ["-final.csv", ["csv"]],
    [".gz", ["csv.gz"]],
    [".parquet", []],
    [".tsv", ["csv", "tsv"]],
  ] as const) {
    it(`let "${suffix}" pass with [${extensions.join(", ")}]`, () => {
      expect(problems(suffix, extensions)).to.deep.equal([]);
    });
  }
});

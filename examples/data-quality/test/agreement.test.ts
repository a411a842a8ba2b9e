import { expect } from "chai";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findPython, PythonError } from "../../../cli/python/python.ts";
import { awkwardFiles } from "../../../test/stack/spark/awkward-files.ts";
import type { ProfilingContract } from "../lib/contract.ts";
import { parseRules } from "../lib/dqdl.ts";
import type { Profile } from "../lib/profile.ts";
import { profileCsv } from "../lib/profile-csv.ts";

interface Case {
  readonly name: string;
  readonly content: Uint8Array;
  readonly contract: ProfilingContract;
}

const path = (url: string): string => fileURLToPath(new URL(url, import.meta.url));

const contractOf = (rules = "", masked: readonly string[] = []): ProfilingContract => ({
  dataset: "orders",
  masked,
  maxMalformedRows: 1,
  rules: rules === "" ? [] : parseRules(`Rules = [${rules}]`),
});

const aboutEverything = `
  RowCount between 0 and 100, ColumnCount > 1, ColumnExists "a", ColumnExists "z", IsComplete "a", IsUnique "a",
  IsPrimaryKey "a", Completeness "a" >= 0.5, Uniqueness "a" > 0.3, UniqueValueRatio "a" != 1, DistinctValuesCount "a" < 5,
  Mean "a" > 0.1, ColumnValues "a" in [1, "x", NULL, WHITESPACES_ONLY], ColumnValues "a" not in [1, "x", EMPTY],
  ColumnValues "a" != 1, ColumnValues "a" >= 2, ColumnValues "a" not between -3 and 3,
  ColumnValues "a" between 0 and 9 with threshold > 0.4, ColumnValues "a" matches "[a-z\\d]+",
  ColumnValues "a" not matches "..", ColumnValues "a" > "2026-01-01", ColumnValues "a" <= (now() - 2 days),
  ColumnLength "a" between 0 and 3, ColumnDataType "a" = "INTEGER", ColumnDataType "a" = "DATE" with threshold >= 0.25,
  DataFreshness "a" <= 36 hours, DataFreshness "a" > 90 minutes with threshold between 0.1 and 0.9`;

const lines = (...rows: readonly string[]): Uint8Array => Buffer.from(`a,b\n${rows.map((row) => `${row}\n`).join("")}`);
const many = (count: number, row: (index: number) => string): Uint8Array =>
  lines(...Array.from({ length: count }, (_, index) => row(index)));

const judged: readonly (readonly [name: string, content: Uint8Array])[] = [
  ["numbers", lines("1,x", "2,y", "-3.5,", "1e3,z", "1,", ",", "007,8")],
  [
    "huge-numbers",
    lines("9223372036854775807,1", "-9223372036854775808,1", "1e308,1", "1e308,2", "9007199254740993,1"),
  ],
  ["sums-that-cancel-out", lines("1e100,1", "1,1", "-1e100,1", "0.1,1", "0.2,2", "0.3,3")],
  ["days", lines("2026-01-01,1", "2026-01-07,2", "2026-01-08,3", "2025-12-31,4", "2026-02-30,5")],
  ["moments", lines("2026-01-07T12:00:00Z,1", "2026-01-08 00:00:00,2", "2026-01-07T23:59:59.999999+02:00,3", "x,4")],
  ["texts", lines("x,1", "xy,2", "é,3", "日本語,4", "😀😀😀,5", "\ufffd,6", "  ,7", "X,8", "x,9")],
  ["long-texts", lines(`${"é".repeat(300)},1`, `${"é".repeat(300)},2`, `${"😀".repeat(61)},3`, `${"y".repeat(256)},4`)],
  ["malformed", lines("1", "2,3", "4,5,6", '"7"x,8', "9,")],
  ["no-rows", lines()],
  ["nothing-in-it", lines(",", ",", ",")],
  ["truths", lines("true,1", "FALSE,0", "True,1")],
  ["ties-among-the-most-frequent", lines(..."cbacbadefghcba".split("").map((letter) => `${letter},1`))],
  ["more-values-than-are-counted", many(12_000, (index) => `id-${index},${index % 7}`)],
  ["many-values-some-of-them-twice", many(30_000, (index) => `id-${index % 20_000},${index}`)],
];

const cases: readonly Case[] = [
  ...awkwardFiles.map(({ name, content }) => ({ name, content: Buffer.from(content), contract: contractOf() })),
  ...judged.map(([name, content]) => ({ name, content, contract: contractOf(aboutEverything) })),
  { name: "masked", content: lines("ada@x.org,1", "bob,2"), contract: contractOf(aboutEverything, ["a"]) },
];

/** Undefined, with a notice, on a machine without Python; where all checks are asked for that is an error. */
const python = await findPython().catch((error: unknown) => {
  if (!(error instanceof PythonError) || process.env.CI === "true") throw error;
  console.warn(`NOT RUN: the comparison of profile_quality.py with its stand-in. ${error.message}`);
  return undefined;
});

if (python !== undefined) {
  describe("profile_quality.py and its stand-in", function () {
    this.timeout(120_000);
    let folder: string;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "glue-pipeline-profiles-"));
      for (const { name, content, contract } of cases) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, "input.csv"), content);
        writeFileSync(join(folder, name, "contract.json"), JSON.stringify(contract));
      }
      const modules = [path("../scripts"), path("../../../scripts")].join(":");
      await promisify(execFile)(python.path, ["-I", path("profile_files.py"), modules, folder]);
    });

    after(() => {
      rmSync(folder, { recursive: true });
    });

    it("are compared on thirty files and more", () => {
      expect(new Set(cases.map(({ name }) => name)).size)
        .to.equal(cases.length)
        .and.be.at.least(30);
    });

    for (const { name, content, contract } of cases) {
      it(`find the same in ${name}`, async () => {
        const script = JSON.parse(readFileSync(join(folder, name, "profile.json"), "utf8")) as Profile;
        // The stand-in takes it in pieces of another size.
        expect(await profileCsv(pieces(content, 1000), contract, "2026-01-08T00:00:00Z")).to.deep.equal(script);
      });
    }

    it("agree on files that keep each rule and on files that break it", () => {
      const results = judged.map(
        ([name]) => JSON.parse(readFileSync(join(folder, name, "profile.json"), "utf8")) as Profile,
      );
      for (const { text } of contractOf(aboutEverything).rules) {
        if (text.startsWith("ColumnExists") || text.startsWith("ColumnCount")) continue;
        const outcomes = results.map(({ rules }) => rules.find(({ rule }) => rule === text)?.passed);
        expect(outcomes, text).to.include(true).and.include(false);
      }
    });
  });
}

async function* pieces(content: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < content.length; start += size)
    yield await Promise.resolve(content.subarray(start, start + size));
}

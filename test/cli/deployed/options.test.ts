import { expect } from "chai";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBackfillOptions } from "../../../cli/deployed/backfill/options.ts";
import { readReplayOptions } from "../../../cli/deployed/replay/options.ts";
import { milliseconds, readDropOptions } from "../../../cli/deployed/drop-options.ts";
import { readStatusOptions } from "../../../cli/deployed/status-options.ts";
import { UsageError } from "../../../cli/lib/command.ts";

const problemsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  return [];
};

describe("readDropOptions", () => {
  let folder = "";

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "drop-options-")));
    writeFileSync(join(folder, "a.csv"), "x");
    writeFileSync(join(folder, "b.csv"), "x");
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("follows the files on the local stack unless told otherwise", () => {
    const options = readDropOptions(["a.csv", "b.csv"], folder);
    expect(options).to.deep.include({ key: undefined, isFollowed: true, timeout: undefined, json: false });
    expect(options.target.stack).to.equal("local");
    expect(options.files.map(({ path }) => path)).to.deep.equal([join(folder, "a.csv"), join(folder, "b.csv")]);
  });

  it("takes any stack's name, for only Pulumi knows which there are", () => {
    expect(readDropOptions(["a.csv", "--stack=org/project/prod"], folder).target.stack).to.equal("org/project/prod");
  });

  it("takes all options", () => {
    const options = readDropOptions(["a.csv", "--key", "in/x.csv", "--timeout=1.5h", "--follow", "--json"], folder);
    expect(options).to.deep.include({ key: "in/x.csv", timeout: 5_400_000, isFollowed: true, json: true });
    expect(readDropOptions(["a.csv", "--detach"], folder).isFollowed).to.equal(false);
  });

  it("says all that is wrong at once", () => {
    expect(
      problemsOf(() =>
        readDropOptions(["a.csv", "c.csv", "--key=k", "--follow", "--detach", "--timeout=5", "--program=."], folder),
      ),
    ).to.deep.equal([
      '--program must be a folder with a Pulumi.yaml, got "."',
      "c.csv: there is no such file",
      "--key names one object, and there are 2 files",
      "--follow and --detach exclude each other",
      '--timeout must be a time such as 90s, 30m or 2h, got "5"',
      "--timeout is for following, --detach for not",
    ]);
    expect(problemsOf(() => readDropOptions([], folder))).to.deep.equal(["FILE is missing: name the files to upload"]);
  });
});

describe("milliseconds", () => {
  it("reads seconds, minutes and hours, and nothing else", () => {
    expect(["90s", "30m", "2h", "0.5s"].map(milliseconds)).to.deep.equal([90_000, 1_800_000, 7_200_000, 500]);
    for (const text of ["", "5", "s", "0s", "-1s", "1d", "1 s", "1e3s"]) expect(milliseconds(text)).to.equal(undefined);
  });
});

describe("readStatusOptions", () => {
  it("shows ten files of each kind unless told otherwise", () => {
    expect(readStatusOptions([], ".")).to.deep.include({ limit: 10, json: false, file: undefined });
    expect(readStatusOptions(["--limit=100", "--json", "--stack=prod"], ".")).to.deep.include({
      limit: 100,
      json: true,
    });
  });

  it("takes the key of one file, with or without a name for it", () => {
    expect(readStatusOptions(["incoming/a.csv"], ".").file).to.equal("incoming/a.csv");
    expect(readStatusOptions(["--file", "incoming/a.csv"], ".").file).to.equal("incoming/a.csv");
  });

  it("says all that is wrong at once", () => {
    for (const limit of ["0", "101", "1.5", "x"]) {
      expect(problemsOf(() => readStatusOptions([`--limit=${limit}`, "a", "b"], "."))).to.deep.equal([
        `--limit must be a whole number from 1 to 100, got "${limit}"`,
        '"b" is not expected: this command takes one KEY, or --file KEY',
      ]);
    }
    expect(problemsOf(() => readStatusOptions(["--file=a", "b"], "."))).to.have.length(1);
    expect(problemsOf(() => readStatusOptions([""], "."))).to.deep.equal([
      "KEY must not be empty: leave it out to see how the stack is doing",
    ]);
  });
});

describe("readBackfillOptions", () => {
  const now = Date.UTC(2026, 0, 31, 12);
  const read = (...args: string[]) => readBackfillOptions(args, ".", now);

  it("takes all that lands unless told otherwise", () => {
    expect(read()).to.deep.include({
      prefix: undefined,
      suffix: "",
      since: undefined,
      limit: undefined,
      isMeant: false,
    });
    expect(
      read("--prefix=in/", "--since=7d", "--until=2026-01-31T11:00+01:00", "--limit=5", "--rate=0.5", "--yes"),
    ).to.deep.include({
      prefix: "in/",
      since: Date.UTC(2026, 0, 24, 12),
      until: Date.UTC(2026, 0, 31, 10),
      limit: 5,
      rate: 0.5,
      isMeant: true,
      typed: { prefix: "in/", suffix: undefined, since: "7d", until: "2026-01-31T11:00+01:00", limit: "5" },
    });
  });

  it("says all that is wrong at once", () => {
    expect(problemsOf(() => read("--since=2026-02-31", "--limit=0", "--rate=fast", "in/"))).to.deep.equal([
      '--since must be a time such as 2026-01-31, 2026-01-31T12:00Z, or 90m, 36h, 7d ago, got "2026-02-31"',
      '--limit must be a whole number from 1, got "0"',
      '--rate must be a number of files a second from 0.1 to 10,000, got "fast"',
      '"in/" is not expected: this command takes options only',
    ]);
    expect(problemsOf(() => read("--since=1h", "--until=2h"))).to.deep.equal([
      "--since must be before --until: no file lands in between",
    ]);
    expect(problemsOf(() => read("--since=2030-01-01", "--rate=0"))).to.deep.equal([
      '--since must be in the past, got "2030-01-01"',
      '--rate must be a number of files a second from 0.1 to 10,000, got "0"',
    ]);
  });
});

describe("readReplayOptions", () => {
  it("has to be told what to take again", () => {
    const read = (...args: string[]) => readReplayOptions(args, ".", Date.UTC(2026, 0, 2));
    expect(read("--failed", "--since=1d", "--prefix=in/")).to.deep.include({
      since: Date.UTC(2026, 0, 1),
      prefix: "in/",
      isDryRun: false,
    });
    expect(problemsOf(() => read("--since=x", "a"))).to.deep.equal([
      "--failed is missing: it says that what has failed is to be taken again",
      '--since must be a time such as 2026-01-31, 2026-01-31T12:00Z, or 90m, 36h, 7d ago, got "x"',
      '"a" is not expected: this command takes options only',
    ]);
    expect(problemsOf(() => read("--failed", "--since=2026-01-03"))).to.deep.equal([
      '--since must be in the past, got "2026-01-03"',
    ]);
  });
});

import { expect } from "chai";
import { readEmulatorOptions } from "../../../cli/emulator/options.ts";
import { UsageError } from "../../../cli/lib/command.ts";

const DEFAULTS = {
  action: "start",
  host: "127.0.0.1",
  port: 4566,
  persist: false,
  mends: true,
  foreground: false,
  processes: undefined,
  json: false,
};

const problemsOf = (...args: readonly string[]): readonly string[] => {
  try {
    readEmulatorOptions(args);
  } catch (error) {
    if (error instanceof UsageError) return error.problems;
    throw error;
  }
  return [];
};

describe("readEmulatorOptions", () => {
  it("starts a mended emulator at the usual place by default", () => {
    expect(readEmulatorOptions([])).to.deep.equal(DEFAULTS);
  });

  it("takes an action and what it is to look like", () => {
    expect(
      readEmulatorOptions(["start", "--port", "4577", "--host", "localhost", "--persist", "--no-mends", "--json"]),
    ).to.deep.equal({ ...DEFAULTS, port: 4577, persist: true, mends: false, json: true });
    expect(readEmulatorOptions(["status", "--json"])).to.deep.equal({ ...DEFAULTS, action: "status", json: true });
    expect(readEmulatorOptions(["--processes=6", "--foreground"])).to.deep.equal({
      ...DEFAULTS,
      processes: 6,
      foreground: true,
    });
  });

  it("lets other machines in only when that is asked for", () => {
    expect(problemsOf("--host", "0.0.0.0")).to.deep.equal([
      '--host must be 127.0.0.1 unless --allow-remote is given, got "0.0.0.0"',
    ]);
    expect(readEmulatorOptions(["--host", "0.0.0.0", "--allow-remote"])).to.have.property("host", "0.0.0.0");
  });

  it("names all that is wrong at once", () => {
    expect(problemsOf("halt", "now", "--port", "0", "--processes", "many", "--host", "::1", "--no-mend")).to.deep.equal(
      [
        "--no-mend is not an option; did you mean --no-mends?",
        '"halt" is not an action; there are start, stop, status',
        '"now" is not expected: one action is enough',
        '--port must be a whole number from 1 to 65535, got "0"',
        '--processes must be a whole number from 1 to 1000, got "many"',
        '--host must be an IPv4 address or localhost, got "::1"',
      ],
    );
  });

  it("refuses options that would have no effect", () => {
    expect(problemsOf("--no-mends", "--processes", "4", "--foreground", "--json")).to.deep.equal([
      "--processes has no effect with --no-mends",
      "--json has no effect with --foreground",
    ]);
    expect(problemsOf("stop", "--persist", "--json", "--port=4577")).to.deep.equal([
      "--persist has no effect with stop",
      "--json has no effect with stop",
    ]);
    expect(problemsOf("status", "--foreground", "--json")).to.deep.equal(["--foreground has no effect with status"]);
  });
});

import { expect } from "chai";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPython, noPython } from "../../../cli/emulator/python.ts";
import { ensurePythonEnvironment } from "../../../cli/emulator/python-environment.ts";

const messageOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error("expected an error");
};

describe("findPython", () => {
  let folder: string;
  const command = (name: string, script: string): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "glue-pipeline-python-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("takes the first that is new enough and can make environments", async () => {
    command("python3", `echo '["/old/python3", "3.9.18", true]'`);
    command("python", `echo '["/bare/python", "3.12.1", false]'`);
    command("python3.13", "echo 'no such version' >&2; exit 127");
    command("python3.12", `echo '["/good/python", "3.12.1", true]'`);
    expect(await findPython({ PATH: folder })).to.deep.equal({ path: "/good/python", version: "3.12.1" });
  });

  it("says what it found where none will do", async () => {
    command("python3", `echo '["/old/python3", "3.9.18", true]'`);
    command("python3.13", "echo 'no such version' >&2; exit 127");
    expect(await messageOf(findPython({ PATH: folder }))).to.equal(
      "Python 3.10 or newer is needed on PATH; found: python3 is 3.9.18, python3.13 does not run (no such version)",
    );
    expect(noPython([])).to.equal("Python 3.10 or newer is needed on PATH; found none");
    expect(noPython([{ command: "python3", path: "/p", version: "3.11.2", hasPip: false }])).to.equal(
      "Python 3.10 or newer is needed on PATH; found: python3 is 3.11.2 without venv (on Debian and Ubuntu: apt install python3-venv)",
    );
  });
});

describe("ensurePythonEnvironment", function () {
  this.timeout(120_000);

  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "glue-pipeline-environment-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const requirementsOf = (text: string): string => {
    const path = join(folder, "requirements.txt");
    writeFileSync(path, text);
    return path;
  };

  it("makes an environment once, however many ask for it at once", async () => {
    const lines: string[] = [];
    const cache = join(folder, "cache");
    const options = { name: "empty", requirements: requirementsOf("# nothing\n"), cache, log: () => undefined };
    const pythons = await Promise.all([1, 2, 3].map(() => ensurePythonEnvironment(options)));
    expect(new Set(pythons).size).to.equal(1);
    expect(existsSync(pythons[0] ?? "")).to.equal(true);
    await ensurePythonEnvironment({ ...options, log: (line) => lines.push(line) });
    expect(lines, "the second time there is nothing to say").to.deep.equal([]);

    requirementsOf("# something else\n");
    expect(await ensurePythonEnvironment(options)).to.not.equal(pythons[0]);
  });

  it("makes one anew whose making was cut short", async () => {
    const cache = join(folder, "cache");
    const options = { name: "empty", requirements: requirementsOf(""), cache, log: () => undefined };
    const python = await ensurePythonEnvironment(options);
    const made = join(python, "..", "..");
    rmSync(join(made, "complete"));
    rmSync(python);
    symlinkSync("/nowhere", python);
    expect(await ensurePythonEnvironment(options)).to.equal(python);
    expect(existsSync(python)).to.equal(true);
  });

  it("says what pip says where a package cannot be installed", async () => {
    const cache = join(folder, "cache");
    const requirements = requirementsOf("./nowhere-to-be-found\n");
    const message = await messageOf(
      ensurePythonEnvironment({ name: "broken", requirements, cache, log: () => undefined }),
    );
    expect(message).to.match(/^the packages of broken \(.*requirements\.txt\) could not be installed: /);
    expect(message).to.include("nowhere-to-be-found");
    expect(readdirSync(cache).some((name) => existsSync(join(cache, name, "complete")))).to.equal(false);
  });
});

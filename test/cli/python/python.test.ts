import { expect } from "chai";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPython, noPython } from "../../../cli/python/python.ts";

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

  it("passes over what does not answer as Python does", async () => {
    command("python3", "echo Welcome");
    command("python", "exit 1");
    const message = await messageOf(findPython({ PATH: folder }));
    expect(message).to.include('python3 does not run (it answers "Welcome")');
    expect(message).to.include("python does not run (it ended with 1)");
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

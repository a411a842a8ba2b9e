import { expect } from "chai";
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePythonEnvironment } from "../../cli/python/python-environment.ts";

const messageOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error("expected an error");
};

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

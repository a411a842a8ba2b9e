import { expect } from "chai";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCli, type CliResult } from "../support/cli.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

const HELLO = `
export const command = {
  name: "hello",
  help: "says hello",
  run: async (args, io) => {
    io.out(["hello", ...args, io.cwd].join(" "));
    return 7;
  },
};
`;

const CHATTY = `
export const command = {
  name: "chatty",
  help: "",
  run: async (args, io) => {
    for (let line = 0; line < 20; line++) {
      io.out("x");
      if (args[0] === "stderr") io.err("x");
      await new Promise((done) => setTimeout(done, 10));
    }
    return 7;
  },
};
`;

/** Stands in for npm: notes what it was asked, and installs by writing npm's own note of what is installed. */
const FAKE_NPM = `
import { copyFileSync, mkdirSync } from "node:fs";
console.log("npm was asked to", process.argv[2]);
if (process.env.NPM_FAILS) process.exit(9);
mkdirSync("node_modules", { recursive: true });
copyFileSync("package-lock.json", "node_modules/.package-lock.json");
`;

const PACKAGES = {
  "": { name: "p" },
  "node_modules/tsx": { version: "1.0.0", integrity: "sha512-a" },
  "node_modules/a/node_modules/@scope/b": { version: "2.0.0" },
  "node_modules/other-platform": { version: "3.0.0", optional: true },
};

describe("cli/run.mjs", () => {
  let root = "";

  const write = (path: string, content: string | object): void => {
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  };
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> =>
    runCli(args, {
      script: join(root, "cli", "run.mjs"),
      cwd: root,
      env: { npm_execpath: join(root, "npm.mjs"), ...env },
    });

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "run-")));
    mkdirSync(join(root, "cli", "lib"), { recursive: true });
    mkdirSync(join(root, "node_modules"));
    for (const file of ["run.mjs", "install.mjs", "lib/command.ts"])
      cpSync(join(PROJECT, "cli", file), join(root, "cli", file));
    symlinkSync(join(PROJECT, "node_modules", "tsx"), join(root, "node_modules", "tsx"));
    write("cli/hello.ts", HELLO);
    write("npm.mjs", FAKE_NPM);
    write("package.json", { type: "module" });
    write("package-lock.json", { packages: PACKAGES });
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("lists the commands when it does not know the one it is given", async () => {
    expect(await run([])).to.deep.equal({ code: 2, stdout: "", stderr: "Which command? There are: hello\n" });
    expect((await run(["helo"])).stderr).to.equal('"helo" is not a command. There are: hello\n');
  });

  it("installs what is missing and then runs the command; only the command writes to standard output", async () => {
    expect(await run(["hello", "there"])).to.deep.equal({
      code: 7,
      stdout: `hello there ${root}`,
      stderr: "Installing 2 packages from package-lock.json (tsx, @scope/b)\nnpm was asked to ci\n",
    });
    expect((await run(["hello"])).stderr, "the second time").to.equal("");
  });

  it("installs again when the lock file asks for another version", async () => {
    await run(["hello"]);
    write("package-lock.json", { packages: { ...PACKAGES, "node_modules/tsx": { version: "1.0.1" } } });
    expect((await run(["hello"])).stderr).to.match(/^Installing 1 package from package-lock.json \(tsx\)/);
  });

  it("says so when npm fails", async () => {
    const { code, stdout, stderr } = await run(["hello"], { NPM_FAILS: "1" });
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: "" });
    expect(stderr).to.match(
      /npm ci failed \(exit code 9\): nothing runs without these packages; npm says above what is wrong\n$/,
    );
  });

  it("says so when there is no lock file to install from", async () => {
    write("package-lock.json", "not JSON");
    expect(await run(["hello"])).to.deep.include({
      code: 1,
      stderr: "package-lock.json is missing or is not JSON: it says what to install\n",
    });
  });

  it("stops without claiming success when nobody reads what it writes", async () => {
    await run(["hello"]);
    write("cli/chatty.ts", CHATTY);
    expect(await chat("stdout")).to.deep.equal({ code: 141, stderr: "" });
  });

  it("goes on when nobody reads its messages", async () => {
    await run(["hello"]);
    write("cli/chatty.ts", CHATTY);
    expect(await chat("stderr")).to.deep.equal({ code: 7, stderr: "" });
  });

  /** Runs a command that writes to a stream that is closed at the other end. */
  const chat = (closed: "stdout" | "stderr"): Promise<{ readonly code: number | null; readonly stderr: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(root, "cli", "run.mjs"), "chatty", closed], { cwd: root });
      let stderr = "";
      child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
      child.stdout.resume();
      child[closed].destroy();
      child.on("error", reject);
      child.on("close", (code) => {
        resolve({ code, stderr });
      });
    });

  it("starts relative paths where the person was when npm was called", async () => {
    await run(["hello"]);
    const { stdout } = await run(["hello"], { npm_lifecycle_event: "start", INIT_CWD: "/somewhere" });
    expect(stdout).to.equal("hello /somewhere");
  });
});

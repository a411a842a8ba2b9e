import { expect } from "chai";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runScriptProcess, type ScriptEnd } from "../../../local/engine/script-process.ts";

const MODULE = new URL("../../../local/engine/script-process.ts", import.meta.url).href;

describe("A script's process", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "glue-pipeline-process-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (script: string, lines: string[] = []): Promise<ScriptEnd> =>
    runScriptProcess({
      command: process.execPath,
      args: ["-e", script],
      env: process.env,
      cwd: folder,
      log: join(folder, "log.txt"),
      onLine: (line) => lines.push(line),
      timeoutMs: 30_000,
      stop: new AbortController().signal,
    });
  const isRunning = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  const hasEnded = async (pid: number): Promise<boolean> => {
    for (let look = 0; look < 100 && isRunning(pid); look++) await sleep(50);
    return !isRunning(pid);
  };

  it("ends with its script, and takes along what that has left running", async () => {
    const script = `
      const child = require("node:child_process").spawn("sleep", ["60"], { stdio: "inherit" });
      console.log(child.pid);
      process.exit(3);`;
    const lines: string[] = [];
    expect(await run(script, lines)).to.deep.equal({ kind: "ended", code: 3, signal: null });
    expect(await hasEnded(Number(lines[0]))).to.equal(true);
  });

  it("ends with its script though something of another group keeps its output open", async () => {
    const script = `
      const child = require("node:child_process").spawn("sleep", ["60"], { stdio: "inherit", detached: true });
      console.log(child.pid);
      process.exit(0);`;
    const lines: string[] = [];
    const began = performance.now();
    expect(await run(script, lines)).to.deep.equal({ kind: "ended", code: 0, signal: null });
    expect(performance.now() - began).to.be.lessThan(20_000);
    process.kill(Number(lines[0]), "SIGKILL");
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it(`is gone when this process is ended by ${signal}`, async () => {
      const parent = spawn(
        process.execPath,
        [
          "--import=tsx",
          "--input-type=module",
          "-e",
          `import { runScriptProcess } from ${JSON.stringify(MODULE)};
           const stop = new AbortController().signal;
           const script = "console.log(process.pid); setTimeout(() => undefined, 60_000)";
           await runScriptProcess({ command: process.execPath, args: ["-e", script], env: process.env, cwd: "/",
             log: ${JSON.stringify(join(folder, "log.txt"))}, onLine: console.log, timeoutMs: 60_000, stop });`,
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      const [pid] = (await once(parent.stdout, "data")) as [Buffer];
      parent.kill(signal);
      expect(await once(parent, "exit")).to.deep.equal([null, signal]);
      expect(await hasEnded(Number(pid.toString()))).to.equal(true);
    });
  }

  it("leaves all that it printed in its log", async () => {
    const lines: string[] = [];
    await run(`console.log("out"); console.error("err"); process.stdout.write("no line end")`, lines);
    expect(lines).to.have.members(["out", "err", "no line end"]);
    expect(readFileSync(join(folder, "log.txt"), "utf8")).to.contain("no line end");
  });
});

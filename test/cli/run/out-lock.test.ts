import { expect } from "chai";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { commandLineOf } from "../../../cli/emulator/process.ts";
import { UsageError } from "../../../cli/lib/command.ts";
import { outFolderProblem, prepareOutFolder } from "../../../cli/run/out-folder.ts";
import { lockProblem } from "../../../cli/run/out-lock.ts";
import { runCli } from "../../support/cli.ts";

const RUN = fileURLToPath(new URL("../../../cli/run.mjs", import.meta.url));

describe("The folder of a run's buckets", function () {
  this.timeout(60_000);
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "glue-pipeline-out-lock-"));
    mkdirSync(join(folder, "out"));
    writeFileSync(join(folder, "out", ".embedded-cloud"), "");
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const leaveLock = (text: string): void => {
    writeFileSync(join(folder, "out", ".embedded-cloud.lock"), text);
  };
  const someone = (): ChildProcess => {
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
    children.push(child);
    return child;
  };

  it("belongs to one process at a time: another one is told who has it, and what to do", async () => {
    const { pid = 0 } = someone();
    leaveLock(JSON.stringify({ pid, command: commandLineOf(pid) }));
    mkdirSync(join(folder, "out", "landing"));
    const problem = `--out: ${folder}/out is in use by another npm start (process ${pid}): wait until it has ended, or keep this one's buckets in another folder with --out DIR`;
    expect(outFolderProblem(join(folder, "out"))).to.equal(problem);
    expect(() => {
      prepareOutFolder(join(folder, "out"));
    }).to.throw(UsageError, problem);
    const { code, stdout, stderr } = await runCli(["start", "--out", join(folder, "out")]);
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: "" });
    expect(stderr).to.include(problem);
    expect(existsSync(join(folder, "out", "landing"))).to.equal(true);
  });

  it("is kept from a second npm start while a first one runs, which goes on undisturbed", async function () {
    // Two starts one after the other, on a machine that has other things to do.
    this.timeout(120_000);
    const out = join(folder, "out");
    const first = spawn(process.execPath, [RUN, "start", "--out", out, "--clock", "real"]);
    children.push(first);
    while (!existsSync(join(out, ".embedded-cloud.lock"))) await pause(50);
    const second = await runCli(["start", "--out", out]);
    expect(second.code).to.equal(2);
    expect(second.stderr).to.include(`${out} is in use by another npm start (process ${first.pid ?? 0})`);
    expect(first.exitCode).to.equal(null);
  });

  it("is taken over from a process that has ended, however it ended", async () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const own = { pid: process.pid, command: commandLineOf(process.pid) };
    const killed = someone();
    const locks = [
      JSON.stringify({ pid }),
      JSON.stringify({ pid: killed.pid, command: commandLineOf(killed.pid ?? 0) }),
      // A number is given again, in containers soon.
      JSON.stringify({ pid: process.ppid, command: "node cli/run.mjs start" }),
      JSON.stringify({ pid: 0 }),
      "",
      '{"pid": 1',
    ];
    killed.kill("SIGKILL");
    await once(killed, "exit");
    for (const text of locks) {
      leaveLock(text);
      prepareOutFolder(join(folder, "out"));
      expect(JSON.parse(readFileSync(join(folder, "out", ".embedded-cloud.lock"), "utf8"))).to.deep.equal(own);
    }
  });

  it("is free again when the process has ended", async () => {
    const one = await runCli(["start", "--out", join(folder, "out")]);
    expect(one.code).to.equal(0);
    expect(existsSync(join(folder, "out", ".embedded-cloud.lock"))).to.equal(false);
    expect(lockProblem(join(folder, "out"))).to.equal(undefined);
  });
});

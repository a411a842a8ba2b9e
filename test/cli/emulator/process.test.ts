import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLineOf, endGroup, isAlive } from "../../../cli/emulator/process.ts";
import { runningIn } from "../../../cli/emulator/run-folder.ts";

/** A process that leads a group and has a child in it; both ignore SIGTERM if they are stubborn. */
const LEADER = `
if (process.argv[1] === "stubborn") process.on("SIGTERM", () => {});
const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
child.once("spawn", () => console.log(child.pid));
setInterval(() => {}, 1000);
`;

describe("a process group", () => {
  let leader: ChildProcess | undefined;

  const start = async (how: string): Promise<readonly [number, number]> => {
    const child = spawn(process.execPath, ["-e", LEADER, how], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
    leader = child;
    const text = await new Promise<string>((resolve) => child.stdout.setEncoding("utf8").once("data", resolve));
    return [child.pid ?? 0, Number(text)];
  };

  afterEach(() => {
    leader?.kill("SIGKILL");
    leader = undefined;
  });

  it("ends as a whole", async () => {
    const [first, second] = await start("willing");
    expect([first, second].map(isAlive)).to.deep.equal([true, true]);
    expect(commandLineOf(first)).to.include("willing");
    await endGroup(first, "SIGTERM", 5_000);
    expect([first, second].map(isAlive)).to.deep.equal([false, false]);
    expect(commandLineOf(first)).to.be.oneOf([undefined, ""]);
  });

  it("ends even if its leader does not want to", async () => {
    const [first, second] = await start("stubborn");
    await endGroup(first, "SIGTERM", 100);
    expect([first, second].map(isAlive)).to.deep.equal([false, false]);
  });
});

describe("runningIn", () => {
  it("does not take another process with the same number for the emulator", () => {
    const folder = mkdtempSync(join(tmpdir(), "glue-pipeline-run-"));
    try {
      expect(runningIn(folder)).to.equal(undefined);
      writeFileSync(join(folder, "emulator.json"), JSON.stringify({ pid: process.pid, port: 1, mends: [] }));
      expect(runningIn(folder)).to.equal(undefined);
      writeFileSync(join(folder, "emulator.json"), "{");
      expect(runningIn(folder)).to.equal(undefined);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import { expect } from "chai";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isAlive } from "../../cli/emulator/process.ts";
import { findPython } from "../../cli/python/python.ts";

const LAUNCHER = fileURLToPath(new URL("../../cli/emulator/launcher.py", import.meta.url));
const MINISTACK = new URL("../../cli/emulator/ministack.ts", import.meta.url);

describe("the launcher", function () {
  this.timeout(60_000);

  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "glue-pipeline-launcher-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("refuses a version of MiniStack that its mends are not written for", async () => {
    const info = join(folder, "ministack-1.5.34.dist-info");
    mkdirSync(info);
    writeFileSync(join(info, "METADATA"), "Metadata-Version: 2.1\nName: ministack\nVersion: 1.5.34\n");
    const { path } = await findPython();
    const { status, stderr } = spawnSync(path, ["-B", LAUNCHER, `--folder=${join(folder, "run")}`], {
      env: { PYTHONPATH: folder },
      encoding: "utf8",
    });
    expect(status).to.equal(2);
    expect(stderr).to.equal("ministack must be 1.5.33, which the mends are written for, got 1.5.34\n");
  });

  it("tells its mends: what AWS does, and what MiniStack does", async () => {
    const { path } = await findPython();
    const { stdout } = spawnSync(path, ["-B", LAUNCHER, "--list-mends"], { env: {}, encoding: "utf8" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines.length).to.be.greaterThan(5);
    for (const line of lines) expect(line).to.match(/^[a-z_]+: .*; MiniStack .*\.$/);
  });

  it("ends when whoever started the emulator is killed", async () => {
    const script = join(folder, "start.mts");
    const start = `{ port: 0, folder: ${JSON.stringify(join(folder, "run"))}, log: () => undefined }`;
    writeFileSync(
      script,
      `import { startMiniStack } from ${JSON.stringify(MINISTACK.href)};
       console.log((await startMiniStack(${start})).pid);
       setInterval(() => undefined, 1000);`,
    );
    const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const text = await new Promise<string>((resolve) => child.stdout.setEncoding("utf8").once("data", resolve));
    const pid = Number(text);
    expect(isAlive(pid)).to.equal(true);
    child.kill("SIGKILL");
    for (let waited = 0; waited < 10_000 && isAlive(pid); waited += 50) await pause(50);
    expect(isAlive(pid)).to.equal(false);
  });
});

import { expect } from "chai";
import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:net";
import { fileURLToPath } from "node:url";
import { isAlive } from "../../cli/emulator/process.ts";
import { runFolder, runningIn } from "../../cli/emulator/run-folder.ts";
import { runCli, type CliResult } from "../support/cli.ts";
import { freePort, listen } from "../cli/emulator/ports.ts";

const RUN = fileURLToPath(new URL("../../cli/run.mjs", import.meta.url));

describe("npm run emulator", function () {
  this.timeout(120_000);

  let port: number;
  let server: Server | undefined;

  const emulator = (...args: readonly string[]): Promise<CliResult> =>
    runCli(["emulator", ...args, "--port", String(port)]);

  /** Somebody else's server takes the port. */
  const occupy = async (answers: Readonly<Record<string, string>>): Promise<void> => {
    server = createServer((request, response) => {
      const body = answers[request.url ?? ""];
      response.writeHead(body === undefined ? 404 : 200).end(body ?? "");
    });
    port = await listen(server);
  };

  beforeEach(async () => {
    port = await freePort();
  });

  afterEach(async () => {
    server?.close();
    server = undefined;
    if (runningIn(runFolder(port)) !== undefined) await emulator("stop");
    rmSync(runFolder(port), { recursive: true, force: true });
  });

  it("starts an emulator in the background, uses it when it is there, and stops it", async () => {
    const url = `http://127.0.0.1:${port}`;
    const started = await emulator();
    expect(started.code, started.stderr).to.equal(0);
    expect(started.stdout).to.match(new RegExp(`^MiniStack 1\\.5\\.33 answers at ${url}\n`));
    expect(started.stdout).to.match(/\nDeploy {4}.*pulumi up -s local\n/);
    expect(started.stdout).to.include(`\nStop      npm run emulator -- stop --port ${port}\n`);
    const first = runningIn(runFolder(port));
    expect(first).to.deep.include({ port, host: "127.0.0.1", persist: false });
    expect(first?.mends).to.include("error_names");

    const again = await emulator("start", "--json");
    expect(again.code).to.equal(0);
    expect(JSON.parse(again.stdout)).to.deep.include({ state: "running", startedHere: true, pid: first?.pid });

    const late = await emulator("--foreground", "--persist");
    expect(late.code).to.equal(0);
    expect(late.stderr).to.equal(
      "An emulator runs already: without effect on it are --persist, --foreground; stop it first\n",
    );
    expect(late.stdout).not.to.include("Ctrl-C");

    const status = await emulator("status", "--json");
    expect(status.code).to.equal(0);
    expect(JSON.parse(status.stdout)).to.deep.include({
      url,
      name: "MiniStack",
      holdings: { buckets: 0, functions: 0, stateMachines: 0 },
    });

    const stopped = await emulator("stop");
    expect(stopped).to.include({ code: 0, stdout: `Stopped MiniStack 1.5.33 (process ${first?.pid})\n` });
    expect(isAlive(first?.pid ?? process.pid)).to.equal(false);
    expect(await emulator("status")).to.deep.include({
      code: 1,
      stdout: `Nothing answers at ${url}. To start an emulator: npm run emulator\n`,
    });
    expect(await emulator("stop")).to.deep.include({ code: 0, stdout: `Nothing runs at ${url}\n` });
  });

  it("starts one emulator when it is called twice at once", async () => {
    const both = await Promise.all([emulator("--json"), emulator("--json")]);
    expect(both.map(({ code }) => code)).to.deep.equal([0, 0]);
    const pids = both.map(({ stdout }) => (JSON.parse(stdout) as { pid: number }).pid);
    expect(pids).to.deep.equal([runningIn(runFolder(port))?.pid, runningIn(runFolder(port))?.pid]);
  });

  it("uses somebody else's emulator, says what it cannot do, and does not stop it", async () => {
    await occupy({ "/moto-api/data.json": "{}" });
    const started = await emulator();
    expect(started.code).to.equal(0);
    expect(started.stdout).to.match(/^moto answers at .* \(not started here\)\n {2}! It runs no functions in Node\.js/);
    const stopped = await emulator("stop");
    expect(stopped.code).to.equal(1);
    expect(stopped.stderr).to.equal(
      `npm run emulator: moto at http://127.0.0.1:${port} was not started by this command, and is left alone\n`,
    );
    expect(existsSync(runFolder(port))).to.equal(false);
  });

  it("says so where the port belongs to something else", async () => {
    await occupy({});
    const { code, stdout, stderr } = await emulator();
    expect({ code, stdout, stderr }).to.deep.equal({
      code: 1,
      stdout: "",
      stderr: `npm run emulator: what listens at http://127.0.0.1:${port} is no AWS emulator (HTTP 404): end it, or choose another port with --port\n`,
    });
  });

  it("stays in the foreground until it is told to end", async () => {
    const child = spawn(process.execPath, [RUN, "emulator", "--foreground", "--port", String(port)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const code = new Promise((resolve) => child.once("exit", resolve));
    let text = "";
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding("utf8").on("data", (more: string) => {
        text += more;
        if (text.includes("Stop with Ctrl-C.")) resolve();
      });
      child.once("exit", () => {
        resolve();
      });
    });
    const running = runningIn(runFolder(port));
    expect(running, text).to.not.equal(undefined);
    child.kill("SIGINT");
    expect(await code).to.equal(0);
    expect(isAlive(running?.pid ?? process.pid)).to.equal(false);
  });

  it("says what is wrong with the command line", async () => {
    const { code, stderr } = await runCli(["emulator", "halt", "--host", "0.0.0.0"]);
    expect(code).to.equal(2);
    expect(stderr).to.include('"halt" is not an action').and.to.include("--allow-remote");
  });
});

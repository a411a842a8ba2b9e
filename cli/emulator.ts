import { lookup } from "node:dns/promises";
import { setTimeout as pause } from "node:timers/promises";
import { holdingsOf, type Holdings } from "./emulator/holdings.ts";
import { EmulatorError, startMiniStack, type MiniStack } from "./emulator/ministack.ts";
import { emulatorHelp, readEmulatorOptions, type EmulatorOptions } from "./emulator/options.ts";
import { endGroup } from "./emulator/process.ts";
import { nextLines, statusDocument, statusLines, strangerLine, unheededOptions } from "./emulator/render.ts";
import { makeRunFolder, runFolder, runningIn } from "./emulator/run-folder.ts";
import { statusOf, urlOf, type Status } from "./emulator/status.ts";
import type { Command, Io } from "./lib/command.ts";

export const command: Command = { name: "npm run emulator", help: emulatorHelp, run: emulate };

/** The AWS provider puts the account before the host when it calls S3 Control. */
const ACCOUNT_HOST = "000000000000.localhost";
/** One that is being started by somebody else is waited for this long; its packages may have to be installed first. */
const OTHER_START_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 200;
const STOP_WITHIN_MS = 10_000;

async function emulate(args: readonly string[], io: Io): Promise<number> {
  const options = readEmulatorOptions(args);
  switch (options.action) {
    case "start":
      return start(options, io);
    case "status":
      return status(options, io);
    case "stop":
      return stop(options, io);
  }
}

async function start(options: EmulatorOptions, io: Io): Promise<number> {
  const before = await statusOf(options);
  if (before.state === "stranger") throw new EmulatorError(strangerLine(before));
  const started = before.state === "nothing" ? await startHere(options, io) : undefined;
  const now = started === undefined && before.state === "running" ? before : await untilRunning(options);
  const unheeded = started === undefined ? unheededOptions(options, now.own) : [];
  if (unheeded.length > 0) {
    io.err(`An emulator runs already: without effect on it are ${unheeded.join(", ")}; stop it first\n`);
  }
  // Whoever reads that Ctrl-C is heard may press it at once.
  const ended = options.foreground && started !== undefined ? stay(started, io) : 0;
  if (options.json) io.out(`${JSON.stringify(statusDocument(now), undefined, 2)}\n`);
  else await tell(now, options.foreground && started !== undefined, io);
  return ended;
}

/** Undefined: somebody else is starting one at the same time. */
async function startHere(options: EmulatorOptions, io: Io): Promise<MiniStack | undefined> {
  const { host, port, persist, mends, processes, foreground } = options;
  const folder = runFolder(port);
  makeRunFolder(folder);
  try {
    return await startMiniStack({
      host,
      port,
      folder,
      persist,
      mends,
      ...(processes === undefined ? {} : { processes }),
      outlive: !foreground,
      log: (line) => {
        io.err(`${line}\n`);
      },
    });
  } catch (error) {
    if (error instanceof EmulatorError && error.isRunningAlready) return undefined;
    throw error;
  }
}

async function untilRunning(options: EmulatorOptions): Promise<Extract<Status, { state: "running" }>> {
  for (let waited = 0; waited < OTHER_START_WITHIN_MS; waited += LOOK_EVERY_MS) {
    const found = await statusOf(options);
    if (found.state === "running") return found;
    await pause(LOOK_EVERY_MS);
  }
  throw new EmulatorError(
    `the emulator at ${urlOf(options)} does not answer, see the log in ${runFolder(options.port)}`,
  );
}

async function tell(now: Extract<Status, { state: "running" }>, stays: boolean, io: Io): Promise<void> {
  const lines = [...statusLines(now), "", ...nextLines(now, await resolves(ACCOUNT_HOST))];
  if (stays) lines.push("Stop with Ctrl-C.");
  io.out(`${lines.join("\n")}\n`);
}

async function resolves(host: string): Promise<boolean> {
  try {
    await lookup(host);
    return true;
  } catch {
    return false;
  }
}

/** Until Ctrl-C, or until the emulator ends by itself. */
async function stay(emulator: MiniStack, io: Io): Promise<number> {
  const asked = new Promise<"asked">((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        resolve("asked");
      });
    }
  });
  const how = await Promise.race([asked, emulator.ended()]);
  if (how === "asked") {
    await emulator.stop();
    return 0;
  }
  io.err(`The emulator has ended by itself, see ${emulator.logFile}\n`);
  return 1;
}

async function status(options: EmulatorOptions, io: Io): Promise<number> {
  const now = await statusOf(options);
  const holdings = now.state === "running" ? await holdingsIfKnown(now.url) : undefined;
  if (options.json) io.out(`${JSON.stringify(statusDocument(now, holdings), undefined, 2)}\n`);
  else io.out(`${statusLines(now, holdings).join("\n")}\n`);
  return now.state === "running" ? 0 : 1;
}

/** Not every emulator has all of the services. */
async function holdingsIfKnown(url: string): Promise<Holdings | undefined> {
  try {
    return await holdingsOf(url);
  } catch {
    return undefined;
  }
}

async function stop(options: EmulatorOptions, io: Io): Promise<number> {
  const running = runningIn(runFolder(options.port));
  if (running !== undefined) {
    await endGroup(running.pid, "SIGTERM", STOP_WITHIN_MS);
    const kept = running.persist ? "; what it held is kept for the next start with --persist" : "";
    io.out(`Stopped MiniStack ${running.version} (process ${running.pid})${kept}\n`);
    return 0;
  }
  const now = await statusOf(options);
  if (now.state === "nothing") {
    io.out(`Nothing runs at ${now.url}\n`);
    return 0;
  }
  const who = now.state === "running" ? now.emulator.name : "what listens there";
  throw new EmulatorError(`${who} at ${now.url} was not started by this command, and is left alone`);
}

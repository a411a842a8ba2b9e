import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { endGroup } from "./process.ts";
import { ensurePythonEnvironment } from "../python/python-environment.ts";

export interface MiniStackOptions {
  /** 0: any free one. */
  readonly port: number;
  /** The address to listen at. @default "127.0.0.1" */
  readonly host?: string;
  /** Everything of this run goes here. */
  readonly folder: string;
  /** Whether its faults are mended. @default true */
  readonly mends?: boolean;
  /** Whether it keeps what it holds when it is stopped. @default false */
  readonly persist?: boolean;
  /** Most processes of functions at once; needs mends. @default twice the cores, at least 8 */
  readonly processes?: number;
  /** Whether it goes on when this process ends. @default false */
  readonly outlive?: boolean;
  /** Settings of MiniStack itself on top. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes lines about the progress, without a newline. */
  readonly log: (line: string) => void;
}

/** MiniStack, running. */
export interface MiniStack {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when it has ended, however that came; keeps this process from ending before. */
  readonly ended: () => Promise<void>;
  /** Ends it and the processes of its functions; resolves when all are gone. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** MiniStack did not start. */
export class EmulatorError extends Error {
  override readonly name = "EmulatorError";

  constructor(
    message: string,
    /** Whether the reason is that one runs in the same folder. */
    readonly isRunningAlready = false,
  ) {
    super(message);
  }
}

const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));
const LAUNCHER = fileURLToPath(new URL("launcher.py", import.meta.url));
const LOCALHOST = "127.0.0.1";
/** The launcher's exit code where its folder is taken. */
const ALREADY_RUNNING = 3;
const ANYWHERE = "0.0.0.0";
const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 25;
const STOP_WITHIN_MS = 10_000;
/** Somebody else may take a free port before MiniStack does. */
const ATTEMPTS = 3;
/** All else of this machine's environment stays out of the functions. */
const PASSED_ON = ["HOME", "LANG", "LC_ALL", "LC_CTYPE", "USER", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/**
 * Starts MiniStack and waits until it answers.
 *
 * @throws PythonError, PythonEnvironmentError where it cannot be installed
 * @throws EmulatorError with the end of its log where it does not start
 */
export async function startMiniStack(options: MiniStackOptions): Promise<MiniStack> {
  const python = await ensurePythonEnvironment({ name: "emulator", requirements: REQUIREMENTS, log: options.log });
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(python, { ...options, port: options.port === 0 ? await freePort() : options.port });
    } catch (error) {
      const taken = error instanceof Error && error.message.includes("already in use");
      if (!taken || options.port !== 0 || attempt === ATTEMPTS) throw error;
    }
  }
}

async function launch(python: string, options: MiniStackOptions): Promise<MiniStack> {
  const { host = LOCALHOST, port, folder, outlive = false } = options;
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, "emulator.log");
  const logStart = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  const output = openSync(logFile, "a");
  const child = spawn(python, ["-B", "-s", "-u", LAUNCHER, ...launcherArguments(options)], {
    cwd: folder,
    env: environment(options, host),
    // A group of its own, so that the functions' processes can be ended with it.
    detached: true,
    stdio: [outlive ? "ignore" : "pipe", output, output],
  });
  closeSync(output);
  const url = `http://${host === ANYWHERE ? LOCALHOST : host}:${port}`;
  try {
    const pid = await readiness(child, url);
    // Whoever forgets to stop it is not kept from ending; it ends then too, unless it shall outlive.
    child.unref();
    if (child.stdin instanceof Socket) child.stdin.unref();
    return {
      url,
      port,
      pid,
      logFile,
      ended: () => endOf(child),
      stop: (signal = "SIGTERM") => endGroup(pid, signal, STOP_WITHIN_MS),
    };
  } catch (error) {
    if (child.pid !== undefined) await endGroup(child.pid, "SIGTERM", STOP_WITHIN_MS);
    const tail = readFileSync(logFile).subarray(logStart).toString("utf8").trimEnd().split("\n").slice(-15).join("\n");
    const why = error instanceof Error ? error.message : String(error);
    throw new EmulatorError(
      `MiniStack at ${url} ${why}; its log, ${logFile}, ends with:\n${tail}`,
      child.exitCode === ALREADY_RUNNING,
    );
  }
}

function launcherArguments({ folder, mends = true, processes, outlive = false }: MiniStackOptions): readonly string[] {
  const most = processes ?? Math.max(8, 2 * availableParallelism());
  return [
    `--folder=${folder}`,
    `--processes=${most}`,
    ...(mends ? [] : ["--no-mends"]),
    ...(outlive ? [] : ["--until-input-closes"]),
  ];
}

function environment({ port, folder, persist = false, env = {} }: MiniStackOptions, host: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => PASSED_ON.includes(name));
  const keep = persist ? "1" : "0";
  return {
    ...Object.fromEntries(inherited),
    // Functions run by the Node.js that runs this; MiniStack takes the first one on PATH.
    PATH: [dirname(process.execPath), process.env.PATH].filter((part) => part !== undefined).join(delimiter),
    // As in Lambda.
    TZ: "UTC",
    TMPDIR: join(folder, "tmp"),
    GATEWAY_PORT: String(port),
    BIND_HOST: host,
    PERSIST_STATE: keep,
    S3_PERSIST: keep,
    STATE_DIR: join(folder, "state"),
    S3_DATA_DIR: join(folder, "state", "s3"),
    // Idle processes of functions end after so many seconds, but for one of each function.
    LAMBDA_WARM_TTL_SECONDS: "60",
    // Functions look for the emulator at 127.0.0.1 otherwise.
    ...([LOCALHOST, ANYWHERE].includes(host) ? {} : { AWS_ENDPOINT_URL: `http://${host}:${port}` }),
    ...env,
  };
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.ref();
    child.once("exit", () => {
      resolve();
    });
  });
}

/** Resolves with the process id when MiniStack answers; rejects when it ends before. */
async function readiness(child: ChildProcess, url: string): Promise<number> {
  let failure: string | undefined;
  child.once("error", (error) => (failure = `could not be started: ${error.message}`));
  child.once("exit", (code, signal) => (failure = `ended at once (${code ?? signal ?? "unknown"})`));
  for (let waited = 0; waited < READY_WITHIN_MS; waited += LOOK_EVERY_MS) {
    if (await answers(`${url}/_ministack/ready`)) {
      // Somebody else's MiniStack may answer there while this one finds its port taken.
      await pause(LOOK_EVERY_MS);
      if (failure === undefined && child.pid !== undefined) return child.pid;
    }
    if (failure !== undefined) throw new Error(failure);
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`did not answer within ${READY_WITHIN_MS / 1000} s`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, LOCALHOST, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no port to listen at"));
        else resolve(address.port);
      });
    });
  });
}

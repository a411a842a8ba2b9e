import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface ScriptProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Gets all that the script prints. */
  readonly log: string;
  readonly onLine: (line: string) => void;
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
}

/** How the process ended: by itself, by the run's time-out, or because it was told to. */
export type ScriptEnd =
  | { readonly kind: "ended"; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: "timed-out" }
  | { readonly kind: "stopped" };

const longestTimerMs = 2 ** 31 - 1;
/** What a process of another group may take to end, before it is left with a pipe that nobody reads. */
const lastWordsMs = 3000;
/** What ends this process without an "exit" event. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs a process to its end. It gets a process group of its own, so that all it started ends with it. */
export const runScriptProcess = (options: ScriptProcessOptions): Promise<ScriptEnd> =>
  new Promise((resolve, reject) => {
    const { command, args, env, cwd, stop } = options;
    const child = spawn(command, [...args], { env, cwd, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const log = createWriteStream(options.log);
    // Each stream has lines of its own: they come in pieces, and the pieces of both in any order.
    const streams = [child.stdout, child.stderr].map((stream) => {
      const lines = new Lines(options.onLine);
      stream.setEncoding("utf8").on("data", (text: string) => {
        log.write(text);
        lines.add(text);
      });
      return lines;
    });
    let why: Exclude<ScriptEnd["kind"], "ended"> | undefined;
    const end = (reason: typeof why): void => {
      why ??= reason;
      killGroup(child.pid);
    };
    const onStop = (): void => {
      end("stopped");
    };
    const onExit = (): void => {
      killGroup(child.pid);
    };
    // A terminal's Ctrl-C reaches its own group only. The signal then does what it would have done.
    const onSignal = (signal: NodeJS.Signals): void => {
      killGroup(child.pid);
      for (const name of signals) process.off(name, onSignal);
      process.kill(process.pid, signal);
    };
    const ended = new AbortController();
    const closed = new AbortController();
    sleep(Math.min(options.timeoutMs, longestTimerMs), undefined, { signal: ended.signal }).then(
      () => {
        end("timed-out");
      },
      () => undefined,
    );
    stop.addEventListener("abort", onStop);
    process.on("exit", onExit);
    for (const name of signals) process.on(name, onSignal);
    const settle = (): void => {
      ended.abort();
      stop.removeEventListener("abort", onStop);
      process.off("exit", onExit);
      for (const name of signals) process.off(name, onSignal);
      for (const lines of streams) lines.finish();
    };
    child.on("error", (error) => {
      settle();
      reject(error);
    });
    child.on("exit", () => {
      // A run ends with its script: what that has left behind would hold the run's folder, and the pipes open.
      killGroup(child.pid);
      sleep(lastWordsMs, undefined, { signal: closed.signal }).then(
        () => {
          child.stdout.destroy();
          child.stderr.destroy();
        },
        () => undefined,
      );
    });
    child.on("close", (code, signal) => {
      closed.abort();
      settle();
      log.end(() => {
        resolve(why === undefined ? { kind: "ended", code, signal } : { kind: why });
      });
    });
    if (stop.aborted) onStop();
  });

const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
};

/** Text in pieces, handed on line by line. */
class Lines {
  readonly #onLine: (line: string) => void;
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line);
  }

  finish(): void {
    if (this.#rest !== "") this.#onLine(this.#rest);
    this.#rest = "";
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import type { LambdaNode } from "./node.ts";

/** What a function is deployed as. */
export interface DeployedFunction {
  readonly name: string;
  /** Text by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** `<file>.<export>`. */
  readonly handler: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** What an invocation came to, as Lambda tells it. */
export type Invocation =
  { readonly value: unknown } | { readonly error: { readonly errorType: string; readonly errorMessage: string } };

/** The credentials that functions are given. */
export const functionCredentials = {
  AWS_ACCESS_KEY_ID: "AKIAFUNCTION",
  AWS_SECRET_ACCESS_KEY: "secret",
  AWS_SESSION_TOKEN: "token-of-the-session",
} as const;

const bootstrap = fileURLToPath(new URL("bootstrap.ts", import.meta.url));

/**
 * A process that runs a function as Lambda does: nothing in its folder but what was deployed, no package above it, and
 * no environment but Lambda's.
 */
export class LambdaEnvironment {
  /** Milliseconds from the beginning of the handler's import to its end. */
  readonly initMilliseconds: number;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #answers: AsyncIterator<string>;
  readonly #stderr: () => string;

  private constructor(started: Started, initMilliseconds: number) {
    this.#process = started.process;
    this.#folder = started.folder;
    this.#answers = started.answers;
    this.#stderr = started.stderr;
    this.initMilliseconds = initMilliseconds;
  }

  /** Starts a process and imports the handler. */
  static async start(lambda: DeployedFunction, node: LambdaNode, endpoint: string): Promise<LambdaEnvironment> {
    const started = startProcess(lambda, node, endpoint);
    try {
      const { initMilliseconds } = (await nextAnswer(started.answers, started.stderr)) as { initMilliseconds: number };
      return new LambdaEnvironment(started, initMilliseconds);
    } catch (error) {
      rmSync(started.folder, { recursive: true, force: true });
      throw error;
    }
  }

  async invoke(event: unknown): Promise<Invocation> {
    this.#process.stdin?.write(`${JSON.stringify(event)}\n`);
    return (await nextAnswer(this.#answers, this.#stderr)) as Invocation;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("close", resolve));
    if (this.#process.exitCode === null) {
      this.#process.kill();
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

interface Started {
  readonly process: ChildProcess;
  readonly folder: string;
  readonly answers: AsyncIterator<string>;
  readonly stderr: () => string;
}

function startProcess(lambda: DeployedFunction, node: LambdaNode, endpoint: string): Started {
  const folder = mkdtempSync(join(tmpdir(), "lambda-"));
  const [task, runtime] = [join(folder, "task"), join(folder, "runtime")];
  for (const path of [task, runtime]) mkdirSync(path);
  for (const [name, text] of Object.entries(lambda.files)) writeFileSync(join(task, name), text);
  writeFileSync(join(runtime, "bootstrap.cjs"), bootstrapCode());
  assertBare(task);
  const child = spawn(node.path, [join(runtime, "bootstrap.cjs")], {
    cwd: task,
    env: environmentOf(lambda, { task, runtime }, endpoint),
    stdio: ["pipe", "ignore", "pipe", "pipe"],
  });
  // A process that has ended takes no more events; the missing answer tells of it.
  child.stdin?.on("error", () => undefined);
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const answers = createInterface({ input: child.stdio[3] as Readable })[Symbol.asyncIterator]();
  return { process: child, folder, answers, stderr: () => stderr };
}

function environmentOf(
  { name, handler, environment }: DeployedFunction,
  folders: Readonly<Record<"task" | "runtime", string>>,
  endpoint: string,
): NodeJS.ProcessEnv {
  return {
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_REGION: "eu-central-1",
    AWS_DEFAULT_REGION: "eu-central-1",
    ...functionCredentials,
    AWS_ENDPOINT_URL: endpoint,
    LAMBDA_RUNTIME_DIR: folders.runtime,
    LAMBDA_TASK_ROOT: folders.task,
    LANG: "en_US.UTF-8",
    PATH: "/usr/bin:/bin",
    TZ: ":UTC",
    _HANDLER: handler,
    ...environment,
  };
}

async function nextAnswer(answers: AsyncIterator<string>, stderr: () => string): Promise<unknown> {
  const answer = await answers.next();
  if (answer.done === true) throw new Error(`the function's process ended:\n${stderr()}`);
  return JSON.parse(answer.value) as unknown;
}

let code: string | undefined;

function bootstrapCode(): string {
  code ??= transformSync(readFileSync(bootstrap, "utf8"), { loader: "ts", format: "cjs", target: "node20" }).code;
  return code;
}

/** Node looks for packages in all folders above. */
function assertBare(folder: string): void {
  for (let path = folder; path !== dirname(path); path = dirname(path)) {
    for (const name of ["package.json", "node_modules"]) {
      if (existsSync(join(path, name))) throw new Error(`${folder} is no bare folder: there is ${join(path, name)}`);
    }
  }
}

// Runs a command of this folder: `node cli/run.mjs start …`. Plain JavaScript without dependencies, because it has to
// work before anything is installed.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { install } from "./install.mjs";

const LOWEST_NODE = [20, 19];

const folder = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));

// Whoever reads may have seen enough: `npm start | head`. Ends as other programs do then (128 + SIGPIPE), because what
// came of the run is not known.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(141);
});
// Messages that nobody wants to read are no reason to stop.
process.stderr.on("error", (error) => {
  if (error.code !== "EPIPE") throw error;
});

process.exitCode = await main(process.argv[2], process.argv.slice(3));

async function main(name, args) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < LOWEST_NODE[0] || (major === LOWEST_NODE[0] && minor < LOWEST_NODE[1])) {
    process.stderr.write(`Node.js ${LOWEST_NODE.join(".")} or newer is needed; this is ${process.versions.node}\n`);
    return 2;
  }
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length));
  if (!names.includes(name)) {
    const what = name === undefined ? "Which command?" : `"${name}" is not a command.`;
    process.stderr.write(`${what} There are: ${names.join(", ")}\n`);
    return 2;
  }
  if (!(await install(root))) return 1;
  // For those who keep the SDK up to date, not for those who run a command.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { register } = await import("tsx/esm/api");
  register();
  // Pulumi asks for a stack trace with each resource, and mapping them all takes a tenth of the start-up.
  if (!args.includes("--debug")) process.setSourceMapsEnabled(false);
  const { runCommand } = await import("./lib/command.ts");
  const { command } = await import(`./${name}.ts`);
  return runCommand(command, args, io());
}

function io() {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    // npm changes to the project's folder; what a person types is relative to where they are.
    cwd: process.env.npm_lifecycle_event === undefined ? process.cwd() : (process.env.INIT_CWD ?? process.cwd()),
    env: process.env,
    isTerminal: process.stdout.isTTY === true,
    columns: process.stdout.columns ?? Infinity,
    now: Date.now,
    ...(process.stdin.isTTY === true && process.stdout.isTTY === true ? { ask } : {}),
  };
}

/** Gives an empty line at the end of what is typed, and at Ctrl-C. */
async function ask(question) {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise((resolve) => lines.once("close", () => resolve("")));
  try {
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
}

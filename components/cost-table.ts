import { dollars } from "./dollars.ts";
import { dpusOf, pricePerHour, priceOfRun, type PricedSize } from "./prices.ts";

/** A job, as far as its price depends on it. */
export interface PricedJob extends PricedSize {
  readonly name: string;
  /** A streaming job has no end of its own: its price is that of a day. */
  readonly isStreaming: boolean;
  /** The number of workers is the most that there will be. */
  readonly autoScaling: boolean;
  readonly expectedRunMinutes: number;
}

/** What each job costs on AWS: size, DPUs, USD an hour and for a run of the expected length, and what else it could cost. */
export const costTable = (jobs: readonly PricedJob[]): string =>
  aligned([
    ["job", "size", "DPU", "per hour", "per run", "instead"],
    ...jobs.map((job) => [job.name, sizeText(job), ...priceCells(job)]),
  ]);

/** `10 × G.2X`, or the capacity of a job without workers. */
export const sizeText = ({ workerType, numberOfWorkers = 1, executionClass, ...job }: PricedSize): string => {
  if (workerType === undefined) return "Python shell";
  const most = "autoScaling" in job && job.autoScaling === true ? "up to " : "";
  return `${most}${numberOfWorkers} × ${workerType}${executionClass === "FLEX" ? " FLEX" : ""}`;
};

const priceCells = (job: PricedJob): readonly string[] => {
  const hour = pricePerHour(job);
  if (hour === undefined) return ["?", `no price known for ${String(job.workerType)}`, "", ""];
  return [
    String(dpusOf(job)),
    dollars(hour),
    `${dollars(runPrice(job))} for ${job.isStreaming ? "a day" : `${job.expectedRunMinutes} min`}`,
    alternatives(job)
      .map(([what, size]) => `${what} ${dollars(runPrice({ ...job, ...size }))}`)
      .join(" · "),
  ];
};

const runPrice = (job: PricedJob): number =>
  priceOfRun(job, job.isStreaming ? 24 * 3600 : job.expectedRunMinutes * 60) ?? 0;

/** The other execution class where Glue has it for the size, and the cheaper version. */
const alternatives = (job: PricedJob): readonly (readonly [string, PricedSize])[] => {
  const canFlex = !job.isStreaming && ["G.1X", "G.2X"].includes(job.workerType ?? "") && versionOf(job) >= 3;
  const isFlex = job.executionClass === "FLEX";
  const canUpgrade = job.workerType !== undefined && versionOf(job) < 6;
  return [
    ...(canFlex ? [isFlex ? standard : flex] : []),
    ...(canUpgrade ? [["Glue 6.0", { glueVersion: "6.0" }] as const] : []),
  ];
};

const flex = ["FLEX", { executionClass: "FLEX" }] as const;
const standard = ["standard", { executionClass: "STANDARD" }] as const;

const versionOf = ({ glueVersion = "0" }: PricedSize): number => Number(glueVersion);

/** Figures stand to the right, words to the left. */
const aligned = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 2 || column === 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

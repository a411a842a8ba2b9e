import { dollars } from "../../../components/dollars.ts";
import { sizeText } from "../../../components/cost-table.ts";
import { priceOfRun } from "../../../components/prices.ts";
import { count, duration, plural } from "../../render/format.ts";
import type { JobSettingsOfStack } from "../job-settings.ts";

/** What a listing has counted. */
export interface Totals {
  readonly files: number;
  readonly bytes: number;
  /** Executions, if all files are new and come in the order of their keys. */
  readonly units: number;
  /** Passed over: without a version there is no way to take them just once. */
  readonly unversioned: number;
}

/** How many of the files that were looked at have an execution. */
export interface Known {
  readonly looked: number;
  readonly known: number;
}

/** How long a run takes, in seconds, and how that is known. */
export interface RunLength {
  readonly seconds: number;
  readonly from: string;
}

/** What a backfill will come to, before it begins. */
export interface Estimate {
  /** Files that have no execution, as far as is known. */
  readonly newFiles: number;
  readonly runs: number;
  /** USD for Glue; undefined where the job's size or its price is not known. */
  readonly dollars?: number;
  readonly sendSeconds: number;
  /** Until the last run has ended; undefined where nobody knows how many may run at once. */
  readonly workSeconds?: number;
  readonly restsOn: readonly string[];
}

export interface EstimateArgs {
  readonly totals: Totals;
  readonly known: Known;
  readonly settings: JobSettingsOfStack;
  readonly run: RunLength;
  /** Files a second. */
  readonly rate: number;
  readonly isSimulated: boolean;
  readonly isQueued: boolean;
}

export function estimateOf({ totals, known, settings, run, rate, isSimulated, isQueued }: EstimateArgs): Estimate {
  const share = known.looked === 0 ? 0 : known.known / known.looked;
  const newFiles = Math.round(totals.files * (1 - share));
  const runs = totals.files === 0 ? 0 : Math.ceil((totals.units * newFiles) / totals.files);
  const { size, maxConcurrentRuns, maxConcurrentExecutions } = settings;
  const price = size === undefined ? undefined : priceOfRun(size, run.seconds);
  const atOnce = Math.min(maxConcurrentRuns, maxConcurrentExecutions === 0 ? Infinity : maxConcurrentExecutions);
  const sendSeconds = totals.files / rate;
  const workSeconds = Math.max(newFiles / rate, Math.ceil(runs / atOnce) * run.seconds);
  return {
    newFiles,
    runs,
    ...(price !== undefined && { dollars: runs * price }),
    sendSeconds,
    ...(size !== undefined && { workSeconds }),
    restsOn: [
      `${duration(run.seconds * 1000)} a run (${run.from})`,
      ...(size === undefined ? [] : [`${sizeText(size)}, Glue alone`, `${plural(atOnce, "run")} at once`]),
      ...(price === undefined ? ["no price is known for the jobs of this stack"] : []),
      ...(isSimulated && price !== undefined ? ["what real runs would cost: those of this stack are simulated"] : []),
      ...(isQueued || size === undefined || newFiles < 100 || rate * run.seconds <= atOnce
        ? []
        : [
            `at ${count(rate)} files a second more runs are asked for than may go on at once: --rate ${suggested(atOnce / run.seconds)} keeps them from failing for that`,
          ]),
    ],
  };
}

const suggested = (rate: number): string => String(Math.max(0.1, Math.floor(rate * 10) / 10));

/** The estimate for a person. */
export const estimateLines = (estimate: Estimate): readonly string[] => [
  [
    plural(estimate.runs, "run"),
    ...(estimate.dollars === undefined ? [] : [`about ${dollars(estimate.dollars)}`]),
    `sent in about ${duration(estimate.sendSeconds * 1000)}`,
    ...(estimate.workSeconds === undefined ? [] : [`done in about ${duration(estimate.workSeconds * 1000)}`]),
  ].join(" · "),
  `rests on: ${estimate.restsOn.join("; ")}`,
];

/** Counts files into batches as they come, in the order of their keys. */
export class UnitCounter {
  readonly #batch: JobSettingsOfStack["batch"];
  #files = 0;
  #bytes = 0;
  units = 0;

  constructor(batch: JobSettingsOfStack["batch"]) {
    this.#batch = batch;
  }

  add(bytes: number): void {
    const isFull = this.#files >= this.#batch.maxFiles || this.#bytes + bytes > this.#batch.maxBytes;
    if (this.units === 0 || isFull) {
      this.units++;
      this.#files = 0;
      this.#bytes = 0;
    }
    this.#files++;
    this.#bytes += bytes;
  }
}

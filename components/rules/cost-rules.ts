import { sizeText } from "../cost-table.ts";
import { dollars } from "../dollars.ts";
import type { AnyJob } from "../glue-job/kinds.ts";
import { costDefaults, dearestRun, type CostArgs } from "../job-cost.ts";
import { pricePerHour, priceOfRun, type PricedSize } from "../prices.ts";
import type { Problem, Say } from "./problem.ts";

interface CostRuled {
  readonly job: AnyJob;
  readonly cost?: CostArgs;
}

/** USD: less than this is floating-point noise. */
const noise = 1e-9;

/** A run can last until its timeout: that is what its price is held against. */
export const costRules = ({ job, cost }: CostRuled): readonly Problem[] => {
  const limit = cost?.maxCostPerRun ?? costDefaults.maxCostPerRun;
  const { size, minutes } = dearestRun(job);
  const price = priceOfRun(size, minutes * 60);
  if (limit === 0 || price === undefined || price <= limit + noise) return [];
  return [
    {
      field: "cost.maxCostPerRun",
      must: (say) =>
        `at least ${roundedUp(price)}: a run of ${sizeText(size)} that lasts until its timeout of ` +
        `${minutes} minutes${job.overrides === undefined ? "" : ` (${say("job.overrides")} included)`} costs ` +
        `${dollars(price)}; or 0 for no limit; ${remedies({ size, minutes, limit }, say)}`,
      got: limit,
    },
  ];
};

interface TooDear {
  readonly size: PricedSize;
  readonly minutes: number;
  /** USD. */
  readonly limit: number;
}

/** Each way that alone would bring the run below the limit. */
const remedies = (run: TooDear, say: Say): string => {
  const fittingMinutes = Math.floor(run.limit / ((pricePerHour(run.size) ?? 0) / 60));
  const ways = [
    ...(fittingMinutes >= 1 ? [`lower ${say("job.timeoutMinutes")} to ${fittingMinutes}`] : []),
    ...fewerWorkers(run, say),
    ...smallerType(run, say),
  ];
  return ways.length === 0 ? "no smaller size or timeout fits alone" : `or ${ways.join(", or ")}`;
};

/** One drives, the others work. */
const fewestWorkers = 2;

const fewerWorkers = ({ size, minutes, limit }: TooDear, say: Say): readonly string[] => {
  if (size.workerType === undefined) return [];
  const priceOfOne = priceOfRun({ ...size, numberOfWorkers: 1 }, minutes * 60) ?? Infinity;
  const workers = Math.floor(limit / priceOfOne);
  return workers >= fewestWorkers ? [`lower ${say("job.numberOfWorkers")} to ${workers}`] : [];
};

/** The largest type of the same family that fits with as many workers. */
const smallerType = ({ size, minutes, limit }: TooDear, say: Say): readonly string[] => {
  const family = families.find((types) => types.includes(size.workerType ?? "")) ?? [];
  const type = family
    .slice(0, family.indexOf(size.workerType ?? ""))
    .findLast((workerType) => (priceOfRun({ ...size, workerType }, minutes * 60) ?? Infinity) <= limit);
  return type === undefined ? [] : [`choose ${say("job.workerType")} ${type}`];
};

const families: readonly (readonly string[])[] = [
  ["G.1X", "G.2X", "G.4X", "G.8X", "G.12X", "G.16X"],
  ["R.1X", "R.2X", "R.4X", "R.8X"],
];

const roundedUp = (price: number): number => Math.ceil((price - noise) * 100) / 100;

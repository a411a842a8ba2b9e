import { dollars } from "../dollars.ts";
import { costDefaults, dearestRun } from "../job-cost.ts";
import type { StagedArgs } from "../pipeline-args.ts";
import { priceOfRun } from "../prices.ts";
import type { PlannedJob } from "../stage-plan.ts";
import type { Stage } from "../stages/stage.ts";
import type { Problem } from "./problem.ts";
import { problemOf } from "./problem-of.ts";

/** USD: less than this is floating-point noise. */
const noise = 1e-9;

/**
 * One run of each job on the dearest way through the stages, each lasting until its timeout. A map counts once: how many
 * items there will be, nobody knows.
 */
export const flowCostRules = (args: StagedArgs, planned: readonly PlannedJob[]): readonly Problem[] => {
  const limit = args.cost?.maxCostPerRun ?? costDefaults.maxCostPerRun;
  if (limit === 0) return [];
  const prices = new Map(planned.map((plan) => [plan.stage.name, priceOf(plan)]));
  const way = dearestWay(args.stages, (name) => prices.get(name) ?? 0);
  if (way.price <= limit + noise) return [];
  const runs = way.jobs.map((name) => `${name} ${dollars(prices.get(name) ?? 0)}`);
  return [
    problemOf(
      "cost.maxCostPerRun",
      `at least ${Math.ceil((way.price - noise) * 100) / 100}: the dearest way through the stages costs ` +
        `${dollars(way.price)} when each run lasts until its timeout (${runs.join(", ")}); or 0 for no limit; or give ` +
        "the dearest jobs a shorter timeoutMinutes or fewer workers",
      limit,
    ),
  ];
};

/** 0 for a worker type whose price is not known. */
const priceOf = ({ job }: PlannedJob): number => {
  const { size, minutes } = dearestRun(job);
  return priceOfRun(size, minutes * 60) ?? 0;
};

interface Way {
  readonly price: number;
  readonly jobs: readonly string[];
}

const nothing: Way = { price: 0, jobs: [] };

const together = (ways: readonly Way[]): Way => ({
  price: ways.reduce((sum, { price }) => sum + price, 0),
  jobs: ways.flatMap(({ jobs }) => jobs),
});

const dearestWay = (stage: Stage, priceOfJob: (name: string) => number): Way => {
  const within = (inner: Stage | undefined): Way => (inner === undefined ? nothing : dearestWay(inner, priceOfJob));
  switch (stage.kind) {
    case "job":
      return together([{ price: priceOfJob(stage.name), jobs: [stage.name] }, within(stage.onFailure)]);
    case "task":
      return within(stage.onFailure);
    case "wait":
      return nothing;
    case "sequence":
      return together(stage.stages.map(within));
    case "parallel":
      return together(stage.branches.map(within));
    case "choice":
      return [stage.otherwise, ...stage.when.map(({ then }) => then)]
        .map(within)
        .reduce((dearest, way) => (way.price > dearest.price ? way : dearest), nothing);
    case "map":
      return together([within(stage.each), within(stage.onFailure)]);
  }
};

import { advise, askForMore, fewerLooks, fewerRuns, raise, soonerEnd, waitInQueue } from "./advice.ts";
import type { Design } from "./design.ts";
import type { DispatchWaits } from "./dispatch.ts";
import type { JobUsage } from "./job-usage.ts";
import { littlesLaw, ratePerSecond } from "./littles-law.ts";
import { phase } from "./phases.ts";
import type { Bottleneck } from "./result.ts";
import type { CapacityWorld } from "./world.ts";
import type { Quotas, Workload } from "./workload.ts";

interface BottleneckParts {
  readonly world: CapacityWorld;
  readonly workload: Workload;
  readonly waits: DispatchWaits;
  readonly design: Design;
  /** As the program's dispatch says: 0 is none. */
  readonly maxConcurrentExecutions: number;
  readonly batchWindowSeconds: number;
}

/** What held files up, and how much of their time it took: milliseconds of all files together. */
interface Candidate {
  readonly heldUp: number;
  /** Milliseconds. */
  readonly saturated: number;
  readonly tell: (share: number) => Bottleneck;
}

/** What takes less of the files' time than this is no bottleneck. */
const leastShare = 0.05;
/** Looks and windows are no limits: they count where they are a good part of what a file takes. */
const leastShareOfHabits = 0.25;

/** What held files up the longest. Undefined where nothing did to speak of. */
export const bottleneckOf = (parts: BottleneckParts): Bottleneck | undefined => {
  const { tally } = parts.world;
  const whole = tally.latency.mean * tally.latency.count;
  const elapsed = tally.lastEnd - tally.firstArrival;
  if (whole === 0 || elapsed <= 0) return undefined;
  const found = [...limits(parts), ...rates(parts), ...habits(parts, elapsed)]
    .filter(({ heldUp, saturated }) => saturated > 0 && heldUp > leastShare * whole)
    .toSorted((a, b) => b.heldUp - a.heldUp)
    .at(0);
  return found?.tell(Math.min(1, found.saturated / elapsed));
};

const spentIn = ({ tally }: CapacityWorld, of: number): number => {
  const spent = tally.phases[of];
  return spent === undefined ? 0 : spent.mean * spent.count;
};

const limits = (parts: BottleneckParts): readonly Candidate[] => {
  const { world, design } = parts;
  const { runs, tally, quotas, lambda } = world;
  const waiting = spentIn(world, phase.waiting);
  const account = runs.accountFull.upTo(tally.lastEnd);
  const busiest = runs.jobs.toSorted((a, b) => b.full.upTo(tally.lastEnd) - a.full.upTo(tally.lastEnd)).at(0);
  const ofJob = busiest?.full.upTo(tally.lastEnd) ?? 0;
  return [
    account > ofJob || busiest === undefined
      ? { heldUp: waiting, saturated: account, tell: (share) => accountRuns(parts, share) }
      : { heldUp: waiting, saturated: ofJob, tell: (share) => concurrentRuns(parts, busiest, share) },
    { heldUp: parts.waits.cap, saturated: parts.waits.capFull.upTo(tally.lastEnd), tell: (share) => cap(parts, share) },
    {
      heldUp: parts.waits.lambda + lambda.waited,
      saturated: lambda.full.upTo(tally.lastEnd),
      tell: quotaTold(
        {
          resource: "concurrent calls of Lambda functions",
          name: "lambdaConcurrency",
          now: quotas.lambdaConcurrency,
        },
        askForMore(),
        waitInQueue(design),
      ),
    },
  ];
};

/** Those that executions would have had if none had given up before: each would have held a place as long as others. */
const runsWanted = ({ world, design }: BottleneckParts, { runs }: JobUsage): number =>
  design.isStaged ? runs : Math.max(runs, world.tally.executions);

/** Milliseconds for which they would all have held places. */
const heldBy = (parts: BottleneckParts, usage: JobUsage): number =>
  (usage.held / Math.max(1, usage.begun)) * runsWanted(parts, usage);

const accountRuns = (parts: BottleneckParts, saturated: number): Bottleneck => {
  const { runs, quotas } = parts.world;
  const { glueRunsPerAccount: now } = quotas;
  const held = runs.jobs.reduce((sum, usage) => sum + heldBy(parts, usage), 0);
  const atLeast = littlesLaw(held, parts.workload, now);
  const quota = { resource: "runs of all jobs of the account", name: "glueRunsPerAccount", now, atLeast } as const;
  return quotaTold(quota, fewerRuns(parts.design), askForMore(atLeast))(saturated);
};

/** Little's law: so many runs are at work at once when runs come as fast as the files do. */
const concurrentRuns = (parts: BottleneckParts, usage: JobUsage, saturated: number): Bottleneck => {
  const { world, workload, design } = parts;
  const { definition, name } = usage.job;
  const resource = `concurrent runs of ${name}`;
  const enough = littlesLaw(heldBy(parts, usage), workload, usage.places);
  if (definition.MaxConcurrentRuns > world.quotas.glueRunsPerJob) {
    const quota = { resource, name: "glueRunsPerJob", now: world.quotas.glueRunsPerJob, atLeast: enough } as const;
    return quotaTold(quota, fewerRuns(design), askForMore(enough))(saturated);
  }
  return {
    resource,
    saturated,
    setting: settingTold("maxConcurrentRuns", usage.places, enough),
    advice: advise(raise(`maxConcurrentRuns${design.isStaged ? ` of ${name}` : ""}`, enough), fewerRuns(design)),
  };
};

const cap = ({ world, workload, maxConcurrentExecutions: now }: BottleneckParts, saturated: number): Bottleneck => {
  const enough = littlesLaw(world.tally.course.area("executions"), workload, now);
  return {
    resource: "executions at once",
    saturated,
    setting: settingTold("maxConcurrentExecutions", now, enough),
    advice: advise(raise("maxConcurrentExecutions", enough)),
  };
};

const settingTold = (key: string, now: number, enough: number | undefined): NonNullable<Bottleneck["setting"]> => ({
  key,
  now: String(now),
  ...(enough !== undefined && { atLeast: String(enough) }),
});

/** Calls that were refused for their rate, or had to wait for it. */
const rates = (parts: BottleneckParts): readonly Candidate[] => {
  const { world, waits, design, workload } = parts;
  const { buckets, quotas, tally, runs } = world;
  const executions = design.isQueued ? tally.executions : tally.arrived;
  const starts = runs.jobs.reduce((sum, usage) => sum + runsWanted(parts, usage), 0);
  const retrying = spentIn(world, phase.retrying);
  const noticing = spentIn(world, phase.noticing);
  const { startExecution, transitions, startJobRun, getJobRun } = buckets;
  const tell = (resource: string, name: keyof Quotas, calls: number | undefined, ...ways: Ways): Candidate["tell"] => {
    const now = quotas[name];
    const atLeast = calls === undefined ? undefined : ratePerSecond(calls, workload, now);
    return quotaTold({ resource: `the rate of ${resource}`, name, now, atLeast }, ...ways, askForMore(atLeast));
  };
  return [
    {
      heldUp: waits.startExecution + startExecution.waited,
      saturated: startExecution.saturated,
      tell: tell("StartExecution", "startExecutionPerSecond", executions, waitInQueue(design), fewerRuns(design)),
    },
    {
      // Who waits on his way to look at a run that goes on loses nothing by it.
      heldUp: Math.min(transitions.waited, noticing + retrying + spentIn(world, phase.other)),
      saturated: transitions.saturated,
      tell: tell("state transitions", "transitionsPerSecond", tally.transitions, fewerLooks(design), fewerRuns(design)),
    },
    {
      // Tries of calls that others have made are not what they waited for.
      heldUp: Math.min(startJobRun.waited, retrying),
      saturated: startJobRun.saturated,
      tell: tell("StartJobRun", "startJobRunPerSecond", starts, fewerRuns(design)),
    },
    {
      // Nor does who looks in vain at one.
      heldUp: Math.min(getJobRun.waited, retrying + noticing),
      saturated: getJobRun.saturated,
      // How many looks there would be depends on how long runs wait.
      tell: tell("GetJobRun", "getJobRunPerSecond", undefined, fewerLooks(design)),
    },
  ];
};

interface QuotaInTheWay {
  readonly resource: string;
  readonly name: keyof Quotas;
  readonly now: number;
  readonly atLeast?: number | undefined;
}

/** What may be done, the best first. */
type Ways = readonly (string | undefined)[];

const quotaTold =
  ({ resource, name, now, atLeast }: QuotaInTheWay, ...ways: Ways) =>
  (saturated: number): Bottleneck => ({
    resource,
    saturated,
    quota: { name, now, ...(atLeast !== undefined && { atLeast }) },
    advice: advise(...ways),
  });

/** What files wait for because the program says so. */
const habits = (
  { world, waits, batchWindowSeconds, design }: BottleneckParts,
  elapsed: number,
): readonly Candidate[] => {
  const { tally, buckets } = world;
  const whole = tally.latency.mean * tally.latency.count;
  const shareOf = (heldUp: number): number => (heldUp > leastShareOfHabits * whole ? heldUp / whole : 0);
  // Who waits for a quota does not wait for his turn to look.
  const noticing = spentIn(world, phase.noticing) - buckets.transitions.waited - buckets.getJobRun.waited;
  const batching = spentIn(world, phase.batching);
  const sooner = soonerEnd(design);
  return [
    ...(sooner === undefined
      ? []
      : [
          {
            heldUp: noticing,
            saturated: shareOf(noticing) * elapsed,
            tell: (saturated: number) => ({
              resource: "looks at job runs",
              saturated,
              ...(!design.isExpress && { setting: { key: "completion", now: design.completion } }),
              advice: advise(sooner),
            }),
          },
        ]),
    {
      heldUp: batching,
      saturated: shareOf(batching) * elapsed,
      tell: (saturated) => ({
        resource: "the window in which batches fill up",
        saturated,
        setting: { key: "batchWindowSeconds", now: String(batchWindowSeconds) },
        advice: "Lower batchWindowSeconds, which makes more and smaller batches; or lower batchMaxFiles",
      }),
    },
    {
      heldUp: waits.order,
      saturated: shareOf(waits.order) * elapsed,
      tell: (saturated) => ({
        resource: "the order of each key's versions",
        saturated,
        setting: { key: "fileOrder", now: "per-key" },
        advice: advise("take versions on as they come: fileOrder: none", sooner),
      }),
    },
  ];
};

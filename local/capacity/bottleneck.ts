import type { DispatchWaits } from "./dispatch.ts";
import type { JobUsage } from "./job-usage.ts";
import { phase } from "./phases.ts";
import type { Bottleneck } from "./result.ts";
import type { CapacityWorld } from "./world.ts";
import type { Workload } from "./workload.ts";

interface BottleneckParts {
  readonly world: CapacityWorld;
  readonly workload: Workload;
  readonly waits: DispatchWaits;
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
  const { world } = parts;
  const { runs, tally, quotas } = world;
  const waiting = spentIn(world, phase.waiting);
  const account = runs.accountFull.upTo(tally.lastEnd);
  const busiest = runs.jobs.toSorted((a, b) => b.full.upTo(tally.lastEnd) - a.full.upTo(tally.lastEnd)).at(0);
  const ofJob = busiest?.full.upTo(tally.lastEnd) ?? 0;
  return [
    ...(busiest === undefined || account > ofJob
      ? []
      : [{ heldUp: waiting, saturated: ofJob, tell: (share: number) => concurrentRuns(parts, busiest, share) }]),
    ...(account > ofJob
      ? [
          {
            heldUp: waiting,
            saturated: account,
            tell: quotaTold("runs of all jobs of the account", "glueRunsPerAccount", quotas.glueRunsPerAccount),
          },
        ]
      : []),
    { heldUp: parts.waits.cap, saturated: parts.waits.capFull.upTo(tally.lastEnd), tell: (share) => cap(parts, share) },
    {
      heldUp: parts.waits.lambda,
      saturated: world.lambda.full.upTo(tally.lastEnd),
      tell: quotaTold("concurrent calls of Lambda functions", "lambdaConcurrency", quotas.lambdaConcurrency),
    },
  ];
};

/** Little's law: so many runs are at work at once when runs come as fast as the files do. */
const concurrentRuns = ({ world, workload }: BottleneckParts, usage: JobUsage, saturated: number): Bottleneck => {
  const { definition } = usage.job;
  const resource = `concurrent runs of ${definition.Name}`;
  if (definition.MaxConcurrentRuns > world.quotas.glueRunsPerJob) {
    return quotaTold(resource, "glueRunsPerJob", world.quotas.glueRunsPerJob)(saturated);
  }
  const atLeast = littlesLaw(usage.held, workload, usage.places);
  return {
    resource,
    saturated,
    setting: { key: "maxConcurrentRuns", now: String(usage.places), ...atLeast },
    advice:
      `Raise maxConcurrentRuns${atLeast === undefined ? "" : ` to ${atLeast.atLeast} or more`}, ` +
      "or have fewer runs do the same work: dispatch: batch",
  };
};

const cap = ({ world, workload, maxConcurrentExecutions: now }: BottleneckParts, saturated: number): Bottleneck => {
  const atLeast = littlesLaw(world.tally.course.area("executions"), workload, now);
  return {
    resource: "executions at once",
    saturated,
    setting: { key: "maxConcurrentExecutions", now: String(now), ...atLeast },
    advice: `Raise maxConcurrentExecutions${atLeast === undefined ? "" : ` to ${atLeast.atLeast} or more`}`,
  };
};

/** Undefined where files land all at once, or where as many as there are would do if they came evenly. */
const littlesLaw = (
  placeMs: number,
  { overSeconds }: Workload,
  now: number,
): { readonly atLeast: string } | undefined => {
  if (overSeconds <= 0) return undefined;
  const needed = Math.ceil(placeMs / (overSeconds * 1000));
  return needed > now ? { atLeast: String(needed) } : undefined;
};

/** Calls that were refused for their rate, or had to wait for it. */
const rates = ({ world, waits }: BottleneckParts): readonly Candidate[] => {
  const { buckets, quotas } = world;
  const retrying = spentIn(world, phase.retrying);
  const noticing = spentIn(world, phase.noticing);
  return [
    {
      heldUp: waits.startExecution,
      saturated: buckets.startExecution.saturated,
      tell: quotaTold("the rate of StartExecution", "startExecutionPerSecond", quotas.startExecutionPerSecond),
    },
    {
      heldUp: buckets.transitions.waited,
      saturated: buckets.transitions.saturated,
      tell: quotaTold("the rate of state transitions", "transitionsPerSecond", quotas.transitionsPerSecond),
    },
    {
      heldUp: retrying,
      saturated: buckets.startJobRun.saturated,
      tell: quotaTold("the rate of StartJobRun", "startJobRunPerSecond", quotas.startJobRunPerSecond),
    },
    {
      heldUp: retrying + noticing,
      saturated: buckets.getJobRun.saturated,
      tell: quotaTold("the rate of GetJobRun", "getJobRunPerSecond", quotas.getJobRunPerSecond),
    },
  ];
};

const quotaTold =
  (resource: string, name: string, now: number) =>
  (saturated: number): Bottleneck => ({ resource, saturated, quota: { name, now }, advice: adviceOn(name) });

const adviceOn = (quota: string): string => {
  switch (quota) {
    case "getJobRunPerSecond":
      return "Ask less often: completion: event, or a longer pollMinSeconds; or ask AWS for a higher quota";
    case "transitionsPerSecond":
      return "Take fewer steps: completion: event, or dispatch: batch; or ask AWS for a higher quota";
    case "lambdaConcurrency":
      return "Ask AWS for a higher quota, or let files wait in a queue: set ledger, or dispatch: batch";
    default:
      return "Start fewer of them: dispatch: batch; or ask AWS for a higher quota";
  }
};

/** What files wait for because the program says so. */
const habits = ({ world, batchWindowSeconds }: BottleneckParts, elapsed: number): readonly Candidate[] => {
  const { tally, program } = world;
  const whole = tally.latency.mean * tally.latency.count;
  const shareOf = (heldUp: number): number => (heldUp > leastShareOfHabits * whole ? heldUp / whole : 0);
  const noticing = spentIn(world, phase.noticing);
  const batching = spentIn(world, phase.batching);
  const completion = completionOf(program.machine.definition);
  return [
    {
      heldUp: noticing,
      saturated: shareOf(noticing) * elapsed,
      tell: (saturated) => ({
        resource: "looks at job runs",
        saturated,
        setting: { key: "completion", now: completion },
        advice: "Hear of a run's end sooner: completion: event",
      }),
    },
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
  ];
};

const completionOf = (definition: string): string => {
  if (definition.includes(".waitForTaskToken")) return "event";
  return definition.includes('"GetJobRun"') ? "poll" : "sync";
};

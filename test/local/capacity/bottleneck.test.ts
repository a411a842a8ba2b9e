import { expect } from "chai";
import type { Quotas, Workload } from "../../../local/capacity/workload.ts";
import { aDuration, simulated } from "../../support/capacity/simulated.ts";
import { graphOf } from "../../support/stacks.ts";

type Config = Readonly<Record<string, string>>;

interface Design {
  readonly config: Config;
  readonly quotas?: Partial<Quotas>;
}

/** A design with one limit that is known to hold files up, and the same with that limit moved. */
interface Case extends Design {
  readonly title: string;
  readonly workload: Partial<Workload>;
  /** The config key or the quota that is to be named. */
  readonly named: string;
  readonly advice: RegExp;
  readonly moved: Design;
  readonly assumed?: { readonly lambda?: number };
}

const burst = { kind: "burst", bursts: 1 } as const;
const poisson = { kind: "poisson" } as const;
const plenty: Config = { maxConcurrentRuns: "1000" };
const sync: Config = { completion: "sync", ...plenty };
const event: Config = { completion: "event", ...plenty };
const batch: Config = { dispatch: "batch", ...plenty };

const cases: readonly Case[] = [
  {
    title: "concurrent runs of the job, where each file has a run",
    config: { maxConcurrentRuns: "20" },
    workload: { files: 600, overSeconds: 600, arrival: poisson },
    named: "maxConcurrentRuns",
    advice: /^Raise maxConcurrentRuns to \d+ or more; or .*dispatch: batch$/,
    moved: { config: { maxConcurrentRuns: "100" } },
  },
  {
    title: "concurrent runs of the job, where files come in batches",
    config: { dispatch: "batch", batchMaxFiles: "5", maxConcurrentRuns: "3" },
    workload: { files: 600, overSeconds: 600, arrival: poisson },
    named: "maxConcurrentRuns",
    advice: /^Raise maxConcurrentRuns to \d+ or more; or put more files into an execution: a higher batchMaxFiles/,
    moved: { config: { dispatch: "batch", batchMaxFiles: "5", maxConcurrentRuns: "50" } },
  },
  {
    title: "concurrent runs of the job, without Glue's queue",
    config: { maxConcurrentRuns: "5", jobRunQueuing: "false" },
    workload: { files: 60, arrival: burst },
    named: "maxConcurrentRuns",
    advice: /^Raise maxConcurrentRuns; /,
    moved: { config: { maxConcurrentRuns: "60", jobRunQueuing: "false" } },
  },
  {
    title: "concurrent runs of the job, while looks at runs that go on wait for transitions",
    config: { maxConcurrentRuns: "20" },
    quotas: { transitionBucket: 20, transitionsPerSecond: 5 },
    workload: { files: 40, arrival: burst, duration: aDuration({ fixed: 600 }) },
    named: "maxConcurrentRuns",
    advice: /^Raise maxConcurrentRuns; /,
    moved: { config: { maxConcurrentRuns: "40" } },
  },
  {
    title: "the account's runs",
    config: sync,
    quotas: { glueRunsPerAccount: 10 },
    workload: { files: 100, arrival: burst },
    named: "glueRunsPerAccount",
    advice: /^Have fewer runs .*dispatch: batch; or ask AWS for a higher quota$/,
    moved: { config: sync, quotas: { glueRunsPerAccount: 40 } },
  },
  {
    title: "the cap on executions",
    config: { ...plenty, maxConcurrentExecutions: "10" },
    workload: { files: 100, overSeconds: 100 },
    named: "maxConcurrentExecutions",
    advice: /^Raise maxConcurrentExecutions to \d+ or more$/,
    moved: { config: { ...plenty, maxConcurrentExecutions: "80" } },
  },
  {
    title: "the rate of StartExecution, where S3 calls the dispatcher",
    config: sync,
    quotas: { startExecutionBucket: 100, startExecutionPerSecond: 1 },
    workload: { files: 400, arrival: burst },
    named: "startExecutionPerSecond",
    advice: /^Let files wait in a queue: set ledger; or .*dispatch: batch; or ask AWS for a higher quota$/,
    moved: { config: sync, quotas: { startExecutionBucket: 100, startExecutionPerSecond: 20 } },
  },
  {
    title: "the rate of state transitions, where the state machine looks",
    config: plenty,
    quotas: { transitionBucket: 100, transitionsPerSecond: 20 },
    workload: { files: 200, arrival: burst },
    named: "transitionsPerSecond",
    advice: /^Look at no run that goes on: completion: event; or .*dispatch: batch; or ask AWS for a higher quota$/,
    moved: { config: plenty, quotas: { transitionBucket: 100, transitionsPerSecond: 200 } },
  },
  {
    title: "the rate of state transitions, where an event tells of the end",
    config: event,
    quotas: { transitionBucket: 50, transitionsPerSecond: 5 },
    workload: { files: 200, arrival: burst },
    named: "transitionsPerSecond",
    advice: /^Have fewer runs do the same work: dispatch: batch; or ask AWS for a higher quota$/,
    moved: { config: event, quotas: { transitionBucket: 50, transitionsPerSecond: 50 } },
  },
  {
    title: "the rate of state transitions, for all files of each batch",
    config: { ...batch, batchMaxFiles: "50", batchWindowSeconds: "1" },
    quotas: { transitionBucket: 10, transitionsPerSecond: 1 },
    workload: { files: 1000, arrival: burst },
    named: "transitionsPerSecond",
    advice: /^Look at no run that goes on: completion: event; or put more files into an execution/,
    moved: {
      config: { ...batch, batchMaxFiles: "50", batchWindowSeconds: "1" },
      quotas: { transitionBucket: 10, transitionsPerSecond: 20 },
    },
  },
  {
    title: "the rate of StartJobRun",
    config: event,
    quotas: { startJobRunPerSecond: 2 },
    workload: { files: 60, arrival: burst, duration: aDuration({ fixed: 20 }) },
    named: "startJobRunPerSecond",
    advice: /^Have fewer runs do the same work: dispatch: batch; or ask AWS for a higher quota$/,
    moved: { config: event, quotas: { startJobRunPerSecond: 30 } },
  },
  {
    title: "functions at once",
    config: sync,
    quotas: { lambdaConcurrency: 2 },
    workload: { files: 1000, arrival: burst },
    assumed: { lambda: 1 },
    named: "lambdaConcurrency",
    advice: /^Ask AWS for a higher quota; or let files wait in a queue: set ledger$/,
    moved: { config: sync, quotas: { lambdaConcurrency: 50 } },
  },
  {
    title: "the window of batches",
    config: { ...batch, batchWindowSeconds: "200", completion: "event" },
    workload: { files: 500, overSeconds: 1000, arrival: poisson },
    named: "batchWindowSeconds",
    advice: /^Lower batchWindowSeconds/,
    moved: { config: { ...batch, batchWindowSeconds: "20", completion: "event" } },
  },
  {
    title: "looks at runs",
    config: sync,
    workload: { files: 50, overSeconds: 1000, duration: aDuration({ fixed: 55 }) },
    named: "completion",
    advice: /^Hear of a run's end at once: completion: event$/,
    moved: { config: event },
  },
];

describe("The bottleneck of a capacity simulation", () => {
  for (const { title, config, quotas, workload, named, advice, moved, assumed = {} } of cases) {
    it(`is ${title}; files are faster once it is moved`, async () => {
      const before = await simulated(await graphOf("prod", config), workload, quotas, assumed);
      const { bottleneck } = before;
      expect(bottleneck?.setting?.key ?? bottleneck?.quota?.name).to.equal(named);
      expect(bottleneck?.advice).to.match(advice);
      const after = await simulated(await graphOf("prod", moved.config), workload, moved.quotas ?? quotas, assumed);
      // Those that were given up had not waited for longer.
      const more = after.outcomes.succeeded - before.outcomes.succeeded;
      expect(more).to.be.at.least(0);
      if (more === 0) expect(after.latency.mean).to.be.below(0.95 * before.latency.mean);
    });
  }

  it("is no rate at which a call was refused once, where failing runs are what is tried again", async () => {
    const graph = await graphOf("prod", event);
    const workload = { files: 60, arrival: burst, duration: aDuration({ fixed: 5, failureRate: 0.5 }) };
    const { throttles, bottleneck } = await simulated(graph, workload, { startJobRunPerSecond: 59 });
    expect(throttles.map(({ error }) => error)).to.deep.equal(["StartJobRun: ThrottlingException"]);
    expect(bottleneck?.quota).to.equal(undefined);
  });

  const enough: readonly (readonly [name: keyof Quotas, now: number, config: Config, atLeast: number])[] = [
    // Each run holds its place for seventy seconds, and a file comes each second.
    ["glueRunsPerAccount", 20, sync, 70],
    ["glueRunsPerJob", 20, sync, 70],
    // Five transitions a file.
    ["transitionsPerSecond", 3, sync, 5],
    ["startExecutionPerSecond", 0.5, { ...sync, ledger: "true" }, 1],
    ["startJobRunPerSecond", 0.8, event, 1],
  ];

  for (const [name, now, config, atLeast] of enough) {
    it(`tells how much of the quota ${name} keeps up with files that come evenly`, async () => {
      const buckets = { startExecutionBucket: 1, transitionBucket: 1 };
      const workload = { files: 600, overSeconds: 600 };
      const before = await simulated(await graphOf("prod", config), workload, { ...buckets, [name]: now });
      expect(before.bottleneck?.quota).to.deep.equal({ name, now, atLeast });
      expect(before.bottleneck?.advice).to.match(new RegExp(`sk AWS for a higher quota, of ${atLeast} or more$`));
      const after = await simulated(await graphOf("prod", config), workload, { ...buckets, [name]: atLeast });
      expect(after.bottleneck?.quota).to.equal(undefined);
      expect(after.outcomes.succeeded).to.equal(600);
    });
  }

  it("calls a job what the program calls it", async () => {
    const { bottleneck } = await simulated(await graphOf("prod", { maxConcurrentRuns: "1" }), {
      files: 20,
      arrival: burst,
    });
    expect(bottleneck?.resource).to.equal("concurrent runs of csv-job");
  });
});

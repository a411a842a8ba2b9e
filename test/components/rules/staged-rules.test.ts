import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { GlueJobArgs } from "../../../components/glue-job/kinds.ts";
import type { StagedArgs } from "../../../components/pipeline-args.ts";
import { problemText } from "../../../components/rules/problem.ts";
import { stagedProblems } from "../../../components/rules/staged-rules.ts";
import { choice, job, parallel, sequence, wait } from "../../../components/stages/build.ts";
import type { JobStageArgs, Stage } from "../../../components/stages/stage.ts";

const script = new URL("../../../scripts/process_csv.py", import.meta.url);

const stage = (name: string, more: Partial<GlueJobArgs> = {}, args: Partial<JobStageArgs> = {}) =>
  job(name, { ...args, job: { script, ...more } as GlueJobArgs });

const problemsOf = (stages: Stage, more: Partial<StagedArgs> = {}, name = "flow"): readonly string[] =>
  stagedProblems(name, { mode: "real", ...more, stages }).map((problem) => problemText(problem));

describe("The rules of a pipeline with stages", () => {
  before(() => {
    pulumi.runtime.setAllConfig({});
  });

  it("find nothing wrong with stages that are right", () => {
    expect(problemsOf(sequence(stage("Clean"), parallel("Report", stage("Totals"), stage("Convert"))))).to.deep.equal(
      [],
    );
  });

  it("hold for each stage's job, all at once, by the stage's name", () => {
    const stages = sequence(
      stage("Clean", { numberOfWorkers: 4 }),
      stage("Sum up", { defaultArguments: { "--key": "x" }, overrides: { maxTimeoutMinutes: 90 } }),
    );
    expect(problemsOf(stages)).to.deep.equal([
      "stages.Clean.job.numberOfWorkers must be given together with stages.Clean.job.workerType, for example G.1X, got 4",
      'stages.Sum up.job.defaultArguments must be without --key: each run is given its own, got {"--key":"x"}',
      'stages.Sum up.job.overrides must be left out: an execution\'s input can change no run of a stage, got {"maxTimeoutMinutes":90}',
    ]);
  });

  it("hold for what the stack makes of a job", () => {
    expect(problemsOf(stage("Clean"), { stageConfig: { Clean: { workerType: "G.2X" } } })).to.deep.equal([
      'stages.Clean.job.workerType must be given together with stages.Clean.job.numberOfWorkers, for example 2, got "G.2X"',
    ]);
  });

  it("know the stages that the stack's config speaks of", () => {
    const stages = sequence(stage("Clean"), wait("Pause", { seconds: 1 }), stage("Totals"));
    expect(problemsOf(stages, { stageConfig: { Clen: {}, Pause: {} } })).to.deep.equal([
      "stageConfig.Clen must be left out: there is no stage of this name with a job; did you mean Clean?, got {}",
      "stageConfig.Pause must be left out: there is no stage of this name with a job; those are Clean, Totals, got {}",
    ]);
  });

  it("leave room for stages' names in those of resources", () => {
    const long = stage("A name of forty characters is a long one");
    expect(problemsOf(long, {}, "f".repeat(6))).to.deep.equal([]);
    expect(problemsOf(long, {}, "f".repeat(9))).to.deep.equal([
      'stages.A name of forty characters is a long one.name must be shorter by 3: with the pipeline\'s name, fffffffff, it may have 46 characters, or the names of roles would be refused when they are created, got "A name of forty characters is a long one"',
    ]);
    expect(problemsOf(sequence(stage("CleanUp"), stage("Cleanup")))[0]).to.match(
      /^stages\.Cleanup\.name must be another than CleanUp: both are cleanup in names of resources/,
    );
  });

  it("leave room for all jobs in a function's environment", () => {
    const jobs = (count: number) =>
      sequence(...Array.from({ length: count }, (_, index) => stage(`Stage number ${index + 10}`)));
    const short = { completion: "sync", retry: { maxAttempts: 1 } } as const;
    expect(problemsOf(jobs(20), short)).to.deep.equal([]);
    expect(problemsOf(jobs(40), short).filter((text) => text.includes("environment"))).to.have.length(1);
  });

  it("leave functions that live for fifteen minutes no run that takes longer, where they wait for it", () => {
    const problems = problemsOf(stage("Clean"), {
      mode: "simulated",
      completion: "sync",
      simulation: { durationSeconds: 2000 },
    });
    expect(problems).to.have.length(1);
    expect(problems[0]).to.include("stages.Clean.job.timeoutMinutes (60)");
  });

  it("leave room for all simulated jobs where a function starts their runs", () => {
    const jobs = (count: number) =>
      sequence(...Array.from({ length: count }, (_, index) => stage(`Stage number ${index + 10}`)));
    const simulated = {
      mode: "simulated",
      completion: "event",
      retry: { maxAttempts: 1 },
      giveUpAfterMinutes: 20,
    } as const;
    const tooMany = (count: number, more: object = {}) =>
      problemsOf(jobs(count), { ...simulated, ...more }).filter((text) => text.includes("that starts runs"));
    expect(tooMany(15)).to.deep.equal([]);
    expect(tooMany(21)).to.have.length(1);
    expect(tooMany(21)[0]).to.match(/ 21 jobs take \d+ bytes of the 4096 .* or set completion to "poll", got /);
    expect(tooMany(21, { mode: "real" }), "Glue knows its jobs itself").to.deep.equal([]);
  });

  it("refuse events of runs that never end by themselves", () => {
    const streaming = stage("Follow", { kind: "streaming" });
    expect(problemsOf(streaming, { completion: "event" })).to.deep.equal([
      'completion must be "poll" or "sync" with stages.Follow.job.kind "streaming": a run goes on until somebody stops it, ' +
        'and no event tells of its end, got "event"',
    ]);
    expect(problemsOf(streaming, { completion: "poll" })).to.deep.equal([]);
  });

  it("have events whose loss is seen before a run is given up", () => {
    expect(problemsOf(stage("Clean"), { completion: "event" })).to.deep.equal([]);
    const [problem, ...others] = problemsOf(stage("Clean"), { completion: "event", giveUpAfterMinutes: 15 });
    expect(others).to.deep.equal([]);
    expect(problem).to.include("eventHeartbeatSeconds must be less than 900");
  });

  it("refuse an express machine that would run jobs, and functions alone", () => {
    expect(problemsOf(stage("Clean"), { stateMachineType: "EXPRESS", dispatch: { mode: "direct" } })).to.deep.equal([
      'dispatch.mode must be "per-file" with stages: functions alone take a file through one job, got "direct"',
      'stateMachineType must be "STANDARD" with stages that run jobs (Clean): an express execution ends after five minutes, got "EXPRESS"',
    ]);
    expect(problemsOf(wait("Pause", { seconds: 5 }), { stateMachineType: "EXPRESS" })).to.deep.equal([]);
  });

  it("name a job that alone fills an execution's history, or all together", () => {
    const polling = { floorSeconds: 1, ceilingSeconds: 1 };
    const [alone, ...others] = problemsOf(
      sequence(stage("Clean"), stage("Totals", { timeoutMinutes: 1 }, { retry: { maxAttempts: 1 } })),
      { polling, giveUpAfterMinutes: 0 },
    );
    expect(alone).to.match(/^polling\.ceilingSeconds must be at least \d+: watching 3 runs for 120 minutes/);
    expect(others.join()).not.to.match(/^stages must be shorter/);
    const many = sequence(...Array.from({ length: 40 }, (_, index) => stage(`S${index}`, { timeoutMinutes: 600 })));
    expect(problemsOf(many).join()).to.match(/stages must be shorter: it takes up to \d+ history events/);
  });

  it("have room for ten jobs as they usually are, unless their pipeline wants to look at runs more often", () => {
    const ten = sequence(...Array.from({ length: 10 }, (_, index) => stage(`S${index}`)));
    expect(problemsOf(ten)).to.deep.equal([]);
    expect(problemsOf(ten, { polling: { ceilingSeconds: 60, share: 0.05 } }).join()).to.match(
      /^stages must be shorter: it takes up to 5\d{4} history events/,
    );
  });

  it("hold the dearest way through the stages against what a run may cost", () => {
    const small = stage("Small", { timeoutMinutes: 60 });
    const large = stage("Large", { timeoutMinutes: 60, workerType: "G.2X", numberOfWorkers: 5 });
    const stages = sequence(
      stage("Clean"),
      choice("Size", { when: [{ condition: "{% true %}", then: small }], otherwise: large }),
    );
    expect(problemsOf(stages, { cost: { maxCostPerRun: 5.28 } })).to.deep.equal([]);
    expect(problemsOf(stages, { cost: { maxCostPerRun: 5 } })).to.deep.equal([
      "cost.maxCostPerRun must be at least 5.28: the dearest way through the stages costs $5.28 when each run lasts until its timeout (Clean $0.88, Large $4.40); or 0 for no limit; or give the dearest jobs a shorter timeoutMinutes or fewer workers, got 5",
    ]);
  });
});

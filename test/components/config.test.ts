import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { loadConfig, type StackConfig } from "../../components/config.ts";
import { readStackSettings } from "../../local/stack-config.ts";
import { projectDirectory } from "../support/stacks.ts";

const load = (config: Readonly<Record<string, string>>): StackConfig => {
  pulumi.runtime.setAllConfig({ ...config });
  return loadConfig();
};

const problemsOf = (config: Readonly<Record<string, string>>): string[] => {
  try {
    load(config);
    return [];
  } catch (error) {
    return (error as Error).message.split("\n  ").slice(1);
  }
};

describe("The stack's config", () => {
  before(async () => {
    await pulumi.runtime.setMocks(
      { call: () => ({}), newResource: () => ({ id: undefined, state: {} }) },
      "glue-pipeline",
      "test",
    );
  });

  it("has the defaults that Pulumi.yaml declares", () => {
    const { config } = readStackSettings(projectDirectory, "prod");
    const declared = Object.fromEntries(
      Object.entries(config).filter(([key]) => key.startsWith("glue-pipeline:") && !setByProd.includes(key)),
    );
    expect(load(declared)).to.deep.equal(load({}));
  });
  const setByProd = ["glue-pipeline:mode", "glue-pipeline:maxConcurrentRuns", "glue-pipeline:jobRunQueuing"];

  it("knows every key that Pulumi.yaml declares, and no other", () => {
    const { config } = readStackSettings(projectDirectory, "prod");
    const [unknown] = problemsOf({ "glue-pipeline:zzz": "1" });
    const known = /its keys are (.*)$/.exec(String(unknown))?.[1]?.split(", ");
    expect(known).to.have.members(
      Object.keys(config)
        .filter((key) => key.startsWith("glue-pipeline:"))
        .map((key) => key.slice("glue-pipeline:".length)),
    );
  });

  it("reads values of every type", () => {
    const config = load({
      "glue-pipeline:mode": "real",
      "glue-pipeline:extensions": '["csv","csv.gz"]',
      "glue-pipeline:pollShare": "0.1",
      "glue-pipeline:maxAttempts": "5",
      "glue-pipeline:forceDestroy": "true",
      "glue-pipeline:columnTypes": '{"amount":"double"}',
      "glue-pipeline:simulatedScenarios":
        '[{"match":"*late*","attempts":[1],"Return":{"JobRunState":"TIMEOUT"}},{"match":"*","Throw":{"Error":"ConcurrentRunsExceededException"}}]',
    });
    expect(config.mode).to.equal("real");
    expect(config.validation?.extensions).to.deep.equal(["csv", "csv.gz"]);
    expect(config.polling?.share).to.equal(0.1);
    expect(config.retry?.maxAttempts).to.equal(5);
    expect(config.forceDestroy).to.equal(true);
    expect(config.job.defaultArguments).to.deep.equal({ "--column_types": '{"amount":"double"}' });
    expect(config.simulation?.scenarios).to.have.length(2);
  });

  it("reports all problems at once, each with the key, what is allowed and the value", () => {
    expect(
      problemsOf({
        "glue-pipeline:mode": "sim",
        "glue-pipeline:simulatedFailureRate": "1.5",
        "glue-pipeline:numberOfWorkers": "two",
        "glue-pipeline:maxAttempts": "2.5",
        "glue-pipeline:maxConcurrentRuns": "",
        "glue-pipeline:workerType": "G.025X",
        "glue-pipeline:standIn": "yes",
        "glue-pipeline:extensions": '[".csv"]',
        "glue-pipeline:logRetentionDays": "31",
        "glue-pipeline:landingPrefix": "x".repeat(1025),
      }).map((problem) => problem.replace(/x{9,}/, "x…")),
    ).to.have.members([
      'glue-pipeline:mode must be "simulated" or "real", got "sim"',
      'glue-pipeline:simulatedFailureRate must be a number from 0 to 1, got "1.5"',
      'glue-pipeline:numberOfWorkers must be a whole number from 0 to 100000, got "two"',
      'glue-pipeline:maxAttempts must be a whole number from 1 to 20, got "2.5"',
      'glue-pipeline:maxConcurrentRuns must be a whole number from 1 to 4000, got ""',
      'glue-pipeline:workerType must be a type for a Spark job, for example G.1X, or jobKind streaming, got "G.025X"',
      'glue-pipeline:standIn must be "true" or "false", got "yes"',
      'glue-pipeline:extensions must be a list, each an extension without its dot, got [".csv"]',
      'glue-pipeline:logRetentionDays must be 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653, got "31"',
      'glue-pipeline:landingPrefix must be at most 1024 bytes long, got "x…"',
    ]);
  });

  it("sees what only two values together show", () => {
    expect(problemsOf({ "glue-pipeline:minFileBytes": "10", "glue-pipeline:maxFileBytes": "5" })).to.deep.equal([
      "glue-pipeline:minFileBytes must be at most maxFileBytes (5), got 10",
    ]);
    expect(problemsOf({ "glue-pipeline:pollFloorSeconds": "90" })).to.deep.equal([
      "glue-pipeline:pollFloorSeconds must be at most pollCeilingSeconds (60), got 90",
    ]);
  });

  const wrongScenarios: readonly [string, RegExp][] = [
    ['{"match":"*"}', /must be a list of scenarios/],
    ["[7]", /\[0\] must be an object with "match"/],
    ['[{"match":"*","Return":{"JobRunState":"RUNNING"}}]', /the state one of SUCCEEDED, FAILED/],
    ['[{"match":"*"}]', /either with "Return" or with "Throw"/],
    ['[{"match":"*","Throw":{}}]', /"Throw" as \{Error, Cause\}/],
    ['[{"match":"*","attempts":[0],"Throw":{"Error":"X"}}]', /"attempts" as a list of numbers from 1/],
    ['[{"match":"*","when":1,"Throw":{"Error":"X"}}]', /without "when"/],
    ["[{", /must be a list of scenarios in JSON, for example .*, got "\[\{"/],
  ];
  for (const [scenarios, problem] of wrongScenarios) {
    it(`refuses ${scenarios} as scenarios`, () => {
      const problems = problemsOf({ "glue-pipeline:simulatedScenarios": scenarios });
      expect(problems).to.have.length(1);
      expect(problems[0]).to.match(problem);
    });
  }

  it("refuses a column type that Parquet does not have", () => {
    expect(problemsOf({ "glue-pipeline:columnTypes": '{"amount":"money"}' })).to.deep.equal([
      'glue-pipeline:columnTypes must be an object of columns, each string, bigint, double, boolean, date, timestamp, got {"amount":"money"}',
    ]);
  });
});

import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { loadConfig } from "../../components/config.ts";
import { readStackSettings } from "../../local/stack-config.ts";
import { projectDirectory } from "../support/stacks.ts";

type Settings = Readonly<Record<string, string>>;

const { config: prod } = readStackSettings(projectDirectory, "prod");

/** What `pulumi up -s prod` and `npm start -- --stack prod` say of such settings, without the keys' namespace. */
const refusalsOf = (settings: Settings): readonly string[] => {
  const changed = Object.entries(settings).map(([key, value]) => [`glue-pipeline:${key}`, value] as const);
  pulumi.runtime.setAllConfig({ ...prod, ...Object.fromEntries(changed) });
  try {
    loadConfig();
    return [];
  } catch (error) {
    const [heading, ...problems] = (error as Error).message.split("\n  ");
    const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
    expect(heading).to.equal(`The config of stack prod has ${count}:`);
    return problems.map((problem) => problem.replace(/^glue-pipeline:/, ""));
  }
};

/** Settings on top of those of prod, and all that is said of them. */
const wrong: readonly (readonly [Settings, ...string[]])[] = [
  // Sizes
  [{ numberOfWorkers: "5" }, "numberOfWorkers must be given together with workerType, for example G.1X, got 5"],
  [{ workerType: "G.2X" }, 'workerType must be given together with numberOfWorkers, for example 2, got "G.2X"'],
  [
    { workerType: "G.1X", numberOfWorkers: "1" },
    "numberOfWorkers must be a whole number from 2: one drives, the others work, got 1",
  ],
  [
    { workload: "huge" },
    'workload must be "small_etl", "medium_etl", "large_etl", "memory_intensive", "cost" or left out, got "huge"',
  ],
  [
    { workload: "cost", workerType: "G.2X", numberOfWorkers: "4", jobRunQueuing: "false" },
    'workload must be left out where workerType and numberOfWorkers are given, or they where it is, got "cost"',
  ],
  [
    { workerType: "R.1X", numberOfWorkers: "4", glueVersion: "3.0" },
    'workerType must be another: R.1X needs glueVersion 4.0 or newer, not 3.0, got "R.1X"',
  ],
  [
    { workerType: "G.025X", numberOfWorkers: "2" },
    'workerType must be a type for a Spark job, for example G.1X, or jobKind streaming, got "G.025X"',
  ],
  // Kinds and versions
  [
    { jobKind: "pyspark", maxCapacity: "1" },
    'jobKind must be "spark", "streaming", "pythonshell" or "ray", got "pyspark"',
  ],
  [
    { jobKind: "pythonshell", workerType: "G.1X", numberOfWorkers: "2" },
    'workerType must be left out: it is for Spark jobs, streaming jobs and Ray jobs, and jobKind is pythonshell, which is sized by maxCapacity, got "G.1X"',
    "numberOfWorkers must be left out: it is for Spark jobs, streaming jobs and Ray jobs, and jobKind is pythonshell, which is sized by maxCapacity, got 2",
  ],
  [
    { jobKind: "streaming", bookmarks: "enable", maintenanceWindow: "Sunday:3" },
    'bookmarks must be left out: it is for Spark jobs, and jobKind is streaming, which has checkpoints, got "enable"',
    'maintenanceWindow must be a day and an hour in UTC, for example "Sun:3", got "Sunday:3"',
  ],
  [{ jobKind: "pythonshell", maxCapacity: "0.5" }, 'maxCapacity must be "0.0625", "1" or left out, got "0.5"'],
  [
    { maxCapacity: "1" },
    "maxCapacity must be left out: it is for Python shell jobs, and jobKind is spark, which is sized by workerType and numberOfWorkers, got 1",
  ],
  [
    { glueVersion: "2.0", autoScaling: "true" },
    'glueVersion must be at least "3.0": Glue 0.9, 1.0 and 2.0 have come to their end, got "2.0"',
  ],
  [{ glueVersion: "4.5" }, 'glueVersion must be one of Glue\'s: 3.0, 4.0, 5.0, 5.1, 6.0, got "4.5"'],
  [
    { glueVersion: "3.0", observabilityMetrics: "true" },
    "observabilityMetrics must be left out below glueVersion 4.0, which is 3.0, got true",
  ],
  // FLEX and queuing
  [{ executionClass: "FLEX" }, "jobRunQueuing must be false with executionClass FLEX, which waits by itself, got true"],
  [
    { workload: "cost" },
    "jobRunQueuing must be false with executionClass FLEX (workload cost has it), which waits by itself, got true",
  ],
  [
    { executionClass: "FLEX", workerType: "G.4X", numberOfWorkers: "2", jobRunQueuing: "false" },
    'executionClass must be "STANDARD" with workerType G.4X: FLEX has G.1X and G.2X, got "FLEX"',
  ],
  [{ executionClass: "flex" }, 'executionClass must be "STANDARD" or "FLEX", got "flex"'],
  // Time
  [{ jobTimeoutMinutes: "20000" }, 'jobTimeoutMinutes must be a whole number from 0 to 10080, got "20000"'],
  [
    { notifyDelayAfterMinutes: "90" },
    "notifyDelayAfterMinutes must be a whole number from 1, below jobTimeoutMinutes (60), where the run ends, got 90",
  ],
  [
    { executionTimeoutMinutes: "60" },
    "executionTimeoutMinutes must be 0 or at least 120, as long as one run is watched; or lower jobTimeoutMinutes (60), or set giveUpAfterMinutes, which is an hour more than that, got 60",
  ],
  [
    { jobTimeoutMinutes: "2000" },
    'pollCeilingSeconds must be at least 154: watching 3 runs for 2060 minutes each takes up to 58320 history events, and an execution ends at 25000; or raise pollFloorSeconds (5) to 142, and pollCeilingSeconds (60) as high, or lower maxAttempts (3), or lower jobTimeoutMinutes (2000), or set giveUpAfterMinutes, which is an hour more than that, or set completion to "sync", which leaves the looking to Step Functions, got 60',
  ],
  [
    { pollFloorSeconds: "0", pollShare: "0", jobTimeoutMinutes: "1440" },
    'pollFloorSeconds must be at least 103, and pollCeilingSeconds (60) as high: watching 3 runs for 1500 minutes each takes up to 676377 history events, and an execution ends at 25000; or lower maxAttempts (3), or lower jobTimeoutMinutes (1440), or set giveUpAfterMinutes, which is an hour more than that, or set completion to "sync", which leaves the looking to Step Functions, got 0',
  ],
  [
    { maxAttempts: "10", giveUpAfterMinutes: "20000" },
    'maxAttempts must be lower: watching 10 runs for 20000 minutes each takes up to 1808860 history events, and an execution ends at 25000; or lower giveUpAfterMinutes (20000), or set completion to "sync", which leaves the looking to Step Functions, got 10',
  ],
  [
    { completion: "sync", giveUpAfterMinutes: "30" },
    'giveUpAfterMinutes must be 0 or at least 65 with completion "sync": 5 minutes more than a run may take, as nothing stops a run that its task has given up; or lower jobTimeoutMinutes (60), got 30',
  ],
  [
    { stateMachineType: "EXPRESS", jobTimeoutMinutes: "3" },
    'stateMachineType must be "STANDARD": watching 3 runs for 63 minutes each, with the waits between them, takes up to 191 minutes, and an express execution ends after 5; or set giveUpAfterMinutes (63) to 1, or lower maxAttempts (3) or retryIntervalSeconds (30), got "EXPRESS"',
  ],
  [
    { stateMachineType: "EXPRESS", completion: "sync", jobTimeoutMinutes: "1", giveUpAfterMinutes: "1" },
    'completion must be "poll" with stateMachineType "EXPRESS": an express execution cannot wait for a run, got "sync"',
  ],
  [
    { dispatch: "direct", completion: "sync", logLevel: "OFF" },
    'completion must be "poll" with dispatch "direct": a function waits for the end of a run by looking at it; or set dispatch to "per-file", got "sync"',
    'logLevel must be "ALL" with dispatch "direct": there is no execution to log, and the functions log each step; or set dispatch to "per-file", got "OFF"',
  ],
  // Networks
  [
    { network: "existing", subnetIds: "subnet-0123456789abcdef0" },
    'subnetIds must be a list in JSON, ["subnet-0123456789abcdef0"], each a subnet\'s id, got "subnet-0123456789abcdef0"',
    'vpcId must be given where network is "existing", for the job\'s security group, or securityGroupIds name a group that lets its own members in, got ""',
  ],
  [
    { network: "existing", vpcId: "vpc-1", subnetIds: '["subnet-0123456789abcdef0"]' },
    'vpcId must be an id such as vpc-0123456789abcdef0, got "vpc-1"',
  ],
  [
    { network: "create", vpcCidr: "127.0.0.0/16" },
    'vpcCidr must be a private block such as 10.0.0.0/16: the addresses of 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16 and from 224.0.0.0 on are no network\'s, got "127.0.0.0/16"',
  ],
  [
    { network: "create", vpcCidr: "10.0.0.0/28" },
    'vpcCidr must be larger, a shorter prefix such as /16: each of 2 private subnets would have room for 0 workers, and 50 runs at once of 2 workers want 50 addresses in each; or lower numberOfWorkers or maxConcurrentRuns, got "10.0.0.0/28"',
  ],
  [
    { vpcCidr: "10.1.0.0/16" },
    'vpcCidr must be left out where network is "none", or network be "create", got "10.1.0.0/16"',
  ],
  // Security and tags
  [
    { kmsKeyArn: "alias/data" },
    'kmsKeyArn must be the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID; for an alias, give the key that it stands for (aws kms describe-key --key-id ALIAS), got "alias/data"',
  ],
  [
    { kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012" },
    'kmsKeyArn must be a key of us-east-1, where the stack is (aws:region): a key works in its own region only, got "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"',
  ],
  [
    { permissionsBoundary: "Boundary", rolePath: "team" },
    'permissionsBoundary must be the ARN of a policy, arn:aws:iam::ACCOUNT:policy/NAME, got "Boundary"',
    'rolePath must be a path that begins and ends with a slash, at most 512 characters, for example /pipelines/, got "team"',
  ],
  [
    { tags: '{"aws:owner":"data"}' },
    'tags must be without names that begin with aws:, which are AWS\'s own, got {"aws:owner":"data"}',
  ],
  [
    { tags: "team=data" },
    'tags must be an object of texts by name in JSON, for example {"team": "data"}, got "team=data"',
  ],
  // Subscribers and cost
  [
    { observability: "false", alarmSubscribers: '["ops@example.com"]' },
    'alarmSubscribers must be left out, or observability be true: without observability nobody is told anything, got ["ops@example.com"]',
  ],
  [
    { delaySubscribers: '["ops@example.com"]' },
    'delaySubscribers must be left out, or notifyDelayAfterMinutes be given: Glue tells of a run that takes longer than that, got ["ops@example.com"]',
  ],
  [
    { alarmSubscribers: '["arn:aws:sns:us-east-1:123456789012:t"]' },
    'alarmSubscribers[0] must be an e-mail address or the ARN of an SQS queue, arn:aws:sqs:REGION:ACCOUNT:NAME, whose policy lets the topic send to it, got "arn:aws:sns:us-east-1:123456789012:t"',
  ],
  [
    { maxCostPerRun: "0.10" },
    "maxCostPerRun must be at least 0.88: a run of 2 × G.1X that lasts until its timeout of 60 minutes costs $0.88; or 0 for no limit; or lower jobTimeoutMinutes to 6, got 0.1",
  ],
  [{ maxCostPerRun: "cheap" }, 'maxCostPerRun must be a number from 0 to 1000000, got "cheap"'],
  // Files, arguments and overrides
  [
    { extraJars: '["scripts/process_csv.py"]' },
    'extraJars must be files that end in .jar, got "scripts/process_csv.py"',
  ],
  [
    { extraFiles: '["s3://Bad_Bucket/x"]' },
    'extraFiles must be a file or a folder of this machine, or an object\'s URI such as s3://my-bucket/folder/file, got "s3://Bad_Bucket/x"',
  ],
  [
    { jobArguments: '{"--conf":"a=b"}' },
    'jobArguments must be without --conf: sparkConf says it, got {"--conf":"a=b"}',
  ],
  [
    { jobArguments: '{"--bucket":"b","--JOB_NAME":"x"}' },
    'jobArguments must be without --bucket: each run is given its own, got {"--bucket":"b"}',
    'jobArguments must be without --JOB_NAME, which Glue sets itself, got {"--JOB_NAME":"x"}',
  ],
  [
    { jobArguments: '{"--currency":"EUR"' },
    'jobArguments must be an object of texts by name in JSON, for example {"--currency": "EUR"}, got "{\\"--currency\\":\\"EUR\\""',
  ],
  [
    { jobArguments: '{"--a":"1"}', nonOverridableArguments: '{"--a":"2"}' },
    'jobArguments must be without --a, which nonOverridableArguments has, got {"--a":"1"}',
  ],
  [
    { tempDir: "/tmp" },
    'tempDir must be an s3:// URI such as s3://my-bucket/folder/, the bucket\'s name in lower case, got "/tmp"',
  ],
  [
    { overrideWorkerTypes: '["G.8X"]', overrideExecutionClasses: '["FLEX"]', jobRunQueuing: "false" },
    'overrideExecutionClasses must be without FLEX, or workerType and overrideWorkerTypes G.1X and G.2X alone, which FLEX has, not G.8X, got ["FLEX"]',
  ],
  [{ overrideMaxWorkers: "1" }, "overrideMaxWorkers must be a whole number, at least numberOfWorkers (2), got 1"],
  // Files that land
  [
    { landingSuffix: ".json" },
    'landingSuffix must be an ending of files that are not rejected: extensions allows csv only, got ".json"',
  ],
  [
    { extensions: "[csv]", minFileBytes: "10", maxFileBytes: "5" },
    'extensions must be a list in JSON, ["csv"], each an extension without its dot, got "[csv]"',
    "minFileBytes must be at most maxFileBytes (5), got 10",
  ],
  [
    { columnTypes: '{"amount":"money"}' },
    'columnTypes must be an object of columns, each string, bigint, double, boolean, date, timestamp, got {"amount":"money"}',
  ],
  // Types and names of keys
  [
    { jobRunQueuing: "TRUE", maxAttempts: "0", logRetentionDays: "" },
    'jobRunQueuing must be "true" or "false", got "TRUE"',
    'maxAttempts must be a whole number from 1 to 20, got "0"',
    'logRetentionDays must be 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653, got ""',
  ],
  [{ maxcostperrun: "5" }, "maxcostperrun is not a key of this program; did you mean maxCostPerRun?"],
];

/** Settings that are unusual, and right. */
const right: readonly Settings[] = [
  {},
  { jobKind: "pythonshell" },
  { jobKind: "streaming" },
  { workload: "cost", jobRunQueuing: "false" },
  { executionClass: "FLEX", jobRunQueuing: "false" },
  { workerType: "G.2X", numberOfWorkers: "10", autoScaling: "true" },
  { network: "create" },
  { network: "existing", vpcId: "vpc-0123456789abcdef0", subnetIds: '["subnet-0123456789abcdef0"]' },
  { security: "false" },
  { completion: "sync", jobTimeoutMinutes: "2000" },
  { stateMachineType: "EXPRESS", jobTimeoutMinutes: "1", giveUpAfterMinutes: "1" },
  { dispatch: "direct" },
  { tracing: "true", successSubscribers: '["arn:aws:sqs:us-east-1:123456789012:done"]' },
  { delaySubscribers: '["ops@example.com"]', notifyDelayAfterMinutes: "30" },
  { tags: '{"team":"data","cost-centre":42}' },
  // What a refusal proposes is enough.
  { jobTimeoutMinutes: "2000", pollCeilingSeconds: "154" },
  { jobTimeoutMinutes: "2000", pollFloorSeconds: "142", pollCeilingSeconds: "142" },
  { pollFloorSeconds: "103", pollCeilingSeconds: "103", pollShare: "0", jobTimeoutMinutes: "1440" },
  { stateMachineType: "EXPRESS", jobTimeoutMinutes: "3", giveUpAfterMinutes: "1" },
  { maxCostPerRun: "0.10", jobTimeoutMinutes: "6" },
  { maxCostPerRun: "0.88" },
];

describe("A wrong config of prod is refused at evaluation:", () => {
  before(async () => {
    await pulumi.runtime.setMocks(
      { call: () => ({}), newResource: () => ({ id: undefined, state: {} }) },
      "glue-pipeline",
      "prod",
    );
  });

  for (const [settings, ...problems] of wrong) {
    it(JSON.stringify(settings), () => {
      expect(refusalsOf(settings)).to.deep.equal(problems);
    });
  }

  for (const settings of right) {
    it(`not ${JSON.stringify(settings)}`, () => {
      expect(refusalsOf(settings)).to.deep.equal([]);
    });
  }

  it("all that is wrong is said at once, and what is wrong with one value leads to nothing else", () => {
    const keys = ["tags", "kmsKeyArn", "landingSuffix", "tempDir", "extraJars", "vpcCidr", "executionTimeoutMinutes"];
    const chosen = keys.flatMap((key) => wrong.find(([settings]) => Object.keys(settings).join() === key) ?? []);
    const [settings, problems] = [
      chosen.filter((part) => typeof part === "object"),
      chosen.filter((part) => typeof part === "string"),
    ];
    expect(refusalsOf(Object.assign({}, ...settings) as Settings)).to.have.members(problems);
    expect(problems).to.have.length(keys.length);
  });
});

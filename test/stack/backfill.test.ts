import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from "@aws-sdk/client-eventbridge";
import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { FileStatus } from "../../cli/deployed/file-status.ts";
import type { ReplayReport } from "../../cli/deployed/replay/run.ts";
import { describeRun } from "../../functions/lib/job-run.ts";
import { runCli, type CliResult } from "../support/cli.ts";
import { deployed, quickRuns, type Deployed } from "../support/deployed/deployed.ts";
import { historyOf, jobRunsOf, statesPassed } from "../support/deployed/executions.ts";
import { ended, eventually, executionsOf, upload } from "../support/deployed/files.ts";

const CSV = "id,name\n1,Ada\n";
/** More than the dispatcher is called with at once. */
const FILES = 30;
const FOLDER = "incoming/old/";

describe("The local stack whose runs tell of their ends", function () {
  this.timeout("3 minutes");
  const stack = deployed({
    config: { ...quickRuns, completion: "event", eventHeartbeatSeconds: "60", maxAttempts: "1" },
  });
  const arns = new Map<string, string>();

  const run = (...args: string[]): Promise<CliResult> => {
    const { project } = stack();
    const [command = "", ...rest] = args;
    return runCli([command, `--program=${project.folder}`, ...rest], { env: project.env });
  };
  const document = async <Report>(...args: string[]): Promise<Report> => {
    const { stdout, stderr } = await run(...args, "--json");
    expect(stdout, stderr).to.match(/^\{/);
    return JSON.parse(stdout) as Report;
  };
  /** Slowly, so that there is time to end it in the middle. */
  const begin = (): ChildProcess => {
    const { project } = stack();
    const script = fileURLToPath(new URL("../../cli/run.mjs", import.meta.url));
    return spawn(
      process.execPath,
      [script, "backfill", `--program=${project.folder}`, `--prefix=${FOLDER}`, "--rate=2"],
      { env: { ...process.env, ...project.env }, stdio: ["ignore", "pipe", "ignore"] },
    );
  };

  /** An event that the rule let nobody hear of: the heartbeat finds its run while the other tests go on. */
  let unheard = "";
  before(async function () {
    this.timeout("2 minutes");
    const { clients, outputs } = stack();
    const events = eventBridgeOf(stack());
    const { Rules = [] } = await events.send(new ListRulesCommand({}));
    const names = Rules.flatMap(({ Name = "", EventPattern = "" }) =>
      EventPattern.includes("Glue Job State Change") ? [Name] : [],
    );
    expect(names).to.have.length(1);
    for (const Name of names) await events.send(new DisableRuleCommand({ Name }));
    unheard = await upload(clients, outputs, { key: "incoming/unheard.csv", body: CSV });
    await eventually("the end of its run", 60, async () => {
      const [run] = await jobRunsOf(clients, outputs, unheard.split(":").at(-1));
      const isOver = run !== undefined && describeRun(run, Date.now()).JobRunState === "SUCCEEDED";
      return isOver ? true : undefined;
    });
    // The run is over when its time is; its event comes a moment later.
    await sleep(10_000);
    for (const Name of names) await events.send(new EnableRuleCommand({ Name }));
    events.destroy();
  });

  /** Files that nobody has told the dispatcher of. */
  before(async () => {
    const { clients, outputs } = stack();
    const Bucket = outputs.landingBucket;
    const { LambdaFunctionConfigurations } = await clients.s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket }),
    );
    const notify = (NotificationConfiguration: object): Promise<unknown> =>
      clients.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
    await notify({});
    const bodies = Array.from({ length: FILES - 1 }, (_, index) => [`f ${String(index).padStart(2, "0")}.csv`, CSV]);
    for (const [name = "", body = ""] of [["broken.csv", 'a\n"1\n'], ...bodies]) {
      arns.set(name, await upload(clients, outputs, { key: `${FOLDER}${name}`, body }));
    }
    await notify({ LambdaFunctionConfigurations });
  });

  it("takes a file to its end without a look at its run", async () => {
    const { clients, outputs } = stack();
    const { arn, status, cause } = await ended(
      clients,
      await upload(clients, outputs, { key: "incoming/a.csv", body: CSV }),
      120,
    );
    expect([status, cause]).to.deep.equal(["SUCCEEDED", undefined]);
    const states = statesPassed(await historyOf(clients, arn));
    expect(states).to.deep.equal(["Validate", "StartJobRun", "CheckJobRun", "NotifySucceeded", "Succeeded"]);
  });

  it("has files sent to it that are there, each once, by a command that is killed, stopped, and let come to its end", async () => {
    const { clients, outputs } = stack();
    const killed = begin();
    const closed = once(killed, "close");
    await eventually("the first executions", 60, async () =>
      (await executionsOf(clients, outputs)).length > 2 ? true : undefined,
    );
    killed.kill("SIGKILL");
    await closed;

    const stopped = begin();
    let said = "";
    const code = once(stopped, "close").then(([code]: unknown[]) => code);
    stopped.stdout?.on("data", (chunk: Buffer) => {
      const isSending = /^\d+ files? in /m;
      // Once: a second time would end it at once.
      const wasSending = isSending.test(said);
      said += chunk.toString();
      if (!wasSending && isSending.test(said)) stopped.kill("SIGINT");
    });
    expect(await code).to.equal(1);
    expect(said)
      .to.match(/^Goes on behind \d+ files? sent since /m)
      .and.to.match(new RegExp(`^Interrupted: \\d+ of ${FILES} files sent\\.`, "m"));

    const { code: last, stdout } = await run("backfill", `--prefix=${FOLDER}`);
    expect(last).to.equal(0);
    expect(stdout).to.match(new RegExp(`^${FILES} files sent`, "m"));
    const names = (await executionsOf(clients, outputs)).filter((name) => !/^(a|unheard)-csv/.test(name));
    expect(names).to.have.length(FILES);
    expect(names).to.have.members([...arns.values()].map((arn) => arn.split(":").at(-1)));
  });

  it("has failed files taken again, and shows what became of a file", async () => {
    const { clients } = stack();
    const first = await ended(clients, arns.get("broken.csv") ?? "");
    expect(first.status).to.equal("FAILED");
    const status = await document<FileStatus>("status", `${FOLDER}broken.csv`);
    expect(status.versions.map(({ state, executionName }) => [state, executionName])).to.deep.equal([
      ["failed", first.name],
    ]);
    const report = await document<ReplayReport>("replay", "--failed");
    expect(report).to.deep.include({ replayed: 1, deleted: 1 });
    const [again] = report.items;
    expect(again?.executionName).to.match(/^again-/);
    const second = await ended(clients, first.arn.replace(first.name, again?.executionName ?? ""));
    expect(second.error).to.equal("JobRun.FAILED");
  });

  it("finds a run whose event was lost, once the heartbeat is overdue", async () => {
    const { clients, outputs } = stack();
    const { arn, status, cause, name } = await ended(clients, unheard, 120);
    expect([status, cause]).to.deep.equal(["SUCCEEDED", undefined]);
    const states = statesPassed(await historyOf(clients, arn));
    expect(states.slice(0, 4)).to.deep.equal(["Validate", "StartJobRun", "FindJobRun", "GetJobRun"]);
    expect(await jobRunsOf(clients, outputs, name)).to.have.length(1);
  });
});

const eventBridgeOf = ({ emulator }: Pick<Deployed, "emulator">): EventBridgeClient =>
  new EventBridgeClient({
    endpoint: emulator.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });

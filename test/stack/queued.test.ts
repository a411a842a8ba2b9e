import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import type { BackfillReport } from "../../cli/deployed/backfill/report.ts";
import type { ReplayReport } from "../../cli/deployed/replay/run.ts";
import { runCli } from "../support/cli.ts";
import { deployed, quickRuns } from "../support/deployed/deployed.ts";
import { eventually, executionsOf } from "../support/deployed/files.ts";
import { drained } from "../support/deployed/queues.ts";
import {
  endedEntries,
  entriesOf,
  entryWith,
  notify,
  readQueue,
  timesTaken,
  type Notified,
} from "../support/deployed/queued.ts";

const CSV = "id,name\n1,Ada\n";
const BROKEN = 'a\n"1\n';
const FOLDER = "incoming/old/";
const CAP = 2;

describe("The local stack whose files wait in a queue", function () {
  this.timeout("4 minutes");
  const batches = { dispatch: "batch", batchMaxFiles: "10", batchWindowSeconds: "2" };
  const stack = deployed({
    config: { ...quickRuns, ...batches, maxConcurrentExecutions: String(CAP), maxAttempts: "1" },
  });

  const land = async (key: string, body = CSV, sequencer = "0055AED6DCD90281E5"): Promise<Notified> => {
    const { clients, outputs } = stack();
    const { VersionId: versionId = "" } = await clients.s3.send(
      new PutObjectCommand({ Bucket: outputs.landingBucket, Key: key, Body: body }),
    );
    return { key, versionId, size: Buffer.byteLength(body), sequencer };
  };

  /** Lands files whose notifications are lost. */
  const silently = async (landing: () => Promise<void>): Promise<void> => {
    const { clients, outputs } = stack();
    const Bucket = outputs.landingBucket;
    const { QueueConfigurations } = await clients.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
    expect(QueueConfigurations).to.have.length(1);
    const tell = (NotificationConfiguration: object): Promise<unknown> =>
      clients.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
    await tell({});
    await landing();
    await tell({ QueueConfigurations });
  };

  const document = async <Report>(...args: string[]): Promise<Report> => {
    const { project } = stack();
    const [command = "", ...rest] = args;
    const { stdout, stderr } = await runCli([command, `--program=${project.folder}`, ...rest, "--json"], {
      env: project.env,
    });
    expect(stdout, stderr).to.match(/^\{/);
    return JSON.parse(stdout) as Report;
  };
  const begin = (...args: string[]): ChildProcess => {
    const { project } = stack();
    const script = fileURLToPath(new URL("../../cli/run.mjs", import.meta.url));
    const [command = "", ...rest] = args;
    return spawn(process.execPath, [script, command, `--program=${project.folder}`, ...rest], {
      env: { ...process.env, ...project.env },
      stdio: ["ignore", "pipe", "ignore"],
    });
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  };

  const statesOf = async (keys: readonly string[]): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries((await endedEntries(stack(), keys)).map(({ file, state }) => [file.key, state]));

  it("takes each file once whose messages come three times, in another order each time", async () => {
    const landed: Notified[] = [];
    for (let index = 0; index < 24; index++) landed.push(await land(`incoming/again ${index}.csv`));
    await notify(stack(), landed.toReversed());
    await notify(stack(), [...landed.filter((_, index) => index % 2 === 0), ...landed]);
    const keys = landed.map(({ key }) => key);
    expect(await statesOf(keys)).to.deep.equal(Object.fromEntries(keys.map((key) => [key, "succeeded"])));
    expect([...(await timesTaken(stack()))]).to.have.deep.members(keys.map((key) => [key, 1]));
  });

  const old = Array.from({ length: 30 }, (_, index) => `${FOLDER}${index % 3 === 0 ? "broken" : "good"} ${index}.csv`);
  const broken = old.filter((key) => key.includes("broken"));

  it("takes files that it was never told of, each once, by a backfill that is killed on its way", async () => {
    await silently(async () => {
      for (const key of old) await land(key, broken.includes(key) ? BROKEN : CSV);
    });
    const killed = begin("backfill", `--prefix=${FOLDER}`, "--rate=4");
    await eventually("the first files", 60, async () => {
      const entries = await entriesOf(stack());
      return old.some((key) => entries.has(key)) ? true : undefined;
    });
    await kill(killed);
    expect((await entriesOf(stack())).size).to.be.lessThan(24 + old.length);
    const report = await document<BackfillReport>("backfill", `--prefix=${FOLDER}`);
    expect(report).to.deep.include({ sent: old.length, complete: true });
    const states = await statesOf(old);
    expect(Object.keys(states).filter((key) => states[key] === "failed")).to.have.members(broken);
    const times = await timesTaken(stack());
    expect(old.map((key) => times.get(key))).to.deep.equal(old.map(() => 1));
  });

  it("takes failed files again, each once a time, by a replay that is killed on its way", async () => {
    for (const ms of [0, 60, 150]) {
      const killed = begin("replay", "--failed");
      if (killed.stdout !== null) await once(killed.stdout, "data");
      await sleep(ms);
      await kill(killed);
    }
    // What is under way has come to its end: what is left is asked for alone.
    await eventually("the end of all", 120, async () =>
      [...(await entriesOf(stack())).values()].every(({ endedAt }) => endedAt !== undefined) ? true : undefined,
    );
    const report = await document<ReplayReport>("replay", "--failed");
    expect(report).to.deep.include({ left: [], complete: true });
    expect(report.items.map(({ key }) => key)).to.include.members(broken);
    const entries = await eventually("the end of the replay", 120, async () => {
      const found = await endedEntries(stack(), old);
      const again = found.filter(({ file }) => broken.includes(file.key));
      return again.every(({ generation }) => generation >= 1) ? found : undefined;
    });
    await drainedArrivals();
    const times = await timesTaken(stack());
    for (const { file, state, generation } of entries) {
      const isBroken = broken.includes(file.key);
      expect([file.key, state]).to.deep.equal([file.key, isBroken ? "failed" : "succeeded"]);
      expect([file.key, times.get(file.key)]).to.deep.equal([file.key, generation + 1]);
      if (!isBroken) expect(generation).to.equal(0);
    }
  });

  /** No request waits any more, and all that was asked for has ended. */
  const drainedArrivals = async (): Promise<void> => {
    await eventually("the end of all requests", 60, async () => {
      const before = JSON.stringify([...(await entriesOf(stack()))]);
      await sleep(5000);
      const after = [...(await entriesOf(stack()))];
      const isOver = after.every(([, { endedAt }]) => endedAt !== undefined);
      return isOver && before === JSON.stringify(after) ? true : undefined;
    });
  };

  it("records the end of an execution whose message was lost, once its reminder is put back", async () => {
    const { clients, outputs } = stack();
    await readQueue(stack(), /outcomes/, false);
    const { key } = await land("incoming/unheard.csv");
    const { executionName = "" } = await entryWith(stack(), key, ({ state }) => state === "started");
    await eventually("its message", 60, async () => {
      const lost = await drained(clients, outputs.outcomeQueueUrl);
      return lost.some((body) => body.includes(executionName)) ? true : undefined;
    });
    await readQueue(stack(), /outcomes/, true);
    await clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: outputs.failureQueueUrl,
        MessageBody: JSON.stringify({ Remind: executionName, Turn: 1 }),
      }),
    );
    const report = await document<ReplayReport>("replay", "--failed", "--since=1h");
    expect(report).to.deep.include({ reminders: 1, left: [] });
    expect(report.items).to.deep.include({ kind: "reminder", executionName });
    await entryWith(stack(), key, ({ state }) => state === "succeeded");
  });

  it("has files of batches followed to their ends by npm run drop", async () => {
    const { project } = stack();
    const folder = mkdtempSync(join(tmpdir(), "drop-queued-"));
    try {
      const bodies = { "orders.csv": "id,name\n1,Ada\n2,Grace\n", "broken.csv": BROKEN, "notes.txt": "no table" };
      for (const [name, body] of Object.entries(bodies)) writeFileSync(join(folder, name), body);
      const args = ["drop", `--program=${project.folder}`, ...Object.keys(bodies)];
      const { code, stdout, stderr } = await runCli(args, { cwd: folder, env: project.env });
      expect(stderr).to.equal("");
      expect(code).to.equal(1);
      expect(stdout).to.match(/^ {2}orders\.csv +\d\d:\d\d\.\d {2}queued +in csv-queued-arrivals-/m);
      expect(stdout).to.match(/^ {2}batch-\S+ +\d\d:\d\d\.\d {2}succeeded +execution SUCCEEDED$/m);
      expect(stdout).to.match(
        /^orders\.csv +succeeded +1 +[\d.]+ s +2 +s3:\/\/csv-output-\S+\/processed\/execution=batch-\S+\.parquet$/m,
      );
      expect(stdout).to.match(/^broken\.csv failed: UnreadableFileError: /m);
      expect(stdout).to.match(/^notes\.txt rejected: its name must end in \.csv$/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("starts a file for itself when it is updated at rest, and tells of a version that comes after a newer one", async () => {
    const { project } = stack();
    await readQueue(stack(), /arrivals/, false);
    await drainedArrivals();
    const perFile = { dispatch: "per-file", batchMaxFiles: "1000", batchWindowSeconds: "60", fileOrder: "per-key" };
    await project.setConfig(perFile);
    await project.up();
    await readQueue(stack(), /arrivals/, true);
    const { clients, outputs } = stack();
    const before = await executionsOf(clients, outputs);
    const versions: Notified[] = [];
    const others: Notified[] = [];
    await silently(async () => {
      for (const sequencer of ["01", "02"]) versions.push(await land("incoming/twice.csv", CSV, sequencer));
      for (let index = 0; index < 8; index++) others.push(await land(`incoming/one ${index}.csv`));
    });
    const [older, newer] = versions;
    if (older === undefined || newer === undefined) throw new Error("two versions have landed");
    await notify(stack(), [newer, ...others, newer, ...others.toReversed()]);
    await entryWith(stack(), newer.key, ({ state }) => state === "succeeded");
    await notify(stack(), [older, newer, older]);
    await eventually("both versions", 60, async () => {
      const states = await versionStates(older.key);
      return states.length === 2 && states.every((state) => !["waiting", "started"].includes(state)) ? true : undefined;
    });
    expect(await versionStates(older.key)).to.have.members(["superseded", "succeeded"]);
    await statesOf(others.map(({ key }) => key));
    const report = await document<BackfillReport>("backfill", "--prefix=incoming/one ");
    expect(report).to.deep.include({ sent: others.length, known: { looked: others.length, known: others.length } });
    await drainedArrivals();
    const started = (await executionsOf(clients, outputs)).filter((name) => !before.includes(name));
    expect(started).to.have.length(others.length + 1);
    expect(new Set(started)).to.have.property("size", started.length);
  });

  const versionStates = async (key: string): Promise<readonly string[]> => {
    const { versions } = await document<{ versions: { state: string }[] }>("status", key);
    return versions.map(({ state }) => state);
  };
});

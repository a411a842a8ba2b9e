import { expect } from "chai";
import { VirtualClock } from "../../local/clock.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { interfere } from "../support/interference.ts";
import { aSimulation, start } from "../support/jobs.ts";
import { denials, unneededIn, withoutEach, type ObservedRun, type Taken } from "../support/least-privilege.ts";
import { bodiesIn, cloudOf } from "../support/pipeline.ts";
import { graphOf, resourceOf, resourcesOf } from "../support/stacks.ts";

const hour = 3_600_000;
/** Longer than it takes until a unit is looked after. */
const seconds = 600;
const simulation = aSimulation({ startUpSeconds: 1, durationSeconds: seconds });
const simulated = {
  simulatedStartUpSeconds: "1",
  simulatedDurationSeconds: String(seconds),
  simulatedFailureRate: "0",
  observability: "false",
  maxAttempts: "1",
};

/** Of first versions: while the second one's execution goes on, and when it has ended. */
const delays: Readonly<Record<string, number>> = { "incoming/late.csv": 200_000, "incoming/later.csv": 3 * hour };

/**
 * Dispatchers that die, each once: over a start, which the reminder makes up for, and over the older version of a key,
 * which is superseded by whoever next has the key in hand. And a summary that is gone when it is looked for.
 */
const interfereWith = (cloud: Parameters<typeof interfere>[0]): void => {
  const dying = new Map([
    ["startExecution", /good\.csv|manifests/],
    ["transactWriteItems", /"Key":{"S":"incoming\/late\.csv"}.*"Size":{"N":"4"}/],
  ]);
  interfere(cloud, async ({ operation, input, proceed }) => {
    const { Key = "", ...location } = input as { readonly Key?: unknown };
    if (operation === "getObject" && /^summary\/.*good-csv.*\/summary\.json$/.test(String(Key))) {
      return proceed({ ...location, Key: `${String(Key)}.gone` });
    }
    if (dying.get(operation)?.test(JSON.stringify(input)) !== true) return proceed();
    dying.delete(operation);
    if (operation !== "startExecution") await proceed();
    throw new Error("died");
  });
};

/**
 * A file that succeeds, one that no job can read, one that is rejected, one that has two versions, two whose older
 * version comes late, and one whose execution is stopped.
 */
const run = async (graph: ResourceGraph): Promise<ObservedRun> => {
  const clock = new VirtualClock(start);
  const { cloud, events } = await cloudOf(graph, {
    clock,
    simulation,
    deliveries: ({ s3: { object } }) => [object.size === 4 ? (delays[object.key] ?? 0) : 0],
  });
  interfereWith(cloud);
  const Bucket = String(graph.outputs.landingBucket);
  const put = (name: string, body = "a\n1\n") =>
    cloud.asUser.putObject({ Bucket, Key: `incoming/${name}`, Body: Buffer.from(body) });
  // The first to have an execution: it has ended when the message of a dispatcher that died comes back.
  for (const body of ["a\n1\n", "a\n22\n"]) await put("late.csv", body);
  for (const name of ["good.csv", "wrong.pdf", "twice.csv", "later.csv"]) await put(name);
  await put("poison.csv", 'a\n"1\n');
  for (const name of ["twice.csv", "later.csv"]) await put(name, "a\n22\n");
  // A call of a person's is a thread of its own: whoever waited for it here would wait for ever.
  const later: Promise<unknown>[] = [];
  const doAt = (ms: number, call: () => Promise<unknown>): void => {
    clock.schedule(ms, () => {
      later.push(call().catch(() => undefined));
      return Promise.resolve();
    });
  };
  // In a batch of its own.
  doAt(4 * hour, () => put("stopped.csv", "a\n333\n"));
  doAt(4 * hour + 120_000, () => {
    const running = events.findLast((event) => event.kind === "execution-started");
    const executionArn = running?.kind === "execution-started" ? running.executionArn : "";
    return cloud.asUser.call("states", "stopExecution", { executionArn });
  });
  await cloud.settle();
  await Promise.allSettled(later);
  await cloud.settle();
  return { events, failures: bodiesIn(cloud, "failures") };
};

const variants: Readonly<Record<string, readonly [stack: string, config: Readonly<Record<string, string>>]>> = {
  "batches on the prod stack": ["prod", { dispatch: "batch" }],
  "batches in order, not too many at once, on the prod stack": [
    "prod",
    { dispatch: "batch", fileOrder: "per-key", maxConcurrentExecutions: "2" },
  ],
  "batches in order on the local stack": ["local", { dispatch: "batch", fileOrder: "per-key" }],
  "single files with a ledger on the prod stack": ["prod", { ledger: "true" }],
  "single files in order, not too many at once, on the local stack with security": [
    "local",
    { fileOrder: "per-key", maxConcurrentExecutions: "2", security: "true" },
  ],
};

/** Statements without which a run goes on as before, and what they are there for. */
const notSeen: Readonly<Record<string, string>> = {
  WriteLog: "a function without it works, and its log is empty",
  TlsOnly: "nothing here comes without TLS",
  PublishAlarms: "no alarm goes off here",
};

const isSeen = ({ name }: Taken): boolean => [name, ...name.split(".")].every((part) => !(part in notSeen));

describe("Least privilege of queued dispatch", () => {
  for (const [name, [stack, config]] of Object.entries(variants)) {
    it(`needs each statement for ${name}, and no other`, async () => {
      const graph = await graphOf(stack, { ...simulated, ...config });
      expect(denials(await run(graph))).to.deep.equal([]);
      const policies = [
        ...["csv-dispatcher", "csv-queued-recorder"].map((role) =>
          resourceOf(graph, "aws:iam/rolePolicy:RolePolicy", role),
        ),
        resourceOf(graph, "aws:sqs/queuePolicy:QueuePolicy", "csv-queued-outcomes"),
        ...resourcesOf(graph, "aws:kms/key:Key"),
      ];
      const taken = policies.flatMap((policy) => withoutEach(graph, policy)).filter(isSeen);
      const arrivals = resourceOf(graph, "aws:sqs/queuePolicy:QueuePolicy", "csv-queued-arrivals");
      const [landings] = withoutEach(graph, arrivals);
      // S3 looks whether it may when it is told to.
      const refused = await run(landings?.graph ?? graph).then(String, String);
      expect(refused).to.include("may not send events to");
      expect(await unneededIn(taken, run)).to.deep.equal([]);
      expect(taken.map((each) => each.name)).to.include.members([
        "csv-dispatcher.ReceiveArrivals",
        "csv-dispatcher.KeepLedger",
        "csv-dispatcher.StartExecution",
        "csv-queued-recorder.AskExecution",
        "csv-queued-recorder.StartExecution",
        "csv-queued-outcomes.Results",
      ]);
    }).timeout(180_000);
  }
});

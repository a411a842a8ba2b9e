/**
 * How long `examples/table-to-queue` takes for many entries, and whether memory stays flat beyond what lies in the table
 * and in the queue at the end.
 *
 *   node --expose-gc --import tsx bench/table-to-queue.ts [ENTRIES]
 *
 * The unit of memory is the data alone: the same entries, put into the same table and sent to the same queue by hand.
 */
import { fileURLToPath } from "node:url";
import { entryAt } from "../examples/table-to-queue/entries.ts";
import { VirtualClock } from "../local/clock.ts";
import { type Cloud, createCloud } from "../local/cloud.ts";
import { evaluate } from "../local/evaluate.ts";
import type { ResourceGraph } from "../local/resource-graph.ts";

const entries = Number(process.argv[2] ?? 100_000);
const directory = fileURLToPath(new URL("../examples/table-to-queue", import.meta.url));

interface Counts {
  sent: number;
  events: number;
  executions: number;
  longestHistory: number;
}

const main = async (): Promise<void> => {
  const graph = await evaluate({ directory, stack: "local" });
  // The smaller ones warm up, too.
  for (const count of [entries / 10, entries / 2, entries]) await report(graph, Math.ceil(count));
};

const report = async (graph: ResourceGraph, count: number): Promise<void> => {
  const counts: Counts = { sent: 0, events: 0, executions: 0, longestHistory: 0 };
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const cloud = await createCloud(graph, {
    clock,
    keepClosed: 1,
    observer: (event) => {
      if (event.kind === "message-sent") counts.sent++;
      if (event.kind === "execution-started") counts.executions++;
      if (event.kind !== "history") return;
      counts.events++;
      counts.longestHistory = Math.max(counts.longestHistory, event.event.id);
    },
  });
  const before = heap();
  const begun = performance.now();
  const { executionArn = "" } = await cloud.asUser.startExecution({
    stateMachineArn: String(graph.outputs.stateMachineArn),
    name: "bench",
    input: JSON.stringify({ entries: count }),
  });
  await cloud.settle();
  const seconds = (performance.now() - begun) / 1000;
  const { status, output } = await cloud.asUser.describeExecution({ executionArn });
  const grown = heap() - before;
  const once = distinct(cloud);
  const ratio = grown / (await dataAlone(graph, count));
  console.log(
    `${count.toLocaleString("en")} entries: ${seconds.toFixed(1)} s, ${String(status)} ${String(output)}, ` +
      `${counts.sent} messages, ${once} of them different; ${counts.executions} executions, ${counts.events} events, ` +
      `at most ${counts.longestHistory} in one of 25,000; heap ${ratio.toFixed(2)} × the data's, ` +
      `RSS ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`,
  );
};

const distinct = (cloud: Cloud): number =>
  new Set(Object.values(cloud.queues).flatMap((queue) => queue.map(({ body }) => body))).size;

/** Bytes of heap that table and queue take, with all that is in them. */
const dataAlone = async (graph: ResourceGraph, count: number): Promise<number> => {
  const cloud = await createCloud(graph, { clock: new VirtualClock(Date.UTC(2026, 0, 1)) });
  const before = heap();
  const stamp = { N: String(Date.UTC(2026, 0, 1)) };
  for (let index = 0; index < count; index++) {
    const { id, customer, amountCents } = entryAt(index);
    const Item = { id, customer, amountCents, claimedAt: stamp, sentAt: stamp };
    await cloud.asUser.call("dynamodb", "putItem", { TableName: graph.outputs.tableName, Item });
    await cloud.asUser.call("sqs", "sendMessage", {
      QueueUrl: graph.outputs.queueUrl,
      MessageGroupId: id.S,
      MessageDeduplicationId: id.S,
      MessageBody: JSON.stringify({ id: id.S, customer: customer.S, amountCents: Number(amountCents.N) }),
    });
  }
  const bytes = heap() - before;
  // Asked for something now, so that the cloud is there when the heap is measured.
  await cloud.settle();
  return bytes;
};

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

await main();

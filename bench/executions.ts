/**
 * How many executions of the whole pipeline a second of one core carries, and whether memory stays flat: event →
 * dispatcher → state machine → simulated job → notification, with the stand-in off and the time skipped.
 *
 *   node --expose-gc --import tsx bench/executions.ts [COUNT]
 *
 * Between two batches more time passes than names and job runs are kept for, and what landed is deleted, as the bucket's
 * lifecycle would: what AWS would still hold after 100,000 executions is data, and no leak.
 *
 * The unit is a bare execution: one Pass state on the same interpreter, so that the ratio holds on any machine.
 */
import { fileURLToPath } from "node:url";
import { VirtualClock } from "../local/clock.ts";
import { type Cloud, createCloud } from "../local/cloud.ts";
import { evaluate } from "../local/evaluate.ts";
import type { ResourceGraph } from "../local/resource-graph.ts";

const count = Number(process.argv[2] ?? 100_000);
const perBatch = 1_000;
const longerThanAnythingIsKept = 91 * 24 * 3_600_000;
const directory = fileURLToPath(new URL("..", import.meta.url));

const main = async (): Promise<void> => {
  const graph = await evaluate({
    directory,
    stack: "local",
    config: { standIn: "false", maxConcurrentRuns: "4000", simulatedFailureRate: "0" },
  });
  const bare = await measure(bareMachine(graph), count, false);
  const pipeline = await measure(graph, count, true);
  report("bare execution", bare);
  report("pipeline", pipeline);
  console.log(`one pipeline execution costs ${(bare.perSecond / pipeline.perSecond).toFixed(1)} bare ones`);
  console.log(`memory at the end ÷ at a tenth of the way: ${(pipeline.heapAtEnd / pipeline.heapEarly).toFixed(2)}`);
};

interface Measured {
  readonly perSecond: number;
  readonly succeeded: number;
  readonly heapEarly: number;
  readonly heapAtEnd: number;
}

const measure = async (graph: ResourceGraph, executions: number, uploads: boolean): Promise<Measured> => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  let succeeded = 0;
  const cloud = await createCloud(graph, {
    clock,
    keepClosed: false,
    observer: (event) => {
      if (event.kind === "execution-ended" && event.status === "SUCCEEDED") succeeded += 1;
    },
  });
  let heapEarly = 0;
  let milliseconds = 0;
  for (let done = 0; done < executions; done += perBatch) {
    const begun = performance.now();
    const landed = uploads ? await upload(cloud, graph, done) : await start(cloud, graph, done);
    await cloud.settle();
    milliseconds += performance.now() - begun;
    for (const version of landed) await cloud.asUser.call("s3", "deleteObject", version);
    await clock.spawn(() => clock.sleep(longerThanAnythingIsKept));
    if (done + perBatch === Math.max(perBatch, Math.round(executions / 10 / perBatch) * perBatch)) heapEarly = heap();
  }
  const heapAtEnd = heap();
  // Asked for something now, so that the cloud is there when the heap is measured.
  await cloud.settle();
  return { perSecond: (1000 * executions) / milliseconds, succeeded, heapEarly, heapAtEnd };
};

const upload = async (cloud: Cloud, graph: ResourceGraph, first: number): Promise<readonly object[]> => {
  const Body = Buffer.from("a,b\n1,2\n");
  const Bucket = String(graph.outputs.landingBucket);
  const versions: object[] = [];
  for (let index = first; index < first + perBatch; index++) {
    const Key = `incoming/${index % 100}.csv`;
    const { VersionId } = await cloud.asUser.putObject({ Bucket, Key, Body });
    versions.push({ Bucket, Key, VersionId });
  }
  return versions;
};

const start = async (cloud: Cloud, graph: ResourceGraph, first: number): Promise<readonly object[]> => {
  for (let index = first; index < first + perBatch; index++) {
    await cloud.asUser.startExecution({
      stateMachineArn: String(graph.outputs.stateMachineArn),
      name: `bare-${index}`,
      input: "{}",
    });
  }
  return [];
};

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

const bareMachine = (graph: ResourceGraph): ResourceGraph => ({
  ...graph,
  resources: graph.resources.map((resource) =>
    resource.type === "aws:sfn/stateMachine:StateMachine"
      ? { ...resource, properties: { ...resource.properties, definition: passOnly } }
      : resource,
  ),
});

const passOnly = JSON.stringify({
  QueryLanguage: "JSONata",
  StartAt: "Pass",
  States: { Pass: { Type: "Pass", End: true } },
});

const report = (what: string, { perSecond, succeeded, heapEarly, heapAtEnd }: Measured): void => {
  const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  console.log(
    `${what}: ${Math.round(perSecond)} a second, ${succeeded} succeeded, heap ${mib(heapEarly)} → ${mib(heapAtEnd)}`,
  );
};

await main();

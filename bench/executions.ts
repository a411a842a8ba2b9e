/**
 * How many executions of the whole pipeline a second of one core carries, and whether memory stays flat: event →
 * dispatcher → state machine → simulated job → notification, with the stand-in off and the time skipped.
 *
 *   node --expose-gc --import tsx bench/executions.ts [COUNT]
 *
 * The unit is a bare execution: one Pass state on the same interpreter, so that the ratio holds on any machine.
 */
import { fileURLToPath } from "node:url";
import { VirtualClock } from "../local/clock.ts";
import { createCloud } from "../local/cloud.ts";
import { evaluate } from "../local/evaluate.ts";
import type { ResourceGraph } from "../local/resource-graph.ts";

const count = Number(process.argv[2] ?? 100_000);
const perBatch = 1_000;
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
  const Body = Buffer.from("a,b\n1,2\n");
  let heapEarly = 0;
  const begun = performance.now();
  for (let done = 0; done < executions; done += perBatch) {
    for (let index = done; index < done + perBatch; index++) {
      if (uploads) {
        // One key, version after version: what lands is not what is measured.
        await cloud.asUser.putObject({
          Bucket: String(graph.outputs.landingBucket),
          Key: `incoming/${index % 100}.csv`,
          Body,
        });
      } else {
        await cloud.asUser.startExecution({
          stateMachineArn: String(graph.outputs.stateMachineArn),
          name: `bare-${index}`,
          input: "{}",
        });
      }
    }
    await cloud.settle();
    if (done + perBatch === Math.max(perBatch, Math.round(executions / 10 / perBatch) * perBatch)) heapEarly = heap();
  }
  const seconds = (performance.now() - begun) / 1000;
  return { perSecond: executions / seconds, succeeded, heapEarly, heapAtEnd: heap() };
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

/**
 * From upload to SUCCEEDED on the local stack, deployed by Pulumi's engine on an emulator: the pipeline with a job that
 * takes no time, against trivial ones on the same emulator (`trivial-pipeline.ts`): a bucket, a function that starts an
 * execution, and one task, which is a function that does nothing.
 *
 *   node --import tsx bench/local-stack.ts [REPEATS]
 *
 * The trivial task comes twice: silent, and telling its log a line. MiniStack waits 50 ms for a line after each call of a
 * function that logs none, so the second is the harder measure: the pipeline's functions all log.
 *
 * `without work` has no stand-in, so that it is the pipeline alone which is measured; `with work` converts a small file.
 * All take turns, one upload at a time, on functions that have been called before. A time goes from the call of PutObject
 * to the moment at which the emulator says the execution ended. Needs what the tests of the local stack need. Ends with
 * exit code 1 where the pipeline without work takes more than 1.5 times as long as the trivial one with a silent task.
 */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, type DescribeExecutionCommandOutput } from "@aws-sdk/client-sfn";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { executionName } from "../functions/lib/execution-name.ts";
import { TestEmulator } from "../test/support/deployed/deployed.ts";
import { type Outputs, Project } from "../test/support/engine.ts";
import { projectDirectory } from "../test/support/stacks.ts";

const repeats = Number(process.argv[2] ?? 50);
const warmUps = 5;
const most = 1.5;

/** A run is over when it is first looked at, which is at once. */
const config = {
  simulatedStartUpSeconds: "0",
  simulatedDurationSeconds: "0",
  simulatedFailureRate: "0",
  pollFloorSeconds: "0",
};

const main = async (): Promise<void> => {
  // A process for each function, so that none has to make room for another.
  const emulator = new TestEmulator({ processes: 12 });
  let project: Project | undefined;
  try {
    await emulator.start();
    project = new Project({ stack: "local", endpoint: emulator.endpoint, config });
    addTrivialPipelines(project);
    for (const standIn of ["false", "true"]) {
      await project.setConfig({ "glue-pipeline:standIn": standIn });
      await project.up();
      const times = await compare(emulator, await project.outputs(), standIn === "true" ? "with work" : "without work");
      if (standIn === "false" && !(times <= most)) process.exitCode = 1;
    }
  } finally {
    await emulator.remove();
    project?.remove();
  }
};

const addTrivialPipelines = (project: Project): void => {
  cpSync(join(projectDirectory, "bench"), join(project.folder, "bench"), { recursive: true });
  project.edit(
    "index.ts",
    (program) => `import { createTrivialPipeline } from "./bench/trivial-pipeline.ts";
${program}
const silent = createTrivialPipeline("silent", false);
export const silentBucket = silent.landingBucket;
export const silentMachineArn = silent.stateMachineArn;
const telling = createTrivialPipeline("telling", true);
export const tellingBucket = telling.landingBucket;
export const tellingMachineArn = telling.stateMachineArn;
`,
  );
};

interface Contender {
  readonly bucket: string;
  readonly machineArn: string;
  readonly executionName: (key: string, versionId: string) => string;
}

const contendersIn = (outputs: Outputs): Readonly<Record<string, Contender>> => {
  const bucket = textOf(outputs, "landingBucket");
  const trivial = (name: string): Contender => ({
    bucket: textOf(outputs, `${name}Bucket`),
    machineArn: textOf(outputs, `${name}MachineArn`),
    executionName: (_, versionId) => versionId,
  });
  return {
    pipeline: {
      bucket,
      machineArn: textOf(outputs, "stateMachineArn"),
      executionName: (key, versionId) => executionName({ bucket, key, versionId, sequencer: "" }),
    },
    "trivial, silent": trivial("silent"),
    "trivial, telling": trivial("telling"),
  };
};

/** Resolves with the ratio of the medians of the pipeline and the trivial one with a silent task. */
const compare = async (emulator: TestEmulator, outputs: Outputs, what: string): Promise<number> => {
  const contenders = Object.entries(contendersIn(outputs)).map(([name, contender]) => ({
    name,
    contender,
    times: [] as number[],
  }));
  for (let round = -warmUps; round < repeats; round++) {
    for (const { contender, times } of contenders) {
      const time = await timeOf(emulator, contender, `incoming/${round + warmUps}.csv`);
      if (round >= 0) times.push(time);
    }
  }
  const p50 = (times: readonly number[]) => quantile(times, 0.5);
  const p90 = (times: readonly number[]) => quantile(times, 0.9);
  const [pipeline = [], silent = []] = contenders.map(({ times }) => times);
  for (const { name, times } of contenders) {
    const ratios = `pipeline ÷ this: p50 ${ratio(p50(pipeline), p50(times))}, p90 ${ratio(p90(pipeline), p90(times))}`;
    console.log(`${what}, ${name}: p50 ${p50(times).toFixed(0)} ms, p90 ${p90(times).toFixed(0)} ms; ${ratios}`);
  }
  return p50(pipeline) / p50(silent);
};

const ratio = (a: number, b: number): string => (a / b).toFixed(2);

/** Milliseconds from the upload to the end of the execution, which has to succeed. */
const timeOf = async ({ clients }: TestEmulator, contender: Contender, Key: string): Promise<number> => {
  const { s3, stepFunctions } = clients;
  const begun = performance.timeOrigin + performance.now();
  const upload = new PutObjectCommand({ Bucket: contender.bucket, Key, Body: "a,b\n1,2\n" });
  const { VersionId = "" } = await s3.send(upload);
  const name = contender.executionName(Key, VersionId);
  const executionArn = `${contender.machineArn.replace(":stateMachine:", ":execution:")}:${name}`;
  for (;;) {
    await pause(20);
    const execution = await stepFunctions
      .send(new DescribeExecutionCommand({ executionArn }))
      .catch((error: unknown): Partial<DescribeExecutionCommandOutput> => {
        if (error instanceof Error && error.name === "ExecutionDoesNotExist") return { status: "RUNNING" };
        throw error;
      });
    if (execution.status === "RUNNING") continue;
    if (execution.status !== "SUCCEEDED" || execution.stopDate === undefined) {
      throw new Error(`${executionArn} ended as ${execution.status}: ${execution.cause}`);
    }
    return execution.stopDate.getTime() - begun;
  }
};

const textOf = (outputs: Outputs, name: string): string => {
  const value = outputs[name];
  if (value === undefined) throw new Error(`the stack has no output ${name}`);
  return value;
};

const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

await main();

import * as pulumi from "@pulumi/pulumi";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { hearMessages } from "./messages.ts";
import { isRemoteComponent, RecordingMonitor } from "./monitor.ts";
import type { Resource, ResourceGraph } from "./resource-graph.ts";
import { readStackSettings, SettingsError } from "./stack-config.ts";

export interface EvaluateOptions {
  /** Folder of Pulumi.yaml and index.ts. */
  readonly directory: string;
  readonly stack: string;
  /** Config values that win over the stack's: `mode` or `glue-pipeline:mode`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Evaluates as a preview does, with the outputs of resources unknown. */
  readonly preview?: boolean;
}

/** The account of the embedded cloud: the one that emulators use. */
const accountId = "000000000000";

/** The program itself is wrong, or says that its config is. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
}

let last: Promise<unknown> = Promise.resolve();
let evaluations = 0;

/**
 * Runs a Pulumi program in this process, for one stack, and gives what it declares. No engine, no provider and no network
 * is involved; Pulumi's runtime holds one program at a time, so evaluations take turns.
 */
export const evaluate = (options: EvaluateOptions): Promise<ResourceGraph> => {
  const turn = last.then(() => evaluateNow(options));
  last = turn.catch(() => undefined);
  return turn;
};

const evaluateNow = async ({ directory, stack, config, preview = false }: EvaluateOptions): Promise<ResourceGraph> => {
  const folder = resolve(directory);
  const settings = readStackSettings(folder, stack, config);
  const program = resolve(folder, "index.ts");
  if (!existsSync(program)) throw new SettingsError(`no index.ts in ${folder}`);

  const region = settings.config["aws:region"] ?? "us-east-1";
  const monitor = new RecordingMonitor({ project: settings.project, region, accountId }, preview);
  // Also sets the features that the runtime takes for granted with a monitor in its own process.
  await pulumi.runtime.setMocks(monitor.mocks, settings.project, stack, preview);
  pulumi.runtime.setMockOptions(monitor, settings.project, stack, preview);
  pulumi.runtime.setAllConfig({ ...settings.config });

  const { messages, stop } = hearMessages();
  try {
    await run(program);
  } finally {
    stop();
  }
  return {
    project: settings.project,
    stack,
    directory: folder,
    region,
    accountId,
    // What is registered first depends on what is bundled first; a graph must not.
    resources: monitor.registered.filter(({ type }) => isProvisioned(type)).sort(byUrn),
    outputs: monitor.stackOutputs(),
    messages,
  };
};

const byUrn = (a: Resource, b: Resource): number => (a.urn < b.urn ? -1 : 1);

/** Components only group what is provisioned, but for those that a plugin makes: the program does not see their parts. */
const isProvisioned = (type: string): boolean => type.startsWith("aws:") || isRemoteComponent(type);

const run = async (program: string): Promise<void> => {
  const failure = new Promise<never>((_, reject) => {
    stopOnStrayError = reject;
  });
  process.on("unhandledRejection", onStrayError);
  try {
    await Promise.race([failure, runToItsEnd(program)]);
  } catch (error) {
    // Whatever else waits for what failed is rejected too, a little later, and what does not wait for it goes on:
    // the next program must not begin before. What needs a resource that was never made waits for ever.
    await comesToRest();
    throw programError(error);
  } finally {
    process.off("unhandledRejection", onStrayError);
  }
};

/** How long a program that has failed may go on. */
const patienceMs = 1000;

const comesToRest = async (): Promise<void> => {
  const rested = new AbortController();
  const rest = pulumi.runtime.disconnect().finally(() => {
    rested.abort();
  });
  // A timer that is left behind keeps the process alive.
  await Promise.race([rest, setTimeout(patienceMs, undefined, { signal: rested.signal })]).catch(() => undefined);
  await setImmediate();
};

/** What is thrown inside an apply reaches nobody else. */
let stopOnStrayError: (error: unknown) => void = () => undefined;
const onStrayError = (error: unknown): void => {
  stopOnStrayError(error);
};

const runToItsEnd = async (program: string): Promise<void> => {
  // The query makes each evaluation run the program anew; what it imports is loaded once.
  const url = `${pathToFileURL(program).href}?evaluation=${evaluations++}`;
  await pulumi.runtime.runInPulumiStack(async () => ({ ...((await import(url)) as object) }));
  await pulumi.runtime.disconnect();
  // A rejection that nobody handles is reported once all promises have settled.
  await setImmediate();
};

const programError = (error: unknown): Error => {
  if (pulumi.RunError.isInstance(error)) return new ProgramError(error.message);
  return error instanceof Error ? error : new ProgramError(String(error));
};

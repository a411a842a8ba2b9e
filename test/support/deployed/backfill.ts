import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBackfillOptions } from "../../../cli/deployed/backfill/options.ts";
import { runBackfill } from "../../../cli/deployed/backfill/run.ts";
import { readReplayOptions } from "../../../cli/deployed/replay/options.ts";
import { runReplay } from "../../../cli/deployed/replay/run.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { createCloud, type Cloud, type CloudOptions } from "../../../local/cloud.ts";
import type { CloudEvent } from "../../../local/events.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";
import { start } from "../jobs.ts";
import { deploymentOf, embeddedClients, type Interceptor } from "./embedded.ts";
import type { Clients } from "../../../cli/deployed/clients.ts";
import type { Deployment } from "../../../cli/deployed/deployment.ts";
import type { Io } from "../../../cli/lib/command.ts";

/** A stack in an embedded cloud, with a folder for what commands remember. */
export interface Bench {
  readonly cloud: Cloud;
  readonly deployment: Deployment;
  readonly folder: string;
  readonly events: readonly CloudEvent[];
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly clients: (intercept?: Interceptor) => Clients;
  /** Puts an object; its event arrives as the bench's deliveries say. */
  readonly land: (key: string, body?: string) => Promise<string>;
  /** Names of executions, in the order of their start. */
  readonly started: () => readonly string[];
  readonly remove: () => void;
}

export interface BenchOptions extends Partial<CloudOptions> {
  readonly config?: Readonly<Record<string, string>>;
}

/** Events of objects are lost unless `deliveries` says otherwise. */
export async function benchOf(graph: ResourceGraph, { config, ...options }: BenchOptions = {}): Promise<Bench> {
  const clock = new VirtualClock(start);
  const events: CloudEvent[] = [];
  const cloud = await createCloud(graph, {
    clock,
    standIns: false,
    observer: (event) => events.push(event),
    deliveries: () => [],
    ...options,
  });
  const folder = mkdtempSync(join(tmpdir(), "backfill-"));
  return {
    cloud,
    deployment: deploymentOf(graph, "local", config),
    folder,
    events,
    now: () => clock.now(),
    sleep: (ms) => clock.spawn(() => clock.sleep(ms)),
    clients: (intercept) => embeddedClients(graph, cloud, intercept),
    land: async (Key, Body = "a,b\n1,2\n") => {
      const { VersionId = "" } = await cloud.asUser.putObject({
        Bucket: String(graph.outputs.landingBucket),
        Key,
        Body: Buffer.from(Body),
      });
      return VersionId;
    },
    started: () => events.flatMap((event) => (event.kind === "execution-started" ? [event.name] : [])),
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

export interface Typed {
  readonly intercept?: Interceptor;
  readonly isStopped?: () => boolean;
  readonly io?: Partial<Io>;
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What a command is run with instead of a process. */
export function ioOf(
  bench: Bench,
  more: Partial<Io> = {},
): { readonly io: Io; readonly said: { out: string; err: string } } {
  const said = { out: "", err: "" };
  const io = {
    out: (text: string) => (said.out += text),
    err: (text: string) => (said.err += text),
    cwd: bench.folder,
    env: {},
    isTerminal: false,
    columns: 120,
    now: bench.now,
    ...more,
  };
  return { io, said };
}

/** `npm run backfill` on a bench. */
export async function backfilled(
  bench: Bench,
  args: readonly string[] = [],
  { intercept, isStopped = () => false, io: more }: Typed = {},
): Promise<Said> {
  const { io, said } = ioOf(bench, more);
  const options = readBackfillOptions(args, bench.folder, bench.now());
  const code = await runBackfill({
    options: { ...options, target: { directory: bench.folder, stack: "local" } },
    deployment: bench.deployment,
    clients: bench.clients(intercept),
    io,
    sleep: bench.sleep,
    isStopped,
  });
  return { code, ...said };
}

/** `npm run replay -- --failed` on a bench. */
export async function replayed(
  bench: Bench,
  args: readonly string[] = [],
  { intercept, isStopped = () => false, io: more }: Typed = {},
): Promise<Said> {
  const { io, said } = ioOf(bench, more);
  const code = await runReplay({
    options: readReplayOptions(["--failed", ...args], bench.folder, bench.now()),
    deployment: bench.deployment,
    clients: bench.clients(intercept),
    io,
    sleep: bench.sleep,
    isStopped,
  });
  return { code, ...said };
}

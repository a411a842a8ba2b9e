import type { ExecutionClass, WorkerType } from "@aws-sdk/client-glue";
import { invalidInput } from "./glue-error.ts";

export interface WorkerKind {
  readonly dpu: number;
  /** The first version of Glue that has it. */
  readonly since: number;
  readonly flex?: boolean;
  /** The fewest of them that a run takes. @default 2 */
  readonly atLeast?: number;
  /** The only commands that it is for. @default Spark, batch and streaming */
  readonly commands?: readonly Command[];
}

/** The kinds of job, by Glue's name for what they run. */
export type Command = "glueetl" | "gluestreaming" | "pythonshell" | "glueray";

/** Glue's worker types. */
export const workerTypes = {
  "G.025X": { dpu: 0.25, since: 3, commands: ["gluestreaming"] },
  "G.1X": { dpu: 1, since: 0.9, flex: true },
  "G.2X": { dpu: 2, since: 0.9, flex: true },
  "G.4X": { dpu: 4, since: 3 },
  "G.8X": { dpu: 8, since: 3 },
  "G.12X": { dpu: 12, since: 4 },
  "G.16X": { dpu: 16, since: 4 },
  "R.1X": { dpu: 1, since: 4 },
  "R.2X": { dpu: 2, since: 4 },
  "R.4X": { dpu: 4, since: 4 },
  "R.8X": { dpu: 8, since: 4 },
  "Z.2X": { dpu: 2, since: 4, atLeast: 1, commands: ["glueray"] },
  Standard: { dpu: 1, since: 0.9 },
} as const satisfies Readonly<Record<WorkerType, WorkerKind>>;

export type KnownWorkerType = keyof typeof workerTypes;

export const isKnownWorkerType = (type: string): type is KnownWorkerType => Object.hasOwn(workerTypes, type);

/** A type that AWS has added since is taken to be as large as its name says: `G.32X` has 32 DPUs. */
export function workerKind(type: string): WorkerKind {
  if (isKnownWorkerType(type)) return workerTypes[type];
  const [, times] = /^[A-Z]\.(\d+)X$/.exec(type) ?? [];
  return { dpu: Number(times ?? "1"), since: 0 };
}

/** Whether a worker of this type can do this kind of work. */
export const serves = ({ commands = ["glueetl", "gluestreaming"] }: WorkerKind, command: Command): boolean =>
  commands.includes(command);

/** What a run computes with. */
export interface Workers {
  readonly WorkerType: WorkerType;
  readonly NumberOfWorkers: number;
  readonly GlueVersion: string;
  readonly ExecutionClass: ExecutionClass;
  readonly Command: Command;
}

/** The size of a run in data processing units. */
export function capacityOf({
  WorkerType: type,
  NumberOfWorkers: count,
}: Pick<Workers, "WorkerType" | "NumberOfWorkers">): number {
  return workerKind(type).dpu * count;
}

/** One drives, the others work. */
const fewestWorkers = 2;

/** The fewest workers of a type that a run takes. */
export const fewestOf = ({ atLeast = fewestWorkers }: WorkerKind): number => atLeast;

/** Glue's rules on which worker types and execution classes a version has, and how many workers a run takes. */
export function checkWorkers(workers: Workers): void {
  const { WorkerType: type, NumberOfWorkers: count, GlueVersion, ExecutionClass, Command: command } = workers;
  const kind = workerKind(type);
  const fewest = fewestOf(kind);
  if (!serves(kind, command)) throw invalidInput(`WorkerType ${type} is not for jobs whose command is ${command}`);
  if (count < fewest) throw invalidInput(`WorkerType ${type} needs NumberOfWorkers of ${fewest} or more, got ${count}`);
  const version = Number.parseFloat(GlueVersion);
  if (version < kind.since) {
    throw invalidInput(`WorkerType ${type} needs GlueVersion ${kind.since.toFixed(1)} or newer, got ${GlueVersion}`);
  }
  if (ExecutionClass === "FLEX" && (version < 3 || kind.flex !== true || command !== "glueetl")) {
    throw invalidInput(
      "ExecutionClass FLEX needs the command glueetl, GlueVersion 3.0 or newer and WorkerType G.1X or G.2X, " +
        `got ${command}, ${GlueVersion} and ${type}`,
    );
  }
}

import type { ExecutionClass, WorkerType } from "@aws-sdk/client-glue";
import { invalidInput } from "./glue-error.ts";

interface WorkerKind {
  readonly dpu: number;
  /** The first version of Glue that has it. */
  readonly since: number;
  readonly flex?: boolean;
  /** The fewest of them that a run takes. @default 2 */
  readonly atLeast?: number;
}

/** Glue's worker types. */
export const workerTypes = {
  "G.025X": { dpu: 0.25, since: 3 },
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
  "Z.2X": { dpu: 2, since: 4, atLeast: 1 },
  Standard: { dpu: 1, since: 0.9 },
} as const satisfies Readonly<Record<WorkerType, WorkerKind>>;

/** What a run computes with. */
export interface Workers {
  readonly WorkerType: WorkerType;
  readonly NumberOfWorkers: number;
  readonly GlueVersion: string;
  readonly ExecutionClass: ExecutionClass;
}

/** The size of a run in data processing units. */
export function capacityOf({ WorkerType: type, NumberOfWorkers: count }: Workers): number {
  return workerTypes[type].dpu * count;
}

/** One drives, the others work. */
const fewestWorkers = 2;

/** Glue's rules on which worker types and execution classes a version has, and how many workers a run takes. */
export function checkWorkers({ WorkerType: type, NumberOfWorkers: count, GlueVersion, ExecutionClass }: Workers): void {
  const kind: WorkerKind = workerTypes[type];
  const fewest = kind.atLeast ?? fewestWorkers;
  if (count < fewest) throw invalidInput(`WorkerType ${type} needs NumberOfWorkers of ${fewest} or more, got ${count}`);
  const version = Number.parseFloat(GlueVersion);
  if (version < kind.since) {
    throw invalidInput(`WorkerType ${type} needs GlueVersion ${kind.since.toFixed(1)} or newer, got ${GlueVersion}`);
  }
  if (ExecutionClass === "FLEX" && (version < 3 || kind.flex !== true)) {
    throw invalidInput(
      `ExecutionClass FLEX needs GlueVersion 3.0 or newer and WorkerType G.1X or G.2X, got ${GlueVersion} and ${type}`,
    );
  }
}

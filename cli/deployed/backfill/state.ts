import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeWhole } from "../../lib/write-whole.ts";
import { isObject, parsed } from "../../run/json.ts";
import type { Known, Totals } from "./estimate.ts";
import type { ListPosition } from "./versions.ts";

/** What a backfill has to know of itself to go on after an interruption. */
export interface BackfillState {
  /** When it began, in milliseconds since the epoch; what lands later has its own notification. */
  readonly begunAt: number;
  readonly since?: number | undefined;
  readonly until: number;
  /** All that there is to send. */
  readonly totals: Totals;
  readonly known: Known;
  /** Everything up to here has been sent; undefined: nothing yet. */
  readonly after?: ListPosition;
  readonly sent: number;
  readonly sentBytes: number;
  readonly already: number;
}

/** The state of one backfill in a file. */
export interface StateFile {
  readonly path: string;
  /** Undefined: there is none, or it cannot be read. */
  readonly load: () => BackfillState | undefined;
  readonly save: (state: BackfillState) => void;
  readonly remove: () => void;
}

const FORMAT = 1;

/** The same file for the same work: `about` is all that makes a difference to what is sent. */
export function stateFile(folder: string, stack: string, about: unknown): StateFile {
  const id = createHash("sha256").update(JSON.stringify(about)).digest("hex").slice(0, 12);
  const path = join(folder, ".glue-pipeline", `backfill-${stack.replaceAll(/[^\w.-]+/g, "-")}-${id}.json`);
  return {
    path,
    load: () => {
      const value = parsed(contentOf(path));
      return isObject(value) && value.format === FORMAT ? (value.state as BackfillState) : undefined;
    },
    save: (state) => {
      mkdirSync(dirname(path), { recursive: true });
      writeWhole(path, `${JSON.stringify({ format: FORMAT, about, state }, undefined, 2)}\n`);
    },
    remove: () => {
      rmSync(path, { force: true });
    },
  };
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

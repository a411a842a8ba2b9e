import type { LandedFile } from "../execution-input.ts";
import { ledgerKeys, type FileEntry, type FileState } from "./file-entry.ts";
import { fileEntryOf, itemOf } from "./ledger-items.ts";
import type { Taken } from "./names.ts";
import type { Rows } from "./rows.ts";
import type { Place, Table, Write } from "./table.ts";

/** A file that is to be taken on. */
export interface Request extends Taken {
  readonly file: LandedFile;
  /** Milliseconds since the epoch. */
  readonly arrivedAt: number;
}

/** How a file has ended. */
export type Ending = { readonly state: FileState } & Partial<
  Pick<FileEntry, "attempts" | "jobRunId" | "output" | "reason" | "error" | "cause">
> &
  Rows;

/** The files' entries. Every change rests on what was seen of them. */
export interface FileLedger {
  readonly get: (name: string) => Promise<FileEntry | undefined>;
  /** Has an execution take the file, unless another one does. Gives the one that does, if there is one. */
  readonly claim: (request: Request, executionName: string) => Promise<string | undefined>;
  /** Enters a file that has ended without having begun. */
  readonly enterEnded: (request: Request, ending: Ending) => Promise<boolean>;
  /** Enters a file of which nothing is known as failed in the generation before. False: something is known of it. */
  readonly enterUnknown: (request: Request) => Promise<boolean>;
  /** False: it is not waiting for that execution any more. When that was started is noted all the same. */
  readonly markStarted: (taken: Taken, executionName: string, at: number) => Promise<boolean>;
  /** False: it has ended before, or is with another execution by now. */
  readonly finish: (taken: Taken, executionName: string, ending: Ending) => Promise<boolean>;
}

/** States that a replay goes on from. */
export const replayable: readonly FileState[] = ["failed", "rejected"];

export const isFinal = ({ state }: FileEntry): boolean => state !== "waiting" && state !== "started";

export const filePlace = (name: string): Place => ({ partition: name, id: ledgerKeys.file });

export function createFileLedger(table: Table, retentionDays: number, now: () => number): FileLedger {
  const get = async (name: string): Promise<FileEntry | undefined> => {
    const item = await table.get(filePlace(name));
    return item && fileEntryOf(item);
  };
  const expiry = (): number => Math.ceil(now() / 1000) + retentionDays * 86_400;
  return {
    get,
    claim: async (request, executionName) => {
      if (await table.write(claimOf(request, executionName))) return executionName;
      const entry = await get(request.name);
      if (entry?.generation === request.generation) {
        if (entry.executionName !== undefined || isFinal(entry)) return entry.executionName;
      } else if (entry !== undefined && entry.generation > request.generation) return undefined;
      throw new Error(`${request.name} cannot be taken on as generation ${request.generation} yet`);
    },
    enterEnded: (request, ending) => {
      const entry = { ...entryOf(request), ...ending, endedAt: now() };
      return table.write({ put: { ...itemOf(entry), ExpiresAt: { N: String(expiry()) } }, ...ifNew(request) });
    },
    enterUnknown: (request) => {
      const before = { ...request, generation: request.generation - 1 };
      const entry = { ...entryOf(before), ...unknown, endedAt: now() };
      const put = { ...itemOf(entry), ExpiresAt: { N: String(expiry()) } };
      return table.write({ put, ...ifNew({ ...before, generation: 0 }) });
    },
    markStarted: async ({ name, generation }, executionName, startedAt) => {
      const at = filePlace(name);
      const isOwn = "#ExecutionName = :execution AND #Generation = :generation";
      const values = { ":at": startedAt, ":execution": executionName, ":generation": generation };
      const isMarked = await table.write({
        at,
        update: "SET #State = :started, #StartedAt = :at",
        condition: `${isOwn} AND #State = :waiting`,
        values: { ...values, ":started": "started", ":waiting": "waiting" },
      });
      // Its end may have been recorded before: what is left to note is the time.
      if (!isMarked) {
        const condition = `${isOwn} AND attribute_not_exists(#StartedAt)`;
        await table.write({ at, update: "SET #StartedAt = :at", condition, values });
      }
      return isMarked;
    },
    finish: ({ name, generation }, executionName, ending) => {
      const values = {
        State: ending.state,
        EndedAt: now(),
        ExpiresAt: expiry(),
        ...definedOf({ Attempts: ending.attempts, JobRunId: ending.jobRunId, Reason: ending.reason }),
        ...definedOf({ Error: ending.error, Cause: ending.cause, RowsIn: ending.rowsIn }),
        ...definedOf({ OutputBucket: ending.output?.bucket, OutputPrefix: ending.output?.prefix }),
        ...definedOf({ RowsWritten: ending.rowsWritten, RowsRejected: ending.rowsRejected }),
      };
      const names = Object.keys(values);
      return table.write({
        at: filePlace(name),
        update: `SET ${names.map((attribute) => `#${attribute} = :${attribute}`).join(", ")}`,
        condition: "#ExecutionName = :execution AND #Generation = :generation AND #State IN (:waiting, :started)",
        values: {
          ...Object.fromEntries(Object.entries(values).map(([attribute, value]) => [`:${attribute}`, value])),
          ":execution": executionName,
          ":generation": generation,
          ":waiting": "waiting",
          ":started": "started",
        },
      });
    },
  };
}

const unknown = { state: "failed", error: "Unknown", cause: "The ledger knew nothing of it" } as const;

/** A file that waits. */
export const entryOf = ({ name, generation, file, arrivedAt }: Request): FileEntry => ({
  name,
  file,
  state: "waiting",
  generation,
  arrivedAt,
});

/** It is not there in this generation: whoever asks for it, it stays so until somebody takes it. */
export function ifNew({ generation }: Taken): Pick<Extract<Write, { readonly put: unknown }>, "condition" | "values"> {
  const hash = `#${ledgerKeys.hash}`;
  if (generation === 0) return { condition: `attribute_not_exists(${hash})` };
  return {
    condition: "#Generation = :before AND #State IN (:failed, :rejected)",
    values: { ":before": generation - 1, ":failed": "failed", ":rejected": "rejected" },
  };
}

/** Besides, one that is entered already but has no execution: it has waited for its turn. */
function claimOf(request: Request, executionName: string): Write {
  const { condition, values } = ifNew(request);
  const { generation } = request;
  return {
    put: itemOf({ ...entryOf(request), executionName }),
    condition:
      `(${condition}) OR ` +
      "(#Generation = :generation AND #State = :waiting AND attribute_not_exists(#ExecutionName))",
    values: { ...values, ":generation": generation, ":waiting": "waiting" },
  };
}

function definedOf<Value>(fields: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

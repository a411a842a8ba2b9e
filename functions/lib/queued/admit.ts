import { executionInput } from "../execution-input.ts";
import { rejectionReason } from "../direct/validation.ts";
import { rejected } from "../direct/results.ts";
import { replayable, isFinal, type Request } from "./file-ledger.ts";
import { fileExecutionName } from "./names.ts";
import type { QueuedContext } from "./context.ts";
import type { FileEntry } from "./file-entry.ts";

/** What there is to do for a file that was asked for. */
export type Admission =
  | { readonly kind: "done" }
  /** It waits for its key. */
  | { readonly kind: "ordered" }
  | { readonly kind: "open"; readonly file: Request }
  /** An execution has it that may not be noted yet. */
  | { readonly kind: "owned"; readonly file: Request; readonly owner: string };

const done: Admission = { kind: "done" };

/** Looks a file up, and rejects it or enters it in its key's order where that is called for. */
export async function admit(context: QueuedContext, request: Request): Promise<Admission> {
  const { files, log } = context;
  const { name, generation } = request;
  const entry = await files.get(name);
  if (entry === undefined) {
    if (generation === 0) return takeNew(context, request);
    // Of a file that the ledger knows nothing of, the generation before is taken for failed: then all agree what is next.
    await files.enterUnknown(request);
    return admit(context, request);
  }
  if (entry.generation === generation) return seen(context, entry);
  if (entry.generation > generation) return done;
  if (entry.generation === generation - 1 && replayable.includes(entry.state)) return takeNew(context, request);
  const { state } = entry;
  log({ level: "WARN", message: "not replayed", file: name, state, generation: entry.generation, asked: generation });
  return done;
}

async function takeNew(context: QueuedContext, request: Request): Promise<Admission> {
  const { settings, files, keys, reports, log } = context;
  const { validation, mode, order } = settings;
  const reason = mode === "batch" && validation ? rejectionReason(request.file, validation) : undefined;
  if (reason !== undefined) {
    const told = { name: fileExecutionName(request), input: executionInput(context.jobName ?? "", request.file) };
    await reports.notify(rejected(told, reason));
    await files.enterEnded(request, { state: "rejected", reason });
    log({ level: "INFO", message: "rejected", file: request.name, reason });
    return done;
  }
  if (order === "none") return { kind: "open", file: request };
  await keys.enter(request);
  return { kind: "ordered" };
}

/** What is to be done for a file that is in the ledger. */
function seen({ settings }: QueuedContext, entry: FileEntry): Admission {
  if (isFinal(entry) || entry.state === "started") return done;
  return entry.executionName === undefined && settings.order === "per-key" ? { kind: "ordered" } : workOf(entry);
}

/** For an entry that waits. */
export function workOf({ name, generation, file, arrivedAt, executionName }: FileEntry): Admission {
  const request = { name, generation, file, arrivedAt };
  if (executionName === undefined) return { kind: "open", file: request };
  return { kind: "owned", file: request, owner: executionName };
}

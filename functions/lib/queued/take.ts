import { executionInput } from "../execution-input.ts";
import { admit, workOf, type Admission } from "./admit.ts";
import { filesAtOnce, help, newUnit, sendReminder, start } from "./launch.ts";
import { batchExecutionName, fileExecutionName } from "./names.ts";
import { failuresOf, inParallel } from "./parallel.ts";
import { planBatches } from "./plan-batches.ts";
import { firstTurn, type Unit } from "./units.ts";
import type { LandedFile } from "../execution-input.ts";
import type { QueuedContext } from "./context.ts";
import type { FileEntry } from "./file-entry.ts";
import type { Request } from "./file-ledger.ts";

/** Files that are to be taken on, and who asked for that: their messages come back if it fails. */
interface Work<Origin> {
  readonly file: Request;
  readonly origins: readonly Origin[];
  /** The execution that has it. */
  readonly owner?: string;
}

const filesLookedUpAtOnce = 32;
const proposalsAtOnce = { "per-file": 32, batch: 2 } as const;

/**
 * Takes files on, each in exactly one execution of its generation, whoever else is at it at the same time.
 *
 * Files are grouped, and a group is proposed under a name that its files alone decide. Then each file is claimed for
 * the proposal by a conditional write: the first claim is the file's owner for good. Once all of a proposal's files have
 * owners, what it has got of them decides its manifest, and its unit can be noted and started. Who meets a file whose
 * owner is not noted yet does the rest of the owner's work: it claims, notes and starts what the owner has proposed. So it
 * does not matter who dies where: a message is let go only once the unit of each of its files is noted, and a unit that
 * is noted is safe.
 *
 * What makes this hold: a file is proposed only if it can be claimed, and it can be claimed until somebody has claimed
 * it. Then all who help agree on what a proposal has got.
 *
 * Gives what could not be taken on, with the error. Throws where nothing could be done.
 */
export async function take(
  context: QueuedContext,
  requests: readonly Request[],
): Promise<ReadonlyMap<Request, unknown>> {
  const failures = new Map<Request, unknown>();
  const works: Work<Request>[] = [];
  const ordered = new Map<string, { readonly key: LandedFile; readonly origins: Request[] }>();
  const failed = await failuresOf([...groupedByName(requests, failures)], filesLookedUpAtOnce, async (same) => {
    context.requireTime();
    const admission = await admit(context, same[0]);
    if (admission.kind === "ordered") {
      const { file: key } = same[0];
      const id = `${key.bucket}\0${key.key}`;
      const known = ordered.get(id);
      if (known) known.origins.push(...same);
      else ordered.set(id, { key, origins: [...same] });
    }
    works.push(...worksOf(admission, same));
  });
  noteFailures(failures, failed, (same) => same);
  const stuck = await failuresOf([...ordered.values()], filesLookedUpAtOnce, async ({ key, origins }) => {
    context.requireTime();
    works.push(...(await nextOf(context, key, origins)));
  });
  noteFailures(failures, stuck, ({ origins }) => origins);
  noteFailures(failures, await takeAll(context, works), ({ origins }) => origins);
  return failures;
}

/** Takes the next versions of keys on whose turn it is. Throws what fails. */
export async function takeNext(context: QueuedContext, keys: readonly LandedFile[]): Promise<void> {
  const next = await inParallel(keys, filesLookedUpAtOnce, (key) => {
    context.requireTime();
    return nextOf(context, key, [key]);
  });
  for (const error of (await takeAll(context, next.flat())).values()) throw error;
}

/** Requests of one name together, the lowest generation alone: what is asked beyond it depends on what comes of it. */
function groupedByName(
  requests: readonly Request[],
  failures: Map<Request, unknown>,
): Iterable<readonly [Request, ...Request[]]> {
  const groups = new Map<string, [Request, ...Request[]]>();
  for (const request of [...requests].sort((a, b) => a.generation - b.generation)) {
    const group = groups.get(request.name);
    if (group === undefined) groups.set(request.name, [request]);
    else if (group[0].generation === request.generation) group.push(request);
    else failures.set(request, new Error(`${request.name} was asked for in an earlier generation, too`));
  }
  return groups.values();
}

function worksOf<Origin>(admission: Admission, origins: readonly Origin[]): readonly Work<Origin>[] {
  if (admission.kind === "done" || admission.kind === "ordered") return [];
  return [{ file: admission.file, origins, ...(admission.kind === "owned" && { owner: admission.owner }) }];
}

/** What there is to do for the version that has its key. */
async function nextOf<Origin>(
  context: QueuedContext,
  key: LandedFile,
  origins: readonly Origin[],
): Promise<readonly Work<Origin>[]> {
  const entry = await context.keys.advance(key, (overtaken) => supersede(context, overtaken));
  return entry?.state === "waiting" ? worksOf(workOf(entry), origins) : [];
}

async function supersede({ reports, jobName, log }: QueuedContext, entry: FileEntry): Promise<void> {
  const { arguments: file } = executionInput(jobName, entry.file);
  const reason = "a newer version of its key came before it";
  await reports.notify({ outcome: "superseded", file, executionName: fileExecutionName(entry), reason });
  log({ level: "INFO", message: "superseded", file: entry.name });
}

/** Brings works to where their units are noted. */
async function takeAll<Origin>(
  context: QueuedContext,
  works: readonly Work<Origin>[],
): Promise<ReadonlyMap<Work<Origin>, unknown>> {
  const failures = new Map<Work<Origin>, unknown>();
  const open = works
    .filter(({ owner }) => owner === undefined)
    .map((work) => ({ ...work, size: work.file.file.size, work }));
  const owned = new Map<string, Work<Origin>[]>();
  const own = (owner: string, work: Work<Origin>): void => {
    const known = owned.get(owner);
    if (known) known.push(work);
    else owned.set(owner, [work]);
  };
  for (const work of works) if (work.owner !== undefined) own(work.owner, work);
  const { settings } = context;
  const groups = settings.mode === "batch" ? planBatches(open, settings) : open.map((one) => [one]);
  const failed = await failuresOf(groups, proposalsAtOnce[settings.mode], async (group) => {
    context.requireTime();
    const owners = await propose(
      context,
      group.map(({ file }) => file),
    );
    for (const [index, { work }] of group.entries()) {
      const owner = owners[index];
      if (owner !== undefined) own(owner, work);
    }
  });
  noteFailures(failures, failed, (group) => group.map(({ work }) => work));
  const unnoted = await failuresOf([...owned], filesAtOnce, async ([owner, [first]]) => {
    context.requireTime();
    if (first !== undefined) await ensureNoted(context, owner, first.file);
  });
  noteFailures(failures, unnoted, ([, waiting]) => waiting);
  return failures;
}

/** Gives the owners of the files, but for the proposal's own, which are noted. */
async function propose(context: QueuedContext, files: readonly Request[]): Promise<readonly (string | undefined)[]> {
  const [first] = files;
  if (first === undefined) return [];
  const isBatch = context.settings.mode === "batch";
  const name = isBatch ? batchExecutionName(files) : fileExecutionName(first);
  if (isBatch) await context.objects.propose(name, files);
  const owners = await claimAndNote(context, name, files);
  return owners.map((owner) => (owner === name ? undefined : owner));
}

/** Sees to it that the unit of an execution is there that has taken a file. */
async function ensureNoted(context: QueuedContext, owner: string, file: Request): Promise<void> {
  const unit = await context.units.get(owner);
  if (unit !== undefined && !(await isForgotten(context, unit, file))) {
    await help(context, unit);
    return;
  }
  context.log({ level: "INFO", message: "helped", executionName: owner });
  const proposed = owner === fileExecutionName(file) ? [file] : await context.objects.proposal(owner);
  await claimAndNote(context, owner, proposed);
}

/** Gives the owner of each file. */
async function claimAndNote(
  context: QueuedContext,
  name: string,
  files: readonly Request[],
): Promise<readonly (string | undefined)[]> {
  const owners = await inParallel(files, filesAtOnce, (file) => {
    context.requireTime();
    return context.files.claim(file, name);
  });
  const [first, ...others] = files.filter((_, index) => owners[index] === name);
  if (first !== undefined) await note(context, name, [first, ...others]);
  return owners;
}

/** Notes a unit whose files are known, and starts it where it need not wait. */
async function note(context: QueuedContext, name: string, files: readonly [Request, ...Request[]]): Promise<void> {
  const { settings, units, objects } = context;
  const unit = newUnit(context, name, files);
  if (unit.file === undefined) await objects.putManifest(name, files);
  if (settings.maxConcurrentExecutions > 0) {
    if (await units.addWaiting(unit)) return;
  } else {
    await sendReminder(context, name, firstTurn);
    if (await units.addStarting(unit)) {
      await start(context, unit);
      return;
    }
  }
  const known = await units.get(name);
  if (known === undefined) throw new Error(`The unit ${name} was neither noted nor found`);
  if (await isForgotten(context, known, files[0])) await note(context, name, files);
  else await help(context, known);
}

/**
 * Files end before their unit does. So one that waits for a unit that has ended has been forgotten, and come again: what
 * has expired is deleted in no order. The unit is forgotten then, too.
 */
async function isForgotten({ files, units }: QueuedContext, unit: Unit, file: Request): Promise<boolean> {
  if (unit.state !== "ended") return false;
  const entry = await files.get(file.name);
  if (entry?.state !== "waiting" || entry.generation !== file.generation || entry.executionName !== unit.name) {
    return false;
  }
  return units.forget(unit.name);
}

function noteFailures<From, To>(
  failures: Map<To, unknown>,
  failed: ReadonlyMap<From, unknown>,
  origins: (from: From) => readonly To[],
): void {
  for (const [from, error] of failed) for (const origin of origins(from)) failures.set(origin, error);
}

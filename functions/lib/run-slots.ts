import { GlueError } from "./glue-error.ts";
import { plannedLength } from "./job-run-plan.ts";
import type { JobRunRecord } from "./job-run.ts";
import type { JobRunStore, Slot } from "./job-run-store.ts";

/** A run that needs a place among its job's concurrent runs. */
export interface SlotRequest {
  readonly jobName: string;
  readonly runId: string;
  readonly now: number;
  /** Milliseconds for which it will be held. */
  readonly length: number;
  readonly maxConcurrentRuns: number;
  /** Wait for the next place instead of failing when all are held. */
  readonly queue: boolean;
}

export interface TakenSlot {
  readonly index: number;
  /** When the run may begin. */
  readonly beginsAt: number;
}

/** The slot as a run took it. */
export function slotOf(run: JobRunRecord): Slot {
  return { index: run.slot, runId: run.Id, until: run.beginsAt + plannedLength(run.plan) };
}

/** In each round one of those that start at once gets its slot, so it takes as many rounds as there are of them. */
const rounds = 256;
const triesPerRound = 4;

/**
 * Takes a slot for a run, so that a job never has more than MaxConcurrentRuns at once however many callers start runs:
 * each slot changes hands by one conditional write. Places that the run's id hints at are tried unseen, which is all it
 * takes while there is room; after that, what is seen to be free.
 */
export async function takeSlot(store: JobRunStore, request: SlotRequest): Promise<TakenSlot> {
  const { jobName, now, maxConcurrentRuns } = request;
  for (const index of hintsFrom(request.runId, maxConcurrentRuns)) {
    if (await occupy(store, request, index)) return { index, beginsAt: now };
  }
  for (let round = 0; round < rounds; round += 1) {
    const held = (await store.slots(jobName)).filter(({ index, until }) => index < maxConcurrentRuns && until > now);
    const taken =
      held.length < maxConcurrentRuns ? await occupyFree(store, request, held) : await queue(store, request, held);
    if (taken !== undefined) return taken;
  }
  throw new GlueError("OperationTimeoutException", `Too many runs of ${jobName} are started at the same moment`);
}

async function occupyFree(
  store: JobRunStore,
  request: SlotRequest,
  held: readonly Slot[],
): Promise<TakenSlot | undefined> {
  const { maxConcurrentRuns, now } = request;
  const taken = new Set(held.map(({ index }) => index));
  const free = Array.from({ length: maxConcurrentRuns }, (_, index) => index).filter((index) => !taken.has(index));
  // Callers that see the same free slots begin at different ones.
  const first = hintFrom(request.runId, free.length);
  for (const index of [...free.slice(first), ...free.slice(0, first)].slice(0, triesPerRound)) {
    if (await occupy(store, request, index)) return { index, beginsAt: now };
  }
  return undefined;
}

async function queue(store: JobRunStore, request: SlotRequest, held: readonly Slot[]): Promise<TakenSlot | undefined> {
  const { jobName, runId, length, maxConcurrentRuns } = request;
  const [first, ...others] = held;
  if (!request.queue || first === undefined) {
    throw new GlueError(
      "ConcurrentRunsExceededException",
      `Concurrent runs exceeded for ${jobName}: it may have ${maxConcurrentRuns} at once`,
    );
  }
  const soonest = others.reduce((best, slot) => (slot.until < best.until ? slot : best), first);
  const next = { index: soonest.index, until: soonest.until + length, runId };
  return (await store.succeed(jobName, soonest, next)) ? { index: next.index, beginsAt: soonest.until } : undefined;
}

function occupy(store: JobRunStore, request: SlotRequest, index: number): Promise<boolean> {
  const { jobName, runId, now, length } = request;
  return store.occupy(jobName, { index, runId, until: now + length }, now);
}

/** Looking at all slots costs more the more there are, so more of many are tried unseen. */
function hintsFrom(runId: string, count: number): readonly number[] {
  const tries = count > 16 ? 4 : 1;
  return Array.from({ length: tries }, (_, index) => hintFrom(runId.slice(0, runId.length - 8 * index), count));
}

/** A number below `count` that the hexadecimal end of a run's id decides. */
function hintFrom(runId: string, count: number): number {
  return Number.parseInt(runId.slice(-8), 16) % count;
}

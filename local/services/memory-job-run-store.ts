import type { JobBookmark } from "../../functions/lib/job-bookmark.ts";
import type { JobRunRecord } from "../../functions/lib/job-run.ts";
import type { JobRunStore, RunKey, Slot } from "../../functions/lib/job-run-store.ts";

/** Job runs in memory. */
export interface MemoryJobRunStore extends JobRunStore {
  /** Says that a run has been told as ended: only the latest `keep` of those are remembered. */
  readonly ended: (run: RunKey) => void;
}

/** @param keep How many ended runs of each job are remembered. */
export function createMemoryJobRunStore(keep: number): MemoryJobRunStore {
  const jobs = new Map<string, MemoryOfJob>();
  const of = (jobName: string): MemoryOfJob => {
    const memory = jobs.get(jobName) ?? { runs: new Map(), slots: new Map(), ended: new Set() };
    jobs.set(jobName, memory);
    return memory;
  };
  return {
    ...runOperations(of),
    ...slotOperations(of),
    ...bookmarkOperations(),
    ended: (run) => {
      forgetOldest(of(run.JobName), run.Id, keep);
    },
  };
}

interface MemoryOfJob {
  readonly runs: Map<string, JobRunRecord>;
  readonly slots: Map<number, Slot>;
  /** In the order in which they were told. */
  readonly ended: Set<string>;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Memory = (jobName: string) => MemoryOfJob;
type SlotOperations = Pick<JobRunStore, "slots" | "occupy" | "succeed" | "release">;
type BookmarkOperations = Pick<JobRunStore, "bookmark" | "moveBookmark">;

function runOperations(of: Memory): Omit<JobRunStore, keyof SlotOperations | keyof BookmarkOperations> {
  const change = (key: RunKey, allowed: (run: JobRunRecord) => boolean, next: Partial<JobRunRecord>): boolean => {
    const { runs } = of(key.JobName);
    const run = runs.get(key.Id);
    if (run === undefined || !allowed(run)) return false;
    runs.set(key.Id, { ...run, ...next });
    return true;
  };
  const isMine = (claimedUntil: number) => (run: JobRunRecord) =>
    run.claimedUntil === claimedUntil && run.outcome === undefined;
  return {
    add: ({ ...run }) => {
      const { runs } = of(run.JobName);
      const isNew = !runs.has(run.Id);
      if (isNew) runs.set(run.Id, run);
      return Promise.resolve(isNew);
    },
    get: ({ JobName, Id }) => Promise.resolve(of(JobName).runs.get(Id)),
    list: (jobName) => Promise.resolve([...of(jobName).runs.values()]),
    requestStop: (key, at) => {
      const isFree = (run: JobRunRecord): boolean =>
        run.stopRequestedAt === undefined && run.claimedUntil === undefined && run.outcome === undefined;
      return Promise.resolve(change(key, isFree, { stopRequestedAt: at }));
    },
    claim: (key, now, until) => {
      const isFree = (run: JobRunRecord): boolean =>
        run.stopRequestedAt === undefined && run.outcome === undefined && (run.claimedUntil ?? now) <= now;
      return Promise.resolve(change(key, isFree, { claimedUntil: until }));
    },
    unclaim: (key, claimedUntil) => {
      const { runs } = of(key.JobName);
      const run = runs.get(key.Id);
      if (run !== undefined && isMine(claimedUntil)(run)) {
        const unclaimed: Mutable<JobRunRecord> = { ...run };
        delete unclaimed.claimedUntil;
        runs.set(key.Id, unclaimed);
      }
      return Promise.resolve();
    },
    touch: (key, at) => {
      const isOpen = (run: JobRunRecord): boolean => run.stopRequestedAt === undefined && run.outcome === undefined;
      return Promise.resolve(change(key, isOpen, { lastBatchAt: at }));
    },
    settle: (key, claimedUntil, outcome) => Promise.resolve(change(key, isMine(claimedUntil), { outcome })),
  };
}

function slotOperations(of: Memory): SlotOperations {
  return {
    slots: (jobName) => Promise.resolve([...of(jobName).slots.values()]),
    occupy: (jobName, slot, now) => {
      const { slots } = of(jobName);
      const isFree = (slots.get(slot.index)?.until ?? now) <= now;
      if (isFree) slots.set(slot.index, slot);
      return Promise.resolve(isFree);
    },
    succeed: (jobName, seen, next) => {
      const { slots } = of(jobName);
      const held = slots.get(seen.index);
      const isSame = held?.runId === seen.runId && held.until === seen.until;
      if (isSame) slots.set(next.index, next);
      return Promise.resolve(isSame);
    },
    release: (jobName, taken, until) => {
      const { slots } = of(jobName);
      const held = slots.get(taken.index);
      const isSame = held?.runId === taken.runId && held.until === taken.until;
      if (isSame && until < taken.until) slots.set(taken.index, { ...taken, until });
      return Promise.resolve();
    },
  };
}

function bookmarkOperations(): BookmarkOperations {
  const bookmarks = new Map<string, JobBookmark>();
  return {
    bookmark: (jobName) => Promise.resolve(bookmarks.get(jobName)),
    moveBookmark: (jobName, seen, next) => {
      const isSame = (bookmarks.get(jobName)?.version ?? 0) === seen;
      if (isSame) bookmarks.set(jobName, next);
      return Promise.resolve(isSame);
    },
  };
}

function forgetOldest({ runs, ended }: MemoryOfJob, id: string, keep: number): void {
  ended.add(id);
  for (const oldest of ended) {
    if (ended.size <= keep) return;
    ended.delete(oldest);
    runs.delete(oldest);
  }
}

import type { JobBookmark } from "./job-bookmark.ts";
import type { JobRunRecord, RunOutcome } from "./job-run.ts";

/** A place for one of a job's concurrent runs, held until a time. Milliseconds since the epoch. */
export interface Slot {
  readonly index: number;
  readonly until: number;
  readonly runId: string;
}

/** Names one run. */
export type RunKey = Pick<JobRunRecord, "JobName" | "Id">;

/**
 * Where job runs are remembered. Each change happens at once or not at all, and answers false where what it
 * rests on is no longer so: that is what lets any number of callers share a store.
 */
export interface JobRunStore {
  /** False: the id is taken. */
  readonly add: (run: JobRunRecord) => Promise<boolean>;
  readonly get: (run: RunKey) => Promise<JobRunRecord | undefined>;
  /** In no particular order. */
  readonly list: (jobName: string) => Promise<readonly JobRunRecord[]>;
  /** False: it was asked to stop before, or its work has begun. */
  readonly requestStop: (run: RunKey, at: number) => Promise<boolean>;
  /** Takes a run's work until a time. False: someone has it, or it is done, or the run was stopped. */
  readonly claim: (run: RunKey, now: number, until: number) => Promise<boolean>;
  /** Gives the work back undone. */
  readonly unclaim: (run: RunKey, claimedUntil: number) => Promise<void>;
  /** Records how the work went. False: the claim was given up for dead and the work taken by another. */
  readonly settle: (run: RunKey, claimedUntil: number, outcome: RunOutcome) => Promise<boolean>;

  /** Records when a run that reads a stream has last had something to read. False: it was stopped or has an outcome. */
  readonly touch: (run: RunKey, at: number) => Promise<boolean>;

  readonly bookmark: (jobName: string) => Promise<JobBookmark | undefined>;
  /** False: its version is no more the one that was seen, where none is 0. */
  readonly moveBookmark: (jobName: string, seen: number, next: JobBookmark) => Promise<boolean>;

  readonly slots: (jobName: string) => Promise<readonly Slot[]>;
  /** Takes a slot that nobody holds now. */
  readonly occupy: (jobName: string, slot: Slot, now: number) => Promise<boolean>;
  /** Takes a slot for the time after its holder. False: it is not as it was seen. */
  readonly succeed: (jobName: string, seen: Slot, next: Slot) => Promise<boolean>;
  /** Shortens a slot's time, if it is as it was taken. */
  readonly release: (jobName: string, taken: Slot, until: number) => Promise<void>;
}

import { landedFile, type JobStage, type Source, type Stage, type Writes } from "./stage.ts";

/** A job of a pipeline, with what it reads and writes where nothing else is said. */
export interface JobInFlow {
  readonly stage: JobStage;
  /** What its role may read; the first is the argument `--input`. */
  readonly reads: readonly Source[];
  readonly writes: Required<Writes>;
}

/** All jobs of a stage, those of branches, maps and `onFailure` included, in the order in which they are written. */
export const jobStagesOf = (stage: Stage): readonly JobInFlow[] => walk(stage, [[landedFile]]).jobs;

/**
 * What has been written last: all of these, of each the first alternative that there is. After a choice, what its branches
 * write are alternatives; after a parallel stage, all branches have written.
 */
export type Written = readonly (readonly Source[])[];

interface Walked {
  readonly jobs: readonly JobInFlow[];
  readonly written: Written;
}

/** What a job reads where it does not say so itself, by job. */
export const writtenBefore = (stage: Stage): ReadonlyMap<JobStage, Written> => {
  const before = new Map<JobStage, Written>();
  walk(stage, [[landedFile]], before);
  return before;
};

export const writesOf = ({ name, writes }: JobStage): Required<Writes> => ({
  perExecution: true,
  prefix: `${name
    .trim()
    .toLowerCase()
    .replace(/[^0-9a-z]+/g, "-")}/`,
  ...writes,
});

/** Whether a source is what a job writes. */
export const isJob = (source: Source): source is JobStage => typeof source === "object" && "kind" in source;

const walk = (stage: Stage, before: Written, seen?: Map<JobStage, Written>): Walked => {
  switch (stage.kind) {
    case "job": {
      seen?.set(stage, before);
      const job = { stage, reads: readsOf(stage, before), writes: writesOf(stage) };
      return withFailure([job], [[stage]], stage.onFailure, before, seen);
    }
    case "task":
      return withFailure([], before, stage.onFailure, before, seen);
    case "wait":
      return { jobs: [], written: before };
    case "sequence":
      return stage.stages.reduce<Walked>(
        ({ jobs, written }, next) => {
          const walked = walk(next, written, seen);
          return { jobs: [...jobs, ...walked.jobs], written: walked.written };
        },
        { jobs: [], written: before },
      );
    case "parallel": {
      const branches = stage.branches.map((branch) => walk(branch, before, seen));
      const written = branches.flatMap((branch) => (branch.jobs.length > 0 ? branch.written : []));
      return { jobs: branches.flatMap(({ jobs }) => jobs), written: written.length > 0 ? written : before };
    }
    case "choice": {
      const branches = stage.when.map(({ then }) => walk(then, before, seen));
      const otherwise =
        stage.otherwise === undefined ? { jobs: [], written: before } : walk(stage.otherwise, before, seen);
      return {
        jobs: [...branches, otherwise].flatMap(({ jobs }) => jobs),
        written: alternatives([...branches, otherwise].map(({ written }) => written)),
      };
    }
    case "map": {
      const each = walk(stage.each, before, seen);
      // Nothing of a map's jobs is seen outside: what they have written is named by their prefix alone.
      const written = each.jobs.length > 0 ? each.written : before;
      return withFailure(each.jobs, written, stage.onFailure, before, seen);
    }
  }
};

const withFailure = (
  jobs: readonly JobInFlow[],
  written: Written,
  onFailure: Stage | undefined,
  before: Written,
  seen: Map<JobStage, Written> | undefined,
): Walked => {
  if (onFailure === undefined) return { jobs, written };
  const recovery = walk(onFailure, before, seen);
  return { jobs: [...jobs, ...recovery.jobs], written: alternatives([written, recovery.written]) };
};

/** One of several ways was gone; the first of what each way has written stands for the others. */
const alternatives = (ways: readonly Written[]): Written => {
  const longest = Math.max(...ways.map((way) => way.length));
  return Array.from({ length: longest }, (_, index) => [...new Set(ways.flatMap((way) => way[index] ?? way[0] ?? []))]);
};

const readsOf = (stage: JobStage, before: Written): readonly Source[] =>
  sourcesOf(stage) ?? [...new Set(before.flat())];

/** What a job says that it reads, if it does. */
export const sourcesOf = ({ reads }: JobStage): readonly Source[] | undefined =>
  reads === undefined || isList(reads) ? reads : [reads];

const isList = (reads: Source | readonly Source[]): reads is readonly Source[] => Array.isArray(reads);

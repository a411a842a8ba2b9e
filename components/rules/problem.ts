/** What a caller calls a field: its path among the arguments, or its key in the stack's config. */
export type Say = (field: string) => string;

/** Something that is wrong with a pipeline's arguments, seen before anything is created. */
export interface Problem {
  /** Path among the arguments, for example `job.numberOfWorkers`. */
  readonly field: string;
  /** What it must be instead, and what to do; names other fields by `say`. */
  readonly must: (say: Say) => string;
  readonly got: unknown;
}

/** In the words of the caller: `job.numberOfWorkers must be …, got …`. */
export const problemText = ({ field, must, got }: Problem, say: Say = (path) => path): string =>
  `${say(field)} must be ${must(say)}, got ${JSON.stringify(got)}`;

/** Many problems in one message. */
export const problemList = (subject: string, problems: readonly string[]): string =>
  `${subject} has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n  ${problems.join("\n  ")}`;

import { createHash } from "node:crypto";

/** A file as often as a person has sent it: what is taken on exactly once. */
export interface Taken {
  /** The file's identity: `executionName` of its object version. */
  readonly name: string;
  /** 0 for the file as it came; a replay has the next number. */
  readonly generation: number;
}

/** The most that Step Functions takes. */
const longestName = 80;
const hashLength = 64;

/** The execution of a file that has one of its own. */
export function fileExecutionName({ name, generation }: Taken): string {
  if (generation === 0) return name;
  const prefix = `r${generation}-`;
  const hash = name.slice(-hashLength);
  const slug = name.slice(0, -hashLength).slice(0, longestName - hashLength - 1 - prefix.length);
  return `${prefix}${slug.replace(/-+$/, "")}-${hash}`;
}

/** The execution of a batch: whoever proposes the same files means the same execution. */
export function batchExecutionName(files: readonly Taken[]): string {
  const hash = createHash("sha256");
  for (const { name, generation } of inOrder(files)) hash.update(`${name}\0${generation}\0`);
  return `batch-${hash.digest("hex")}`;
}

/** As a proposal lists its files. */
export function inOrder<File extends Taken>(files: readonly File[]): readonly File[] {
  return [...files].sort((a, b) => (a.name === b.name ? a.generation - b.generation : a.name < b.name ? -1 : 1));
}

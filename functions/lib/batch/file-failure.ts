import { UnreadableFileError } from "../csv/unreadable-file-error.ts";

/** Why a file of a batch failed. */
export interface FileFailure {
  readonly error: string;
  readonly cause: string;
  /** Whether the file is to blame: a further run would find the same. */
  readonly isItsFault: boolean;
}

/** The cause of each file goes into a message of its own. */
const longestCause = 2000;

/**
 * S3's answers that say something of one object: it is gone, or archived, or cannot be asked for. All others (access
 * denied, too many requests, no answer) are about S3, the job's role, or the way between them.
 */
const aboutTheObject: ReadonlySet<string> = new Set([
  "InvalidArgument",
  "InvalidObjectState",
  "KeyTooLongError",
  "MethodNotAllowed",
  "NoSuchKey",
  "NoSuchVersion",
]);

export function failureOf(thrown: unknown): FileFailure {
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    error: name,
    cause: Array.from(message).slice(0, longestCause).join(""),
    isItsFault: thrown instanceof UnreadableFileError || aboutTheObject.has(name),
  };
}

/** The file as a whole cannot be read as CSV: the run fails, nothing is written. The message says what and where. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

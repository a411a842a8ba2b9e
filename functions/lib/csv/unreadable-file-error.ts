/** The file as a whole cannot be read as CSV: it fails, and nothing is written of it. The message says what and where. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

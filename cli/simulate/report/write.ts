import { writeWhole } from "../../lib/write-whole.ts";

/** The report was made, and could not be written. */
class ReportError extends Error {
  override readonly name = "ReportError";
}

/** Writes a report, the whole of it or nothing. */
export function writeReport(path: string, page: string): void {
  try {
    writeWhole(path, page);
  } catch (error) {
    throw new ReportError(
      `--report ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

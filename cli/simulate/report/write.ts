import { renameSync, rmSync, writeFileSync } from "node:fs";

/** The report was made, and could not be written. */
class ReportError extends Error {
  override readonly name = "ReportError";
}

/** Writes a report, the whole of it or nothing: what was there before stays until then. */
export function writeReport(path: string, page: string): void {
  const draft = `${path}.new`;
  try {
    writeFileSync(draft, page);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new ReportError(
      `--report ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

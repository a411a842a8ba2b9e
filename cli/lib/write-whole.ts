import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Writes the whole of a file or nothing, whenever the process ends: what was there before stays until then. */
export function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { checkFiles, type LocalFile } from "./files.ts";

const FOLDER = "samples";

/** A program's own samples, by name: all files that are not hidden; none where it has no such folder. */
export function samplesOf(directory: string): readonly LocalFile[] | { readonly problems: readonly string[] } {
  const names = namesIn(join(directory, FOLDER)).map((name) => join(FOLDER, name));
  return checkFiles(names, directory);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw error;
  }
}

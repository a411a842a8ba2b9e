import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** What is wrong with a report's file: found before the work is done, not after. */
export function reportProblems(file: string, cwd: string): readonly string[] {
  const path = resolve(cwd, file);
  const folder = dirname(path);
  // Whoever mixes up two options would lose a file of theirs.
  if (!/\.html?$/i.test(file)) return [`--report must be a file that ends in .html, got "${file}"`];
  if (!existsSync(folder)) return [`--report: there is no folder ${folder}`];
  if (!statSync(folder).isDirectory()) return [`--report: ${folder} is not a folder`];
  if (existsSync(path) && !statSync(path).isFile()) return [`--report must be a file, and ${path} is none`];
  return isWritable(folder) ? [] : [`--report: nothing may be written to the folder ${folder}`];
}

const isWritable = (folder: string): boolean => {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
};

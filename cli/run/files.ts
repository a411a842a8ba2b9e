import { accessSync, constants, statSync } from "node:fs";
import { resolve, sep } from "node:path";

/** A file of the person's, checked. */
export interface LocalFile {
  /** As it was typed. */
  readonly given: string;
  readonly path: string;
  readonly size: number;
  /** Its name, with as many of its folders as it takes to tell it from the others. */
  readonly name: string;
}

/** Looks at all files before anything starts; a text is what is wrong with one. */
export function checkFiles(
  given: readonly string[],
  cwd: string,
): readonly LocalFile[] | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const files = given.map((name) => {
    const path = resolve(cwd, name);
    const found = name === "" ? "is no name of a file" : sizeOf(path);
    if (typeof found === "string") problems.push(`${name === "" ? '""' : name}: ${found}`);
    return { given: name, path, size: typeof found === "string" ? 0 : found };
  });
  files.forEach(({ path, given: name }, index) => {
    if (files.findIndex((other) => other.path === path) < index) problems.push(`${name}: is given more than once`);
  });
  if (problems.length > 0) return { problems };
  const names = distinctNames(
    files.map(({ path }) => path),
    sep,
  );
  return files.map((file, index) => ({ ...file, name: names[index] ?? file.given }));
}

function sizeOf(path: string): number | string {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return "is a folder; name the files in it";
    if (!stats.isFile()) return "is not a regular file";
    accessSync(path, constants.R_OK);
    return stats.size;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
    if (code === "EACCES" || code === "EPERM") return "may not be read by you";
    return `cannot be read (${code})`;
  }
}

/** `a/x.csv`, `b/x.csv` and `y.csv` for paths that end so: two files may share a name, two objects may not share a key. */
export function distinctNames(paths: readonly string[], separator: string): readonly string[] {
  const segments = paths.map((path) => path.split(separator).filter((part) => part !== ""));
  const lengths = paths.map(() => 1);
  const nameOf = (index: number): string => (segments[index] ?? []).slice(-(lengths[index] ?? 1)).join("/");
  for (;;) {
    const owners = new Map<string, number[]>();
    paths.forEach((_path, index) => owners.set(nameOf(index), [...(owners.get(nameOf(index)) ?? []), index]));
    const shared = [...owners.values()].filter((indexes) => indexes.length > 1).flat();
    const growing = shared.filter((index) => (lengths[index] ?? 0) < (segments[index]?.length ?? 0));
    if (growing.length === 0) return paths.map((_path, index) => nameOf(index));
    for (const index of growing) lengths[index] = (lengths[index] ?? 0) + 1;
  }
}

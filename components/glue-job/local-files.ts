import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { JobFile } from "./fields.ts";
import { s3Place } from "./uri.ts";
import { zip, type ZippedFile } from "./zip.ts";

/** A file on this machine that a job is to be given. */
export interface LocalFile {
  /** What Glue shall know it by: its basename, of a folder with .zip. */
  readonly name: string;
  /** Of its content: the first twelve digits of its SHA-256. */
  readonly hash: string;
  /** Where it is, or the archive that was made of it. */
  readonly path: string;
}

/** What is to be said of a file without reading it. */
export interface JobFileName {
  readonly name: string;
  /** Nothing for what is in S3 already. */
  readonly path?: string;
}

/** A text that is no `s3://` URI is a path from the working directory. */
export const nameOf = (file: JobFile): JobFileName => {
  if (s3Place(String(file)) !== undefined) return { name: basename(String(file)) };
  const path = pathOf(file).replace(/[/\\]+$/, "");
  return { name: `${basename(path)}${isFolder(path) ? ".zip" : ""}`, path };
};

const pathOf = (file: JobFile): string => {
  if (typeof file === "string") return file;
  return file.protocol === "file:" ? fileURLToPath(file) : file.href;
};

export const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** Reads a file; of a folder makes an archive, the same bytes for the same files. */
export const readLocalFile = (path: string, name: string): LocalFile => {
  if (!isFolder(path)) return { name, hash: hashOf(readFileSync(path)), path };
  const archive = zip(filesIn(path));
  const hash = hashOf(archive);
  return { name, hash, path: keep(archive, hash, name) };
};

/** A package is imported by its folder's name, so the folder is part of its archive; other folders are only wrapping. */
const filesIn = (folder: string): readonly ZippedFile[] => {
  const prefix = existsSync(join(folder, "__init__.py")) ? `${basename(folder)}/` : "";
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1).split(sep);
    if (!entry.isFile() || name.some(isNoise)) return [];
    return [{ name: `${prefix}${name.join("/")}`, content: readFileSync(path) }];
  });
};

/** What a machine leaves behind and no job needs; it would make the archive differ from one machine to the next. */
const isNoise = (part: string): boolean => part === "__pycache__" || part.startsWith(".") || part.endsWith(".pyc");

const hashOf = (content: Buffer): string => createHash("sha256").update(content).digest("hex").slice(0, 12);

/** The engine uploads from a file. Its folder is named after the content, so that programs at the same time agree. */
const keep = (archive: Buffer, hash: string, name: string): string => {
  const folder = join(tmpdir(), "glue-pipeline-archives", hash);
  const path = join(folder, name);
  if (existsSync(path) && statSync(path).size === archive.length) return path;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, archive);
  renameSync(unfinished, path);
  return path;
};

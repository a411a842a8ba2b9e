import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join, sep } from "node:path";
import { awkwardKeys, encodedPath, foldedPath, keyFile, olderVersions, readablePath } from "./disk-paths.ts";
import { type Blob, blobName, measure, type Staged, type Storage } from "./storage.ts";

const pieceBytes = 1 << 18;
const incoming = (part: number): string => join(".incoming", String(part));

/**
 * Keeps contents as files: `<folder>/<bucket>/<key>` for the current version of an object with an ordinary key.
 *
 * Files are read and written synchronously, piece by piece: nothing else of the cloud runs meanwhile anyway, and only
 * one piece is in memory at a time.
 */
export class DiskStorage implements Storage {
  readonly #folder: string;
  readonly #staged = new WeakMap<Staged, string>();
  /** Where each version's content is now. */
  readonly #paths = new Map<string, string>();
  /** Folded path of each current version → its key: file systems may not tell them apart. */
  readonly #taken = new Map<string, string>();
  /** Folded path of each folder → how many current versions lie in it. */
  readonly #folders = new Map<string, number>();
  #parts = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async stage(content: AsyncIterable<Uint8Array>): Promise<Staged> {
    const path = join(this.#folder, incoming(this.#parts++));
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, "w");
    try {
      const staged = await measure(content, createHash("md5"), (piece) => {
        writeFully(file, piece);
      });
      this.#staged.set(staged, path);
      return staged;
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  }

  commit(staged: Staged, blob: Blob): void {
    const source = this.#staged.get(staged);
    if (source === undefined) throw new Error(`nothing is staged for "${blob.key}"`);
    this.#place(source, blob);
    this.#removeEmptyFolders(incoming(0));
  }

  archive(blob: Blob): void {
    const from = this.#locate(blob);
    this.#vacate(blob, from);
    const to = join(blob.bucket, olderVersions, encodedPath(blob.key), blob.versionId);
    this.#move(join(this.#folder, from), to);
    this.#removeEmptyFolders(from);
    this.#paths.set(blobName(blob), to);
  }

  restore(blob: Blob): void {
    const from = this.#locate(blob);
    this.#place(join(this.#folder, from), blob);
    this.#removeEmptyFolders(from);
  }

  remove(blob: Blob): void {
    const path = this.#locate(blob);
    this.#vacate(blob, path);
    rmSync(join(this.#folder, path), { force: true });
    this.#removeEmptyFolders(path);
    this.#paths.delete(blobName(blob));
  }

  async *read(blob: Blob): AsyncGenerator<Uint8Array> {
    await Promise.resolve();
    const file = openSync(join(this.#folder, this.#locate(blob)), "r");
    try {
      for (;;) {
        const piece = Buffer.allocUnsafe(pieceBytes);
        const length = readSync(file, piece);
        if (length === 0) return;
        yield piece.subarray(0, length);
      }
    } finally {
      closeSync(file);
    }
  }

  path(blob: Blob): string | undefined {
    const path = this.#paths.get(blobName(blob));
    return path === undefined ? undefined : join(this.#folder, path);
  }

  #locate(blob: Blob): string {
    const path = this.#paths.get(blobName(blob));
    if (path === undefined) throw new Error(`no content is kept for version ${blob.versionId} of "${blob.key}"`);
    return path;
  }

  #place(source: string, blob: Blob): void {
    const readable = readablePath(blob.key);
    const path =
      readable !== undefined && this.#isFree(join(blob.bucket, readable), blob.key)
        ? join(blob.bucket, readable)
        : this.#awkwardPath(blob);
    this.#move(source, path);
    const folded = foldedPath(path);
    if (!this.#taken.has(folded)) for (const folder of foldersOf(folded)) this.#count(folder, 1);
    this.#taken.set(folded, blob.key);
    this.#paths.set(blobName(blob), path);
  }

  #awkwardPath({ bucket, key }: Blob): string {
    const encoded = encodedPath(key);
    const folder = join(bucket, awkwardKeys);
    const note = keyFile(encoded);
    if (note !== undefined) {
      mkdirSync(join(this.#folder, folder), { recursive: true });
      writeFileSync(join(this.#folder, folder, note), key);
    }
    return join(folder, encoded);
  }

  /** Whether no other key's file has this path, lies in it, or is one of its folders. */
  #isFree(path: string, key: string): boolean {
    const folded = foldedPath(path);
    if ((this.#taken.get(folded) ?? key) !== key || this.#folders.has(folded)) return false;
    if (foldersOf(folded).some((folder) => this.#taken.has(folder))) return false;
    // An earlier run may have left a folder where this file goes, or a file where its folder goes.
    return foldersOf(path).every((folder) => isFolderOrFree(join(this.#folder, folder))) && !this.#isFolder(path);
  }

  #isFolder(path: string): boolean {
    return statSync(join(this.#folder, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
  }

  #vacate(blob: Blob, path: string): void {
    const folded = foldedPath(path);
    if (this.#taken.get(folded) !== blob.key) return;
    this.#taken.delete(folded);
    for (const folder of foldersOf(folded)) this.#count(folder, -1);
  }

  #count(folder: string, change: number): void {
    const count = (this.#folders.get(folder) ?? 0) + change;
    if (count > 0) this.#folders.set(folder, count);
    else this.#folders.delete(folder);
  }

  #move(source: string, path: string): void {
    const target = join(this.#folder, path);
    mkdirSync(dirname(target), { recursive: true });
    renameSync(source, target);
  }

  #removeEmptyFolders(path: string): void {
    for (const folder of foldersOf(path).reverse()) {
      try {
        rmdirSync(join(this.#folder, folder));
      } catch {
        // Not empty: neither are those above it.
        return;
      }
    }
  }
}

/** `a/b/c` → `a`, `a/b`. */
const foldersOf = (path: string): string[] => {
  const parts = path.split(sep);
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(sep));
};

const isFolderOrFree = (path: string): boolean => !existsSync(path) || statSync(path).isDirectory();

const writeFully = (file: number, piece: Uint8Array): void => {
  let written = 0;
  while (written < piece.byteLength) written += writeSync(file, piece, written);
};

import type { Ids } from "./ids.ts";
import { ServiceError } from "./service.ts";
import { SortedKeys } from "./sorted-keys.ts";
import type { Blob, Staged, Storage } from "./storage.ts";
import { fromUtf8Order, toUtf8Order } from "./utf8-order.ts";

/** A version of an object, or the mark that a deletion left. */
export interface ObjectVersion {
  readonly versionId: string;
  readonly deleteMarker: boolean;
  readonly size: number;
  /** MD5, lower-case hexadecimal. */
  readonly eTag: string;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export type ObjectHead = Pick<ObjectVersion, "lastModified" | "contentType" | "metadata">;

/** The id of the one version of an object in a bucket without versioning. */
export const nullVersion = "null";

/** Which versions of which objects a bucket holds; their contents are in the storage. */
export class Bucket {
  readonly name: string;
  readonly versioned: boolean;
  readonly #storage: Storage;
  readonly #ids: Ids;
  /** Oldest version first. */
  readonly #objects = new Map<string, ObjectVersion[]>();
  readonly #order = new SortedKeys();

  constructor(name: string, versioned: boolean, storage: Storage, ids: Ids) {
    this.name = name;
    this.versioned = versioned;
    this.#storage = storage;
    this.#ids = ids;
  }

  put(key: string, staged: Staged, head: ObjectHead): ObjectVersion {
    const versions = this.#versionsFor(key);
    const current = versions.at(-1);
    if (current !== undefined && !current.deleteMarker) {
      if (this.versioned) this.#storage.archive(this.#blob(key, current));
      else this.#drop(key, versions, current);
    }
    const version: ObjectVersion = {
      ...head,
      versionId: this.versioned ? this.#ids.hex(32) : nullVersion,
      deleteMarker: false,
      size: staged.size,
      eTag: staged.md5,
    };
    this.#storage.commit(staged, this.#blob(key, version));
    versions.push(version);
    return version;
  }

  /** The current version, unless there is none or it was deleted. */
  current(key: string): ObjectVersion | undefined {
    const version = this.#objects.get(key)?.at(-1);
    return version?.deleteMarker === true ? undefined : version;
  }

  /** All versions of a key and the marks of its deletions, the newest first. */
  versions(key: string): readonly ObjectVersion[] {
    return this.#objects.get(key)?.toReversed() ?? [];
  }

  version(key: string, versionId: string): ObjectVersion | undefined {
    return this.#objects.get(key)?.find((version) => version.versionId === versionId);
  }

  /** Deletes as S3 does: with versioning, what was there stays and a mark covers it. Tells of the mark. */
  delete(key: string, lastModified: number): ObjectVersion | undefined {
    const current = this.current(key);
    if (!this.versioned) {
      if (current !== undefined) this.deleteVersion(key, current.versionId);
      return undefined;
    }
    if (current !== undefined) this.#storage.archive(this.#blob(key, current));
    const versionId = this.#ids.hex(32);
    const mark = { versionId, deleteMarker: true, size: 0, eTag: "", lastModified, contentType: "", metadata: {} };
    this.#versionsFor(key).push(mark);
    return mark;
  }

  /** Deletes one version for good; the one before it is then current. */
  deleteVersion(key: string, versionId: string): ObjectVersion | undefined {
    const versions = this.#objects.get(key);
    const version = versions?.find((candidate) => candidate.versionId === versionId);
    if (versions === undefined || version === undefined) return undefined;
    const wasCurrent = versions.at(-1) === version;
    this.#drop(key, versions, version);
    const current = versions.at(-1);
    if (current === undefined) {
      this.#objects.delete(key);
      this.#order.delete(toUtf8Order(key));
    } else if (wasCurrent && !current.deleteMarker) this.#storage.restore(this.#blob(key, current));
    return version;
  }

  read(key: string, version: ObjectVersion): AsyncIterable<Uint8Array> {
    return this.#storage.read(this.#blob(key, version));
  }

  path(key: string, version: ObjectVersion): string | undefined {
    return this.#storage.path(this.#blob(key, version));
  }

  /** Keys with a prefix that come after another, in the order of their UTF-8 bytes, deleted ones among them. */
  *keys(prefix: string, after: string): Generator<string> {
    const [first, last] = [toUtf8Order(prefix), toUtf8Order(after)];
    for (const ordered of this.#order.ascending(first > last ? first : last)) {
      if (ordered === last) continue;
      if (!ordered.startsWith(first)) return;
      yield fromUtf8Order(ordered);
    }
  }

  #versionsFor(key: string): ObjectVersion[] {
    const known = this.#objects.get(key);
    if (known !== undefined) return known;
    const versions: ObjectVersion[] = [];
    this.#objects.set(key, versions);
    this.#order.add(toUtf8Order(key));
    return versions;
  }

  #drop(key: string, versions: ObjectVersion[], version: ObjectVersion): void {
    versions.splice(versions.indexOf(version), 1);
    if (!version.deleteMarker) this.#storage.remove(this.#blob(key, version));
  }

  #blob(key: string, { versionId }: ObjectVersion): Blob {
    return { bucket: this.name, key, versionId };
  }
}

/** Throws what S3 throws for a key that cannot be. */
export const checkKey = (key: unknown): void => {
  if (typeof key !== "string" || key === "") {
    throw new ServiceError(
      "InvalidArgument",
      `Key must be a text of at least one character, got ${JSON.stringify(key)}`,
    );
  }
  if (/[\uD800-\uDFFF]/u.test(key)) throw new ServiceError("InvalidURI", "Key must be valid Unicode");
  const bytes = Buffer.byteLength(key);
  if (bytes > 1024) {
    throw new ServiceError("KeyTooLongError", `Your key is too long: ${bytes} bytes in UTF-8, of 1024 allowed`);
  }
};

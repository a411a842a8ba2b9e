import { createHash } from "node:crypto";
import type { S3 } from "./aws.ts";
import { isRecord } from "./json.ts";

/** A folder of a bucket. */
export interface Folder {
  readonly Bucket: string;
  /** Ends with a slash. */
  readonly Prefix: string;
}

/** An object as a listing tells it. */
export interface Listed {
  readonly Key: string;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
  readonly ETag: string;
}

/** What has been read of one source. */
interface SourceState {
  /** The newest modification that was read, in milliseconds since the epoch. */
  readonly until: number;
  /** Marks of the objects that were read and modified at most `bandMs` before. */
  readonly recent: readonly string[];
}

/** Glue's own: a listing may be that late. What is older than this and was not read never is. */
export const bandMs = 900_000;
/** Glue's own: further new objects are left to the next run. */
export const maxInBand = 1000;

/**
 * The bookmark of a stand-in's run, as Glue's library keeps that of a script: for each source, by its `transformation_ctx`,
 * what was read. `StandInEvent.Bookmark` goes in; what `answer` gives goes into the stand-in's answer.
 */
export class Bookmark {
  readonly #state: Map<string, SourceState> | undefined;

  /** @param given What the run was given; nothing where the job reads without a bookmark. */
  constructor(given: unknown) {
    this.#state = isRecord(given) ? new Map(Object.entries(given as Record<string, SourceState>)) : undefined;
  }

  /**
   * The objects of a folder that no earlier run has read, the oldest first. Names that begin with "_" or "." are hidden, as
   * they are for Spark.
   */
  async unread(s3: Pick<S3, "listObjectsV2">, folder: Folder, context: string): Promise<readonly Listed[]> {
    const found = await listFolder(s3, folder);
    if (this.#state === undefined) return found;
    const { unread, next } = unreadOf(found, this.#state.get(context));
    if (next !== undefined) this.#state.set(context, next);
    return unread;
  }

  /** To be a part of the stand-in's answer. */
  answer(): { readonly Bookmark?: Readonly<Record<string, SourceState>> } {
    return this.#state === undefined ? {} : { Bookmark: Object.fromEntries(this.#state) };
  }
}

/** All objects of a folder that are not hidden, the oldest first. */
export async function listFolder(s3: Pick<S3, "listObjectsV2">, folder: Folder): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  let token: string | undefined;
  do {
    const page = await s3.listObjectsV2({ ...folder, ...(token !== undefined && { ContinuationToken: token }) });
    for (const { Key, LastModified, ETag } of page.Contents ?? []) {
      if (Key === undefined || isHidden(Key.slice(folder.Prefix.length))) continue;
      found.push({ Key, lastModified: LastModified?.getTime() ?? 0, ETag: ETag ?? "" });
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return found.sort((a, b) => a.lastModified - b.lastModified || (a.Key < b.Key ? -1 : 1));
}

/** What of a listing, the oldest first, is new, and what there is to remember once that has been read. */
export function unreadOf(
  listed: readonly Listed[],
  state: SourceState | undefined,
): { readonly unread: readonly Listed[]; readonly next: SourceState | undefined } {
  const known = new Set(state?.recent);
  const from = (state?.until ?? Number.NEGATIVE_INFINITY) - bandMs;
  const isNew = (object: Listed): boolean => object.lastModified > from && !known.has(mark(object));
  const fresh = listed.filter(isNew);
  const newest = fresh.at(-1)?.lastModified ?? Number.NEGATIVE_INFINITY;
  const late = fresh.findIndex(({ lastModified }) => lastModified > newest - bandMs);
  const unread = late === -1 ? fresh : fresh.slice(0, late + maxInBand);
  const last = unread.at(-1);
  if (last === undefined) return { unread, next: state };
  const until = Math.max(state?.until ?? last.lastModified, last.lastModified);
  const read = new Set(unread);
  const recent = listed
    .filter((object) => object.lastModified > until - bandMs && (read.has(object) || known.has(mark(object))))
    .map(mark);
  return { unread, next: { until, recent } };
}

/** An object that was written again is another one. */
function mark({ Key, lastModified, ETag }: Listed): string {
  return createHash("sha256").update(`${Key}\0${lastModified}\0${ETag}`).digest("base64url").slice(0, 16);
}

function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith("_") || part.startsWith("."));
}

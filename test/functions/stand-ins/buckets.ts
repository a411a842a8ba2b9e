import { createHash } from "node:crypto";
import type { S3 } from "../../../functions/lib/aws.ts";

/** Object storage in memory, handing out content in pieces of a few bytes as a network would. */
export class Buckets implements S3 {
  readonly objects = new Map<string, Uint8Array>();
  /** Milliseconds since the epoch, of what is put from now on. */
  now = 0;
  readonly #listings = new Map<string, { readonly LastModified: Date; readonly ETag: string }>();
  readonly #pieceBytes: number;
  readonly #pageKeys: number;

  /** @param pageKeys one key a page unless told otherwise, so that all pages have to be asked for */
  constructor(pieceBytes = 65_536, pageKeys = 1) {
    this.#pieceBytes = pieceBytes;
    this.#pageKeys = pageKeys;
  }

  getObject({ Bucket, Key, VersionId }: Parameters<S3["getObject"]>[0]): ReturnType<S3["getObject"]> {
    const name = `${Bucket}/${Key}${VersionId === undefined ? "" : `@${VersionId}`}`;
    const content = this.objects.get(name);
    if (content === undefined) return Promise.reject(Object.assign(new Error(`no ${name}`), { name: "NoSuchKey" }));
    return Promise.resolve({ Body: piecesOf(content, this.#pieceBytes), ContentLength: content.length });
  }

  putObject({ Bucket, Key, Body }: Parameters<S3["putObject"]>[0]): Promise<object> {
    this.objects.set(`${Bucket}/${Key}`, Body);
    const ETag = createHash("md5").update(Body).digest("hex");
    this.#listings.set(`${Bucket}/${Key}`, { LastModified: new Date(this.now), ETag });
    return Promise.resolve({});
  }

  copyObject({ Bucket, Key, CopySource }: Parameters<S3["copyObject"]>[0]): Promise<object> {
    const content = this.objects.get(decodeURIComponent(CopySource.replace("?versionId=", "@")));
    if (content === undefined)
      return Promise.reject(Object.assign(new Error(`no ${CopySource}`), { name: "NoSuchKey" }));
    this.objects.set(`${Bucket}/${Key}`, content);
    return Promise.resolve({});
  }

  deleteObject({ Bucket, Key }: Parameters<S3["deleteObject"]>[0]): Promise<object> {
    this.objects.delete(`${Bucket}/${Key}`);
    return Promise.resolve({});
  }

  listObjectsV2(input: Parameters<S3["listObjectsV2"]>[0]): ReturnType<S3["listObjectsV2"]> {
    const after = input.ContinuationToken ?? "";
    const left = [...this.objects.keys()]
      .filter((name) => name.startsWith(`${input.Bucket}/${input.Prefix}`))
      .map((name) => name.slice(input.Bucket.length + 1))
      .filter((key) => key > after)
      .sort();
    const page = left.slice(0, this.#pageKeys);
    const last = page.at(-1);
    return Promise.resolve({
      Contents: page.map((Key) => ({ Key, ...this.#listings.get(`${input.Bucket}/${Key}`) })),
      ...(last !== undefined && left.length > page.length && { NextContinuationToken: last }),
    });
  }

  text(name: string): string | undefined {
    const content = this.objects.get(name);
    return content && Buffer.from(content).toString("utf8");
  }
}

/** Content in pieces of so many bytes. */
export async function* piecesOf(content: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < content.length; start += pieceBytes) {
    yield await Promise.resolve(content.subarray(start, start + pieceBytes));
  }
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { bytesOf } from "../services/bytes.ts";
import type { ListObjectsInput, ListObjectsOutput } from "../services/list-objects.ts";
import type { GetObjectOutput, HeadObjectOutput, PutObjectInput, PutObjectOutput } from "../services/s3-api.ts";
import { parseCopySource } from "../services/s3.ts";
import { ServiceError } from "../services/service.ts";
import { MultipartUploads } from "./multipart-uploads.ts";
import { completedXml, copiedXml, deletedXml, keysToDelete, listXml, partNumbers, uploadXml } from "./s3-xml.ts";
import type { ScriptRun } from "./script-run.ts";
import type { StagedBuckets } from "./staged-buckets.ts";

interface Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly query: URLSearchParams;
}

/** S3's operations over HTTP: those that scripts use. Each is made as the run's role. */
export class S3Requests {
  readonly #run: ScriptRun;
  readonly #staged: StagedBuckets | undefined;
  readonly #uploads = new MultipartUploads();

  constructor(run: ScriptRun, staged: StagedBuckets | undefined) {
    this.#run = run;
    this.#staged = staged;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Not by URL, which would take `..` in a key for a folder above.
    const [path = "", query = ""] = (request.url ?? "/").split("?");
    const [bucket = "", ...parts] = path.slice(1).split("/");
    const target = {
      Bucket: decodeURIComponent(bucket),
      Key: decodeURIComponent(parts.join("/")),
      query: new URLSearchParams(query),
    };
    // A part of an object or a bucket that is not known here must not be taken for the whole.
    const unknown = [...target.query.keys()].find((name) => !parameters.has(name));
    if (unknown !== undefined) throw notThere(request);
    const method = request.method ?? "";
    await this.#publish(target, request);
    if (target.Key === "") {
      if (method === "GET" && target.query.get("list-type") === "2") return this.#list(target, response);
      if (method === "POST" && target.query.has("delete")) return this.#deleteMany(target, request, response);
    } else {
      if (method === "GET" && !target.query.has("uploadId")) return this.#get(target, request, response);
      if (method === "HEAD") return this.#head(target, response);
      if (method === "DELETE") return this.#delete(target, response);
      if (method === "PUT" || method === "POST") return this.#write(method, target, request, response);
    }
    throw notThere(request);
  }

  /** What Spark has written by now is there for the script's other calls too: all of it, or the one object they are about. */
  async #publish({ Bucket, Key }: Target, { headers }: IncomingMessage): Promise<void> {
    const isOfOne = Key !== "" && headers["x-amz-copy-source"] === undefined;
    await (isOfOne ? this.#staged?.publishChanged(Bucket, Key) : this.#staged?.publish());
  }

  async #list({ Bucket, query }: Target, response: ServerResponse): Promise<void> {
    const text = (name: string): string | undefined => query.get(name) ?? undefined;
    const optional = {
      Prefix: text("prefix"),
      Delimiter: text("delimiter"),
      StartAfter: text("start-after"),
      ContinuationToken: text("continuation-token"),
      MaxKeys: query.has("max-keys") ? Number(query.get("max-keys")) : undefined,
    };
    const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
    const input: ListObjectsInput = { Bucket, ...given };
    const page = (await this.#call("listObjectsV2", input)) as ListObjectsOutput;
    xml(response, listXml(page, query.get("encoding-type") === "url"));
  }

  async #head(target: Target, response: ServerResponse): Promise<void> {
    const found = (await this.#call("headObject", objectOf(target))) as HeadObjectOutput;
    response.writeHead(200, { ...headersOf(found), "content-length": found.ContentLength }).end();
  }

  async #get(target: Target, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const found = (await this.#call("getObject", objectOf(target))) as GetObjectOutput;
    const range = rangeOf(request.headers.range, found.ContentLength);
    if (range === undefined) {
      response.writeHead(200, { ...headersOf(found), "content-length": found.ContentLength });
      await pipeline(found.Body, response);
      return;
    }
    response.writeHead(206, {
      ...headersOf(found),
      "content-length": range.end - range.start,
      "content-range": `bytes ${range.start}-${range.end - 1}/${found.ContentLength}`,
    });
    await pipeline(cut(found.Body, range), response);
  }

  async #delete(target: Target, response: ServerResponse): Promise<void> {
    const uploadId = target.query.get("uploadId");
    if (uploadId === null) await this.#deleteOne(target);
    else this.#uploads.abort(uploadId);
    response.writeHead(204).end();
  }

  async #deleteOne(target: Target): Promise<void> {
    await this.#call("deleteObject", objectOf(target));
    if (!target.query.has("versionId")) await this.#staged?.drop(target.Bucket, target.Key);
  }

  async #deleteMany(target: Target, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const results: Parameters<typeof deletedXml>[0][number][] = [];
    for (const key of keysToDelete((await bytesOf(request)).toString())) {
      try {
        await this.#deleteOne({ ...target, Key: key });
        results.push({ key });
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        results.push({ key, error });
      }
    }
    xml(response, deletedXml(results));
  }

  async #write(method: string, target: Target, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { Bucket, Key, query } = target;
    const uploadId = query.get("uploadId");
    const settings = settingsIn(request.headers);
    const source = request.headers["x-amz-copy-source"];
    if (method === "POST") {
      if (query.has("uploads")) {
        xml(response, uploadXml(Bucket, Key, this.#uploads.begin(settings)));
        return;
      }
      if (uploadId === null) throw new ServiceError("NotImplemented", "POST of an object is not there in a local run");
      const numbers = partNumbers((await bytesOf(request)).toString());
      const { ETag } = await this.#put({ Bucket, Key, ...this.#uploads.complete(uploadId, numbers) });
      xml(response, completedXml(Bucket, Key, ETag));
      return;
    }
    if (uploadId !== null) {
      const isCopy = typeof source === "string";
      const content = isCopy ? await this.#copied(source, request) : request;
      const eTag = this.#uploads.add(uploadId, Number(query.get("partNumber")), await bytesOf(content));
      if (isCopy) xml(response, copiedXml("CopyPartResult", eTag, new Date(0)));
      else response.writeHead(200, { etag: eTag }).end();
      return;
    }
    if (typeof source === "string") {
      const input = { Bucket, Key, CopySource: source };
      const { CopyObjectResult } = (await this.#call("copyObject", input)) as { CopyObjectResult: PutObjectOutput };
      await this.#staged?.fetch(Bucket, Key);
      xml(response, copiedXml("CopyObjectResult", CopyObjectResult.ETag, new Date(0)));
      return;
    }
    const noneMatch = request.headers["if-none-match"];
    const { ETag, VersionId } = await this.#put({
      Bucket,
      Key,
      Body: request,
      ...settings,
      ...(noneMatch !== undefined && { IfNoneMatch: noneMatch }),
    });
    response.writeHead(200, { etag: ETag, ...(VersionId !== undefined && { "x-amz-version-id": VersionId }) }).end();
  }

  /** What of another object is to be a part of this one. */
  async #copied(source: string, { headers }: IncomingMessage): Promise<AsyncIterable<Uint8Array>> {
    const found = (await this.#call("getObject", parseCopySource(source))) as GetObjectOutput;
    const asked = headers["x-amz-copy-source-range"];
    const range = rangeOf(typeof asked === "string" ? asked : undefined, found.ContentLength);
    return range === undefined ? found.Body : cut(found.Body, range);
  }

  async #put(input: PutObjectInput): Promise<PutObjectOutput> {
    const put = (await this.#call("putObject", input)) as PutObjectOutput;
    await this.#staged?.fetch(input.Bucket, input.Key);
    return put;
  }

  #call(operation: string, input: unknown): Promise<unknown> {
    const { cloud, role } = this.#run;
    return cloud.api.call(role, "s3", operation, input);
  }
}

/** Query parameters of the operations that are there. */
const parameters = new Set([
  ...["list-type", "prefix", "delimiter", "start-after", "continuation-token", "max-keys", "encoding-type"],
  ...["fetch-owner", "delete", "versionId", "uploads", "uploadId", "partNumber", "x-id"],
]);

const notThere = ({ method = "", url = "" }: IncomingMessage): ServiceError =>
  new ServiceError("NotImplemented", `${method} ${url} is not there in a local run`);

/** What of a request's headers is kept with an object. */
const settingsIn = (headers: IncomingMessage["headers"]): Pick<PutObjectInput, "ContentType" | "Metadata"> => {
  const ContentType = headers["content-type"];
  const own = Object.entries(headers).filter(([name]) => name.startsWith(metadataPrefix));
  const Metadata = Object.fromEntries(own.map(([name, value]) => [name.slice(metadataPrefix.length), String(value)]));
  return { Metadata, ...(ContentType !== undefined && { ContentType }) };
};

const metadataPrefix = "x-amz-meta-";

const objectOf = ({ Bucket, Key, query }: Target): { Bucket: string; Key: string; VersionId?: string } => {
  const VersionId = query.get("versionId");
  return { Bucket, Key, ...(VersionId !== null && { VersionId }) };
};

const headersOf = (found: HeadObjectOutput): Record<string, string> => ({
  etag: found.ETag,
  "content-type": found.ContentType,
  "last-modified": found.LastModified.toUTCString(),
  "accept-ranges": "bytes",
  ...(found.VersionId !== undefined && { "x-amz-version-id": found.VersionId }),
  ...Object.fromEntries(Object.entries(found.Metadata).map(([name, value]) => [metadataPrefix + name, value])),
});

interface Range {
  readonly start: number;
  /** The first byte that is not in it. */
  readonly end: number;
}

const rangeOf = (header: string | undefined, size: number): Range | undefined => {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (start >= size) throw new ServiceError("InvalidRange", "The requested range is not satisfiable");
  return { start, end };
};

const cut = async function* (content: AsyncIterable<Uint8Array>, { start, end }: Range): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of content) {
    const from = Math.max(0, start - at);
    const to = Math.min(piece.length, end - at);
    if (from < to) yield piece.subarray(from, to);
    at += piece.length;
    if (at >= end) return;
  }
};

const xml = (response: ServerResponse, body: string): void => {
  response.writeHead(200, { "content-type": "application/xml" }).end(body);
};

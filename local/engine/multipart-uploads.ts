import { createHash, randomUUID } from "node:crypto";
import type { PutObjectInput } from "../services/s3-api.ts";
import { ServiceError } from "../services/service.ts";

type Settings = Pick<PutObjectInput, "ContentType" | "Metadata">;

interface Upload extends Settings {
  readonly parts: Map<number, Buffer>;
}

/** Uploads in parts, kept in memory until they are complete. */
export class MultipartUploads {
  readonly #uploads = new Map<string, Upload>();

  begin(settings: Settings): string {
    const id = randomUUID();
    this.#uploads.set(id, { ...settings, parts: new Map() });
    return id;
  }

  /** Gives the part's ETag. */
  add(uploadId: string, number: number, content: Buffer): string {
    this.#find(uploadId).parts.set(number, content);
    return `"${createHash("md5").update(content).digest("hex")}"`;
  }

  /** What the parts make together. */
  complete(uploadId: string, numbers: readonly number[]): Settings & { readonly Body: Buffer } {
    const { parts, ...settings } = this.#find(uploadId);
    const pieces = numbers.map((number) => {
      const part = parts.get(number);
      if (part === undefined) throw new ServiceError("InvalidPart", `Part ${number} was not uploaded`);
      return part;
    });
    this.#uploads.delete(uploadId);
    return { ...settings, Body: Buffer.concat(pieces) };
  }

  abort(uploadId: string): void {
    this.#find(uploadId);
    this.#uploads.delete(uploadId);
  }

  #find(uploadId: string): Upload {
    const upload = this.#uploads.get(uploadId);
    if (upload === undefined) throw new ServiceError("NoSuchUpload", `There is no upload "${uploadId}"`);
    return upload;
  }
}

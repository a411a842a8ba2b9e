import type { S3 } from "./aws.ts";

const folders = ["processed", "rejected", "summary"] as const;
type Folder = (typeof folders)[number];

/**
 * The output of one execution. Its name decides where that lies, so running again overwrites; what an earlier run of it
 * left there is replaced, whatever its objects are called.
 */
export class RunOutput {
  readonly bucket: string;
  readonly #execution: string;
  readonly #s3: Pick<S3, "putObject" | "deleteObject" | "listObjectsV2">;
  readonly #written = new Set<string>();

  /** @throws Error where the execution's name would lead out of its folders */
  constructor(bucket: string, execution: string, s3: Pick<S3, "putObject" | "deleteObject" | "listObjectsV2">) {
    if (!/^[0-9A-Za-z_-]{1,80}$/.test(execution)) {
      const got = JSON.stringify(execution);
      throw new Error(`argument --execution_name must be 1 to 80 letters, digits, "-" and "_", got ${got}`);
    }
    this.bucket = bucket;
    this.#execution = execution;
    this.#s3 = s3;
  }

  async put(folder: Folder, name: string, body: Uint8Array, contentType: string): Promise<void> {
    const key = `${this.prefix(folder)}${name}`;
    await this.#s3.putObject({ Bucket: this.bucket, Key: key, Body: body, ContentType: contentType });
    this.#written.add(key);
  }

  /** What this run has written there does not count: it is of a file that failed in the end. */
  forget(name: string): void {
    for (const key of this.#written) {
      if (folders.some((folder) => key.startsWith(`${this.prefix(folder)}${name}`))) this.#written.delete(key);
    }
  }

  /** Deletes what this run has not written: in all folders, or in one. */
  async deleteOthers(only?: Folder): Promise<void> {
    const places = only === undefined ? folders : [only];
    const keys = await Promise.all(places.map((folder) => this.#keys(this.prefix(folder))));
    for (const key of keys.flat()) {
      if (!this.#written.has(key)) await this.#s3.deleteObject({ Bucket: this.bucket, Key: key });
    }
  }

  async #keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.#s3.listObjectsV2({
        Bucket: this.bucket,
        Prefix: prefix,
        ...(token !== undefined && { ContinuationToken: token }),
      });
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  }

  /** Ends with a slash. */
  prefix(folder: Folder): string {
    return `${folder}/execution=${this.#execution}/`;
  }
}

import type { S3 } from "../../../functions/lib/aws.ts";
import { listFolder, type Folder } from "../../../functions/lib/bookmark.ts";
import { readObject, within } from "../../../functions/lib/s3-folder.ts";

/** Says that a day is loaded, and which file holds it. Of a day's manifests the one with the highest number counts. */
export interface Manifest {
  readonly day: string;
  /** From 1. */
  readonly number: number;
  /** `s3://` URI of the file that holds the day. */
  readonly file: string;
  /** Of the export. */
  readonly revision: number;
  /** The execution whose load this is, or that it went on from. */
  readonly load: string;
  /** `s3://` URIs of the files that are in it, and may be deleted once nobody reads them. */
  readonly absorbed: readonly string[];
}

/** A day's manifests, under `manifests/` of the table's folder. */
export class Manifests {
  readonly #s3: S3;
  readonly #folder: Folder;

  constructor(s3: S3, table: Folder, day: string) {
    this.#s3 = s3;
    this.#folder = within(table, `manifests/day=${day}/`);
  }

  /** The one that counts. Undefined: the day is open. */
  async latest(): Promise<Manifest | undefined> {
    const keys = (await listFolder(this.#s3, this.#folder)).map(({ Key }) => Key).sort();
    const last = keys.at(-1);
    return last === undefined ? undefined : this.#read(last);
  }

  async all(): Promise<readonly Manifest[]> {
    const keys = (await listFolder(this.#s3, this.#folder)).map(({ Key }) => Key).sort();
    return Promise.all(keys.map((key) => this.#read(key)));
  }

  /**
   * Has a manifest count: the one write that moves a day from one set of files to another. False: another load has taken
   * its number, so what was read before is no longer what counts.
   */
  async publish(manifest: Manifest): Promise<boolean> {
    try {
      await this.#s3.putObject({
        Bucket: this.#folder.Bucket,
        Key: `${this.#folder.Prefix}${String(manifest.number).padStart(10, "0")}.json`,
        // A line: readers take the manifests for a table.
        Body: Buffer.from(`${JSON.stringify(manifest)}\n`),
        ContentType: "application/json",
        IfNoneMatch: "*",
      });
      return true;
    } catch (error) {
      // A conflict is another write of it that is going on.
      const isTaken =
        error instanceof Error && ["PreconditionFailed", "ConditionalRequestConflict"].includes(error.name);
      if (!isTaken) throw error;
      return false;
    }
  }

  async #read(Key: string): Promise<Manifest> {
    const content = await readObject(this.#s3, { Bucket: this.#folder.Bucket, Key });
    return JSON.parse(Buffer.from(content).toString("utf8")) as Manifest;
  }
}

import { createS3 } from "../clients/s3.ts";
import type { Dependencies, InvocationContext, S3 } from "../lib/aws.ts";
import { parseColumnTypes } from "../lib/csv/columns.ts";
import { convertCsv } from "../lib/csv/convert-csv.ts";
import { systemLog } from "../lib/system-log.ts";

/** What a stand-in is given: the job run it does the work of. */
export interface JobRunEvent {
  readonly JobName: string;
  readonly JobRunId: string;
  /** The job's default arguments with the run's own over them. */
  readonly Arguments: Readonly<Record<string, string>>;
}

/** What the run did, as it also stands in summary.json. */
export interface Summary {
  readonly rowsIn: number;
  readonly rowsWritten: number;
  readonly rowsRejected: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/**
 * Does in the simulation what `scripts/process_csv.py` does in Glue: a CSV object becomes Parquet, rejected rows
 * and a summary, in places that the execution's name decides, so that running again overwrites.
 */
export function createHandler({
  s3,
  log,
}: Pick<Dependencies, "s3" | "log">): (event: JobRunEvent, context: InvocationContext) => Promise<Summary> {
  return async (event) => {
    const types = parseColumnTypes(event.Arguments["--column_types"]);
    const output = new RunOutput(event.Arguments, s3);
    const input = await s3.getObject(inputOf(event.Arguments));
    const { parquet, rejected, ...counts } = await convertCsv(input.Body, types);
    const summary: Summary = {
      rowsIn: counts.rowsIn,
      rowsWritten: counts.rowsWritten,
      rowsRejected: counts.rowsRejected,
      bytesIn: counts.bytesIn,
      bytesOut: parquet.length,
    };
    await output.put("processed", "part-00000.parquet", parquet, "application/vnd.apache.parquet");
    if (rejected !== undefined) await output.put("rejected", "rejected.csv", rejected, "text/csv; charset=utf-8");
    await output.put("summary", "summary.json", Buffer.from(JSON.stringify(summary)), "application/json");
    await output.deleteOthers();
    log({ message: "processed", JobName: event.JobName, JobRunId: event.JobRunId, ...summary });
    return summary;
  };
}

function inputOf(args: JobRunEvent["Arguments"]): { Bucket: string; Key: string; VersionId?: string } {
  const versionId = args["--version_id"] ?? "null";
  return {
    Bucket: required(args, "--bucket"),
    Key: required(args, "--key"),
    ...(versionId !== "null" && { VersionId: versionId }),
  };
}

type Folder = "processed" | "rejected" | "summary";

/** The output of one execution. What an earlier run of it left there is replaced, whatever its objects are called. */
class RunOutput {
  readonly #bucket: string;
  readonly #execution: string;
  readonly #s3: S3;
  readonly #written = new Set<string>();

  constructor(args: JobRunEvent["Arguments"], s3: S3) {
    this.#bucket = required(args, "--output_bucket");
    this.#execution = required(args, "--execution_name");
    if (!/^[0-9A-Za-z_-]{1,80}$/.test(this.#execution)) {
      const got = JSON.stringify(this.#execution);
      throw new Error(`argument --execution_name must be 1 to 80 letters, digits, "-" and "_", got ${got}`);
    }
    this.#s3 = s3;
  }

  async put(folder: Folder, name: string, body: Uint8Array, contentType: string): Promise<void> {
    const key = `${this.#prefix(folder)}${name}`;
    await this.#s3.putObject({ Bucket: this.#bucket, Key: key, Body: body, ContentType: contentType });
    this.#written.add(key);
  }

  async deleteOthers(): Promise<void> {
    const folders = ["processed", "rejected", "summary"] as const;
    const keys = await Promise.all(folders.map((folder) => this.#keys(this.#prefix(folder))));
    for (const key of keys.flat()) {
      if (!this.#written.has(key)) await this.#s3.deleteObject({ Bucket: this.#bucket, Key: key });
    }
  }

  async #keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.#s3.listObjectsV2({
        Bucket: this.#bucket,
        Prefix: prefix,
        ...(token !== undefined && { ContinuationToken: token }),
      });
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  }

  #prefix(folder: Folder): string {
    return `${folder}/execution=${this.#execution}/`;
  }
}

function required(args: JobRunEvent["Arguments"], name: string): string {
  const value = args[name];
  if (value === undefined || value === "") throw new Error(`argument ${name} is missing`);
  return value;
}

export const handler = createHandler({
  s3: createS3(),
  log: systemLog,
});

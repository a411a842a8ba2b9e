import { createHash } from "node:crypto";
import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies, S3 } from "../../../functions/lib/aws.ts";
import { listFolder, type Folder } from "../../../functions/lib/bookmark.ts";
import type { StandInEvent } from "../../../functions/lib/glue.ts";
import { readParquet } from "../../../functions/lib/parquet/read-parquet.ts";
import { writeParquet } from "../../../functions/lib/parquet/write-parquet.ts";
import { folderOf, readObject, within } from "../../../functions/lib/s3-folder.ts";
import { systemLog } from "../../../functions/lib/system-log.ts";
import { exportNameOf, readExport, type ExportedDay, type ExportName } from "../lib/export-file.ts";
import { Manifests, type Manifest } from "../lib/manifests.ts";
import { mergeDay } from "../lib/merge-day.ts";
import { loadedColumns, rowsOf, type LoadedPayment, type Payment } from "../lib/payments.ts";

type LoadDependencies = Pick<Dependencies, "s3" | "log">;

interface Loaded {
  readonly rowsIn: number;
  readonly rowsWritten: number;
  readonly rowsRejected: number;
  /** Rows that the stream alone had told. */
  readonly streamOnly: number;
}

interface Work extends ExportName, ExportedDay {
  readonly s3: S3;
  readonly table: Folder;
  readonly sources: readonly Folder[];
  readonly load: string;
}

/** Loads of one day that may come in between before this one gives up. */
const mostTries = 10;

/**
 * Does in the simulation what `scripts/load_day.py` does in Glue: the complete file of a day, what the stream has told of
 * the day, and what the load before has left become one file, and a manifest has it count.
 */
export const createHandler =
  ({ s3, log }: LoadDependencies): ((event: StandInEvent) => Promise<Loaded>) =>
  async ({ Arguments: args }) => {
    const table = folderOf(args["--output"], "argument --output");
    const sources = ["--live", "--late"].map((name) => folderOf(args[name], `argument ${name}`));
    const key = argument(args, "--key");
    const versionId = argument(args, "--version_id");
    const name = exportNameOf(key);
    const { Body } = await s3.getObject({
      Bucket: argument(args, "--bucket"),
      Key: key,
      ...(versionId !== "null" && { VersionId: versionId }),
    });
    const load = argument(args, "--load");
    const work = { s3, table, sources, load, ...name, ...(await readExport(Body, name.day)) };
    await keepRejected(work);
    const rows = await loadDay(work);
    const streamOnly = rows.filter(({ told_by: by }) => by === "stream").length;
    const rowsRejected = work.rejected.count;
    const rowsIn = work.payments.length + rowsRejected;
    const summary = { rowsIn, rowsWritten: rows.length, rowsRejected, streamOnly };
    await s3.putObject({
      Bucket: table.Bucket,
      Key: `${table.Prefix}_summary/execution=${argument(args, "--execution_name")}/summary.json`,
      Body: Buffer.from(JSON.stringify(summary)),
      ContentType: "application/json",
    });
    log({ level: "INFO", message: "loaded", ...name, ...summary });
    return summary;
  };

const argument = (args: StandInEvent["Arguments"], name: string): string => {
  const value = args[name];
  if (value === undefined || value === "") throw new Error(`argument ${name} is missing`);
  return value;
};

const loadDay = async (work: Work): Promise<readonly LoadedPayment[]> => {
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const rows = await tryLoad(work);
    if (rows !== undefined) return rows;
  }
  throw new Error(`${mostTries} other loads of ${work.day} have come in between`);
};

/**
 * Undefined: another load has come in between. Where it has deleted a file that was listed here, reading that fails the
 * run, and the next one begins with what counts then.
 */
const tryLoad = async ({ s3, table, day, ...work }: Work): Promise<readonly LoadedPayment[] | undefined> => {
  const manifests = new Manifests(s3, table, day);
  const before = await manifests.latest();
  const files = await filesOf(s3, work.sources, day);
  const streamed: Payment[] = [];
  for (const file of files) streamed.push(...(await readRows<Payment>(s3, file)));
  const isSuperseded = before !== undefined && before.revision > work.revision;
  const rows = mergeDay({
    loaded: before === undefined ? [] : await readRows<LoadedPayment>(s3, before.file),
    exported: isSuperseded ? undefined : work.payments,
    streamed,
  });
  const number = (before?.number ?? 0) + 1;
  const content = await writeParquet(loadedColumns, rowsOf(rows));
  // No two loads write one name but where they write the same.
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 16);
  const Key = `${table.Prefix}days/day=${day}/${String(number).padStart(10, "0")}-${hash}.parquet`;
  await s3.putObject({ Bucket: table.Bucket, Key, Body: content, ContentType: "application/vnd.apache.parquet" });
  const manifest: Manifest = {
    day,
    number,
    file: `s3://${table.Bucket}/${Key}`,
    revision: isSuperseded ? before.revision : work.revision,
    load: work.load,
    absorbed: [...files, ...(before === undefined ? [] : [before.file])],
  };
  if (await manifests.publish(manifest)) return rows;
  // One that came to the same may have published it; else nobody will ever read the file.
  const taken = (await manifests.all()).some(({ file }) => file === manifest.file);
  if (!taken) await s3.deleteObject({ Bucket: table.Bucket, Key });
  return undefined;
};

const filesOf = async (s3: S3, folders: readonly Folder[], day: string): Promise<readonly string[]> => {
  const lists = await Promise.all(folders.map((folder) => listFolder(s3, within(folder, `day=${day}/`))));
  return lists.flatMap((list, index) => list.map(({ Key }) => `s3://${folders[index]?.Bucket ?? ""}/${Key}`)).sort();
};

const readRows = async <Row extends Payment>(s3: S3, file: string): Promise<readonly Row[]> => {
  const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(file) ?? [];
  return (await readParquet(await readObject(s3, { Bucket, Key }))) as unknown as readonly Row[];
};

/** Writes the rows of the export that are no payments of its day, or takes those away that an earlier try has left. */
const keepRejected = async ({ s3, table, load, rejected }: Work): Promise<void> => {
  const location = { Bucket: table.Bucket, Key: `${table.Prefix}_rejected/execution=${load}/rejected.csv` };
  if (rejected.count === 0) await s3.deleteObject(location);
  else await s3.putObject({ ...location, Body: rejected.toBytes(), ContentType: "text/csv; charset=utf-8" });
};

export const handler = createHandler({ s3: createS3(), log: systemLog });

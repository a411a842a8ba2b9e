import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import { folderOf } from "../../../functions/lib/s3-folder.ts";
import { systemLog } from "../../../functions/lib/system-log.ts";
import { exportNameOf } from "../lib/export-file.ts";
import { Manifests } from "../lib/manifests.ts";

interface CleanUp {
  /** Of the export whose load is done. */
  readonly key: string;
  /** The execution that has loaded it, or that it went on from. */
  readonly load: string;
  /** `s3://` URI of the table's folder. */
  readonly table: string;
}

type CleanUpDependencies = Pick<Dependencies, "s3" | "log">;

/** Deletes the files that a load has absorbed: its manifest counts, so nobody reads them any more. */
export const createHandler =
  ({ s3, log }: CleanUpDependencies): ((event: CleanUp) => Promise<{ readonly deleted: number }>) =>
  async ({ key, load, table }) => {
    const { day } = exportNameOf(key);
    const manifests = await new Manifests(s3, folderOf(table, "table"), day).all();
    const files = new Set(manifests.filter((manifest) => manifest.load === load).flatMap(({ absorbed }) => absorbed));
    for (const file of files) {
      const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(file) ?? [];
      await s3.deleteObject({ Bucket, Key });
    }
    log({ level: "INFO", message: "cleaned up", day, load, deleted: files.size });
    return { deleted: files.size };
  };

export const handler = createHandler({ s3: createS3(), log: systemLog });

import { pathToFileURL } from "node:url";

export interface SparkSettingsOptions {
  /** Where each bucket's objects are staged, by the bucket's name. */
  readonly folders: Readonly<Record<string, string>>;
  /** Folder for what Spark spills. */
  readonly scratch: string;
  /** The job's own, which win. */
  readonly own: readonly (readonly [name: string, value: string])[];
}

/**
 * Spark's settings for a run, as the text of `spark-defaults.conf`. Hadoop has a file system that mounts folders under
 * the authorities of another scheme: with it `s3://bucket/key` is a file below the bucket's folder, and no jar is needed
 * that PySpark does not bring.
 */
export const sparkSettingsText = ({ folders, scratch, own }: SparkSettingsOptions): string => {
  const settings: readonly (readonly [string, string])[] = [
    ["spark.master", "local[2]"],
    ["spark.driver.host", "localhost"],
    ["spark.driver.bindAddress", "127.0.0.1"],
    ["spark.ui.enabled", "false"],
    ["spark.ui.showConsoleProgress", "false"],
    ["spark.local.dir", scratch],
    ["spark.sql.warehouse.dir", pathToFileURL(`${scratch}/warehouse`).href],
    ["spark.sql.shuffle.partitions", "4"],
    // As in Glue, which leaves no marker beside the data.
    ["spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs", "false"],
    ...["s3", "s3a", "s3n"].map((scheme) => [`spark.hadoop.fs.${scheme}.impl`, mounts] as const),
    ...Object.entries(folders).map(
      ([bucket, folder]) =>
        [`spark.hadoop.fs.viewfs.mounttable.${bucket}.linkFallback`, pathToFileURL(folder).href] as const,
    ),
    ...own.filter(([name]) => !fixed.has(name)),
  ];
  return settings.map(([name, value]) => `${name} ${value}\n`).join("");
};

const mounts = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme";

/** A script's wish cannot send Spark to another machine. */
const fixed = new Set(["spark.master", "spark.driver.host", "spark.driver.bindAddress"]);

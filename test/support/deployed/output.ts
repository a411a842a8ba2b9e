import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { readParquet, type ReadTable } from "../../functions/stand-ins/parquet-reader.ts";
import type { LandedFile } from "./files.ts";
import type { Clients } from "./deployed.ts";
import type { Outputs } from "../engine.ts";

/** What the job wrote for a file. */
export interface FileOutput {
  /** All of it, without what every key begins with: `processed/part-00000.parquet`. */
  readonly keys: readonly string[];
  readonly parquet: Uint8Array;
  readonly summary: Readonly<Record<string, number>>;
  readonly rejected?: string;
}

const folders = ["processed", "rejected", "summary"];

export async function outputOf(
  clients: Clients,
  { outputBucket = "" }: Outputs,
  { name }: Pick<LandedFile, "name">,
): Promise<FileOutput> {
  const keys: string[] = [];
  for (const folder of folders) {
    const prefix = `${folder}/execution=${name}/`;
    const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: outputBucket, Prefix: prefix }));
    keys.push(...Contents.map(({ Key = "" }) => Key.replace(`execution=${name}/`, "")));
  }
  const read = (key: string) => contentOf(clients, outputBucket, key.replace("/", `/execution=${name}/`));
  return {
    keys,
    parquet: await read("processed/part-00000.parquet"),
    summary: JSON.parse(Buffer.from(await read("summary/summary.json")).toString()) as Record<string, number>,
    ...(keys.includes("rejected/rejected.csv") && {
      rejected: Buffer.from(await read("rejected/rejected.csv")).toString(),
    }),
  };
}

/** The table that the job made of a file, as DuckDB reads it. */
export async function tableOf(
  clients: Clients,
  outputs: Outputs,
  file: Pick<LandedFile, "name">,
  select?: string,
): Promise<ReadTable> {
  return readParquet((await outputOf(clients, outputs, file)).parquet, select);
}

export async function contentOf(
  clients: Clients,
  bucket: string | undefined,
  key: string,
  versionId?: string,
): Promise<Uint8Array> {
  const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  if (Body === undefined) throw new Error(`${bucket ?? "–"}/${key} has no content`);
  return Body.transformToByteArray();
}

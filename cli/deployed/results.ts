import {
  GetObjectCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  type ListObjectsV2CommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { summaryKey } from "../../functions/lib/queued/rows.ts";
import type { StoredObject } from "../run/report.ts";

/** The job writes by execution, under these. */
const FOLDERS = ["processed", "rejected", "summary"];

/** What an execution has written so far. */
export async function objectsOf(s3: S3Client, bucket: string, executionName: string): Promise<readonly StoredObject[]> {
  const lists = await Promise.all(
    FOLDERS.map(async (folder) => {
      const found: StoredObject[] = [];
      const prefix = `${folder}/execution=${executionName}/`;
      for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
        found.push(...objectsInPage(bucket, page));
      }
      return found;
    }),
  );
  return lists.flat();
}

/** The first objects below a prefix. */
export async function objectsUnder(
  s3: S3Client,
  { bucket, prefix }: { readonly bucket: string; readonly prefix: string },
): Promise<readonly StoredObject[]> {
  return objectsInPage(bucket, await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix })));
}

const objectsInPage = (bucket: string, { Contents = [] }: ListObjectsV2CommandOutput): readonly StoredObject[] =>
  Contents.map(({ Key: key = "", Size: size = 0 }) => ({ bucket, key, size, path: `s3://${bucket}/${key}` }));

/** The content of an execution's summary, if it has written one. */
export async function summaryOf(s3: S3Client, bucket: string, executionName: string): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: summaryKey(executionName) }));
    return await Body?.transformToString();
  } catch (error) {
    if (error instanceof Error && ["NoSuchKey", "NotFound", "AccessDenied"].includes(error.name)) return undefined;
    throw error;
  }
}

import type { S3 } from "../../../functions/lib/aws.ts";

/** A prefix of a bucket. */
export interface S3Place {
  readonly Bucket: string;
  readonly prefix: string;
}

/** Reads an argument like `--output s3://bucket/prefix/`. */
export const placeFrom = (args: Readonly<Record<string, string>>, name: string): S3Place => {
  const [, Bucket, prefix] = /^s3:\/\/([^/]+)\/(.*)$/.exec(args[name] ?? "") ?? [];
  if (Bucket === undefined || prefix === undefined) {
    throw new Error(`argument ${name} must be an s3:// location, got ${args[name] ?? "nothing"}`);
  }
  return { Bucket, prefix };
};

export const readText = async (s3: S3, { Bucket, prefix: Key }: S3Place): Promise<string> => {
  const { Body } = await s3.getObject({ Bucket, Key });
  const pieces: Uint8Array[] = [];
  for await (const piece of Body) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
};

/** One JSON object a line. Nothing is written where there is none. */
export const writeLines = async (
  s3: S3,
  { Bucket, prefix }: S3Place,
  name: string,
  lines: readonly object[],
): Promise<void> => {
  if (lines.length === 0) return;
  const Body = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  await s3.putObject({ Bucket, Key: prefix + name, Body, ContentType: "application/x-ndjson" });
};

/** Names sort in the order of the batches. */
export const batchName = (number: number): string => `batch=${String(number).padStart(10, "0")}`;

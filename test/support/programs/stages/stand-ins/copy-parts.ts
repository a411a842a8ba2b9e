import type { Dependencies, S3 } from "../../../../../functions/lib/aws.ts";
import type { JobRunEvent } from "../../../../../functions/stand-ins/process-csv.ts";

type Arguments = JobRunEvent["Arguments"];

/**
 * Copies what it reads into one file, with the stage's name before each. Text that has `poison-STAGE` in
 * it makes that stage fail.
 */
export const createHandler =
  ({ s3 }: Pick<Dependencies, "s3">) =>
  async ({ Arguments: args }: JobRunEvent): Promise<object> => {
    const stage = args["--stage"] ?? "";
    const inputs = [args["--input"], args["--also"]].filter((uri) => uri !== undefined);
    const texts = await Promise.all(inputs.map((uri) => textsAt(s3, uri, args)));
    const parts = texts.flat();
    if (parts.some((text) => text.includes(`poison-${stage.toLowerCase()}`)))
      throw new Error(`${stage} cannot read this`);
    const { Bucket, Key: prefix } = placeOf(args["--output"] ?? "");
    const Key = `${prefix}part.txt`;
    await s3.putObject({ Bucket, Key, Body: Buffer.from(parts.map((text) => `${stage}(${text})`).join("")) });
    for (const key of await keysUnder(s3, Bucket, prefix)) {
      if (key !== Key) await s3.deleteObject({ Bucket, Key: key });
    }
    return { rowsWritten: parts.length };
  };

const textsAt = async (s3: S3, uri: string, args: Arguments): Promise<readonly string[]> => {
  const { Bucket, Key } = placeOf(uri);
  if (!Key.endsWith("/")) return [await textOf(s3, { Bucket, Key, VersionId: args["--version_id"] ?? "" })];
  const keys = await keysUnder(s3, Bucket, Key);
  return Promise.all(keys.map((key) => textOf(s3, { Bucket, Key: key })));
};

const textOf = async (s3: S3, object: Parameters<S3["getObject"]>[0]): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await s3.getObject(object)).Body) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8").trim();
};

const keysUnder = async (s3: S3, Bucket: string, Prefix: string): Promise<readonly string[]> =>
  ((await s3.listObjectsV2({ Bucket, Prefix })).Contents ?? []).flatMap(({ Key }) => Key ?? []);

const placeOf = (uri: string) => {
  const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/(.*)$/.exec(uri) ?? [];
  return { Bucket, Key };
};

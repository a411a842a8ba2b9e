import type { S3 } from "../../../functions/lib/aws.ts";
import type { Governance } from "./contract.ts";
import type { LineagePlace, RunEvent } from "./lineage.ts";
import type { Profile } from "./profile.ts";

/** What the state machine tells each function. */
export interface StageInput {
  readonly executionName: string;
  /** The execution that a replay goes on from, else the own. What is written goes by it, so that a replay overwrites. */
  readonly origin: string;
  readonly file: {
    readonly bucket: string;
    readonly key: string;
    readonly versionId: string;
    readonly size: number;
  };
  readonly contract: Governance;
}

/** Where the profiling job has written. */
export interface ProfilePlace {
  readonly bucket: string;
  readonly prefix: string;
}

export const readProfile = async (s3: Pick<S3, "getObject">, { bucket, prefix }: ProfilePlace): Promise<Profile> => {
  const { Body } = await s3.getObject({ Bucket: bucket, Key: `${prefix}profile.json` });
  const pieces: Uint8Array[] = [];
  for await (const piece of Body) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString("utf8")) as Profile;
};

/** Copies the landed version within S3, byte by byte, into a folder of the execution. */
export const copyLanded = async (
  s3: Pick<S3, "copyObject">,
  { file, origin, contract }: StageInput,
  to: { readonly bucket: string; readonly folder: "accepted" | "quarantine" },
): Promise<LineagePlace> => {
  const source = `${file.bucket}/${file.key.split("/").map(encodeURIComponent).join("/")}`;
  const name = file.key.slice(file.key.lastIndexOf("/") + 1);
  const key = `${to.folder}/${contract.dataset}/execution=${origin}/${name}`;
  await s3.copyObject({
    Bucket: to.bucket,
    Key: key,
    CopySource: file.versionId === "null" ? source : `${source}?versionId=${encodeURIComponent(file.versionId)}`,
    TaggingDirective: "REPLACE",
  });
  return { bucket: to.bucket, key };
};

export const putText = async (
  s3: Pick<S3, "putObject">,
  { bucket, key }: LineagePlace,
  text: string,
  ContentType: string,
): Promise<void> => {
  await s3.putObject({ Bucket: bucket, Key: key, Body: Buffer.from(text, "utf8"), ContentType });
};

/** One object for each event of a run: a second try overwrites. */
export const putLineage = async (
  s3: Pick<S3, "putObject">,
  { bucket, origin }: { readonly bucket: string; readonly origin: string },
  event: RunEvent,
): Promise<void> => {
  const key = `lineage/execution=${origin}/${event.eventType}.json`;
  await putText(s3, { bucket, key }, JSON.stringify(event), "application/json");
};

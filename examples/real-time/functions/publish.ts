import { createHash } from "node:crypto";
import { createKinesis } from "../../../functions/clients/kinesis.ts";
import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import { required } from "../../../functions/lib/environment.ts";
import { isRecord } from "../../../functions/lib/json.ts";
import { putAll, type Entry } from "../../../functions/lib/streaming/put-all.ts";
import { systemSleep } from "../../../functions/lib/system-clock.ts";
import { systemLog } from "../../../functions/lib/system-log.ts";

interface LandedFile {
  readonly bucket: string;
  readonly key: string;
  /** `null`: the bucket has no versions. */
  readonly versionId: string;
}

export interface Published {
  readonly events: number;
  /** How often a busy shard had a record sent again. */
  readonly turnedAway: number;
}

type PublishDependencies = Pick<Dependencies, "s3" | "kinesis" | "env" | "sleep" | "log">;

/**
 * Puts the lines of a file into a stream, one record each, with the user as the key: a user's events stay in order. A
 * line that is no event goes along; who reads the stream says what is wrong with it.
 */
export const createHandler =
  (deps: PublishDependencies): ((file: LandedFile) => Promise<Published>) =>
  async ({ bucket, key, versionId }) => {
    const { Body } = await deps.s3.getObject({
      Bucket: bucket,
      Key: key,
      ...(versionId !== "null" && { VersionId: versionId }),
    });
    const pieces: Uint8Array[] = [];
    for await (const piece of Body) pieces.push(piece);
    const lines = Buffer.concat(pieces)
      .toString("utf8")
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "");
    const { turnedAway } = await putAll(deps, required(deps.env, "STREAM_ARN"), lines.map(entryOf));
    deps.log({ level: "INFO", message: "published", key, events: lines.length, turnedAway });
    return { events: lines.length, turnedAway };
  };

const entryOf = (text: string): Entry => ({ key: userOf(text) ?? createHash("md5").update(text).digest("hex"), text });

const userOf = (text: string): string | undefined => {
  try {
    const event: unknown = JSON.parse(text);
    if (!isRecord(event) || typeof event.userId !== "string") return undefined;
    return event.userId.length > 0 && event.userId.length <= 256 ? event.userId : undefined;
  } catch {
    return undefined;
  }
};

export const handler = createHandler({
  s3: createS3(),
  kinesis: createKinesis(),
  env: process.env,
  sleep: systemSleep,
  log: systemLog,
});

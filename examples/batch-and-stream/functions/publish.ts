import { createHash } from "node:crypto";
import { createKinesis } from "../../../functions/clients/kinesis.ts";
import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import { required } from "../../../functions/lib/environment.ts";
import { readObject } from "../../../functions/lib/s3-folder.ts";
import { putAll } from "../../../functions/lib/streaming/put-all.ts";
import { systemSleep } from "../../../functions/lib/system-clock.ts";
import { systemLog } from "../../../functions/lib/system-log.ts";

interface LandedFile {
  readonly bucket: string;
  readonly key: string;
  /** `null`: the bucket has no versions. */
  readonly versionId: string;
}

export interface Published {
  readonly payments: number;
  /** How often a busy shard had a record sent again. */
  readonly turnedAway: number;
}

type PublishDependencies = Pick<Dependencies, "s3" | "kinesis" | "env" | "sleep" | "log">;

/** Puts the lines of a file into the stream, one record each, as the tills of the shops would. Who reads it judges them. */
export const createHandler =
  (deps: PublishDependencies): ((file: LandedFile) => Promise<Published>) =>
  async ({ bucket: Bucket, key: Key, versionId }) => {
    const version = versionId === "null" ? {} : { VersionId: versionId };
    const content = await readObject(deps.s3, { Bucket, Key, ...version });
    const lines = Buffer.from(content).toString("utf8").split(/\r?\n/);
    const entries = lines
      .filter((line) => line.trim() !== "")
      .map((text) => ({ key: createHash("md5").update(text).digest("hex"), text }));
    const { turnedAway } = await putAll(deps, required(deps.env, "STREAM_ARN"), entries);
    deps.log({ level: "INFO", message: "published", key: Key, payments: entries.length, turnedAway });
    return { payments: entries.length, turnedAway };
  };

export const handler = createHandler({
  s3: createS3(),
  kinesis: createKinesis(),
  env: process.env,
  sleep: systemSleep,
  log: systemLog,
});

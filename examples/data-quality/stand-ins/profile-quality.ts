import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import { systemLog } from "../../../functions/lib/system-log.ts";
import type { JobRunEvent } from "../../../functions/stand-ins/process-csv.ts";
import type { ProfilingContract } from "../lib/contract.ts";
import { profileCsv } from "../lib/profile-csv.ts";

/** What the run did, as it also stands in summary.json. */
export interface ProfileSummary {
  readonly rowsWritten: number;
  /** Malformed rows. */
  readonly rowsRejected: number;
  readonly passed: boolean;
}

/** Does in the simulation what `scripts/profile_quality.py` does in Glue. */
export function createHandler({
  s3,
  log,
}: Pick<Dependencies, "s3" | "log">): (event: JobRunEvent) => Promise<ProfileSummary> {
  return async ({ JobName, JobRunId, Arguments }) => {
    const argument = (name: `--${string}`): string => {
      const value = Arguments[name];
      if (value === undefined || value === "") throw new Error(`argument ${name} is missing`);
      return value;
    };
    const [, Bucket, prefix] = /^s3:\/\/([^/]+)\/(.+\/)$/.exec(argument("--output")) ?? [];
    if (Bucket === undefined || prefix === undefined) {
      throw new Error(`argument --output must be s3://BUCKET/PREFIX/, got ${argument("--output")}`);
    }
    const VersionId = argument("--version_id");
    const { Body } = await s3.getObject({
      Bucket: argument("--bucket"),
      Key: argument("--key"),
      ...(VersionId !== "null" && { VersionId }),
    });
    const contract = JSON.parse(argument("--contract")) as ProfilingContract;
    const profile = await profileCsv(Body, contract, argument("--as_of"));
    const summary = { rowsWritten: profile.rows, rowsRejected: profile.malformedRows, passed: profile.passed };
    for (const [name, content] of Object.entries({ "profile.json": profile, "summary.json": summary })) {
      const Body = Buffer.from(JSON.stringify(content));
      await s3.putObject({ Bucket, Key: `${prefix}${name}`, Body, ContentType: "application/json" });
    }
    log({ message: "profiled", JobName, JobRunId, ...summary });
    return summary;
  };
}

export const handler = createHandler({ s3: createS3(), log: systemLog });

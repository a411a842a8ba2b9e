import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import { required } from "../../../functions/lib/environment.ts";
import { isRecord } from "../../../functions/lib/json.ts";
import { systemClock } from "../../../functions/lib/system-clock.ts";
import { failEvent, type LineagePlace } from "../lib/lineage.ts";
import { putLineage } from "../lib/stage-input.ts";

/** What SNS hands to a function, as far as it is read. */
interface TopicEvent {
  readonly Records: readonly { readonly Sns: { readonly Message: string } }[];
}

/** Notes in the lineage that a run has failed or was stopped, when the pipeline's results tell of it. */
export function createHandler({
  s3,
  env,
  now,
}: Pick<Dependencies, "s3" | "env" | "now">): (event: TopicEvent) => Promise<null> {
  return async ({ Records }) => {
    for (const { Sns } of Records) {
      const result: unknown = JSON.parse(Sns.Message);
      if (!isRecord(result) || result.outcome !== "failed") continue;
      const origin = originOf(result);
      const run = {
        namespace: required(env, "NAMESPACE"),
        dataset: required(env, "DATASET"),
        origin,
        at: new Date(now()).toISOString(),
      };
      const failure = { file: fileIn(result.file), error: String(result.error), cause: String(result.cause) };
      await putLineage(s3, { bucket: required(env, "DATA_BUCKET"), origin }, failEvent(run, failure));
    }
    return null;
  };
}

/** A replay is the same run, going on. */
const originOf = ({ input, executionName }: Readonly<Record<string, unknown>>): string => {
  const resume = isRecord(input) ? input.resume : undefined;
  return isRecord(resume) && typeof resume.executionName === "string" ? resume.executionName : String(executionName);
};

const fileIn = (file: unknown): LineagePlace | undefined =>
  isRecord(file) && typeof file.bucket === "string" && typeof file.key === "string"
    ? { bucket: file.bucket, key: file.key }
    : undefined;

export const handler = createHandler({ s3: createS3(), env: process.env, now: systemClock });

import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import { required } from "../../../functions/lib/environment.ts";
import { systemClock } from "../../../functions/lib/system-clock.ts";
import { startEvent } from "../lib/lineage.ts";
import { putLineage, type StageInput } from "../lib/stage-input.ts";

/** Notes in the lineage that a run has begun. */
export function createHandler({
  s3,
  env,
  now,
}: Pick<Dependencies, "s3" | "env" | "now">): (input: StageInput) => Promise<null> {
  return async ({ origin, file, contract }) => {
    const run = {
      namespace: required(env, "NAMESPACE"),
      dataset: contract.dataset,
      origin,
      at: new Date(now()).toISOString(),
    };
    await putLineage(s3, { bucket: required(env, "DATA_BUCKET"), origin }, startEvent(run, file, contract));
    return null;
  };
}

export const handler = createHandler({ s3: createS3(), env: process.env, now: systemClock });

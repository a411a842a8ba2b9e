import { createDynamoDb } from "../../../functions/clients/dynamodb.ts";
import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import { required } from "../../../functions/lib/environment.ts";
import { systemClock } from "../../../functions/lib/system-clock.ts";
import { AcceptedSchemas } from "../lib/accepted-schemas.ts";
import { completeEvent, type LineagePlace } from "../lib/lineage.ts";
import { putReports } from "../lib/reports.ts";
import { copyLanded, putLineage, readProfile, type ProfilePlace, type StageInput } from "../lib/stage-input.ts";
import { schemaOf, type Verdict } from "../lib/verdict.ts";

type PublishInput = StageInput & { readonly profile: ProfilePlace; readonly verdict: Verdict };

/** What the pipeline's result tells of a file that was accepted. */
export interface Published {
  readonly quality: "accepted";
  readonly rows: number;
  readonly warnings: readonly string[];
  readonly schemaVersion: number;
  readonly accepted: LineagePlace;
  readonly report: LineagePlace;
}

/**
 * Accepts a file: first its schema, which may have been overtaken by another, then its bytes, the report and the lineage.
 * Doing it again does the same again.
 */
export function createHandler({
  s3,
  dynamoDb,
  env,
  now,
}: Pick<Dependencies, "s3" | "dynamoDb" | "env" | "now">): (input: PublishInput) => Promise<Published> {
  return async (input) => {
    const { contract, origin, file, verdict } = input;
    const bucket = required(env, "DATA_BUCKET");
    const at = new Date(now()).toISOString();
    const profile = await readProfile(s3, input.profile);
    const schemas = new AcceptedSchemas(dynamoDb, required(env, "SCHEMAS_TABLE"));
    const { accepted: schema, drift } = await schemas.accept(contract, schemaOf(profile), {
      executionName: origin,
      at,
    });
    const accepted = await copyLanded(s3, input, { bucket, folder: "accepted" });
    const report = await putReports(s3, bucket, {
      outcome: "accepted",
      at,
      origin,
      file,
      contract,
      profile,
      drift,
      schemaVersion: schema.version,
      reasons: [],
      warnings: verdict.warnings,
      copy: accepted,
    });
    const run = { namespace: required(env, "NAMESPACE"), dataset: contract.dataset, origin, at };
    const output = { bucket, key: `accepted/${contract.dataset}` };
    const event = completeEvent(run, { file, output, profile, governance: contract, schema: schema.schema });
    await putLineage(s3, { bucket, origin }, event);
    const { version: schemaVersion } = schema;
    return { quality: "accepted", rows: profile.rows, warnings: verdict.warnings, schemaVersion, accepted, report };
  };
}

export const handler = createHandler({
  s3: createS3(),
  dynamoDb: createDynamoDb(),
  env: process.env,
  now: systemClock,
});

import { createDynamoDb } from "../../../functions/clients/dynamodb.ts";
import { createS3 } from "../../../functions/clients/s3.ts";
import { createSns } from "../../../functions/clients/sns.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import { required } from "../../../functions/lib/environment.ts";
import { systemClock } from "../../../functions/lib/system-clock.ts";
import { AcceptedSchemas } from "../lib/accepted-schemas.ts";
import { completeEvent, type LineagePlace } from "../lib/lineage.ts";
import { putReports } from "../lib/reports.ts";
import { driftOf } from "../lib/schema-drift.ts";
import {
  copyLanded,
  putLineage,
  putText,
  readProfile,
  type ProfilePlace,
  type StageInput,
} from "../lib/stage-input.ts";
import { schemaOf, type Verdict } from "../lib/verdict.ts";

type QuarantineInput = StageInput & { readonly profile: ProfilePlace; readonly verdict: Verdict };

/** What the pipeline's result, and the data's owner, are told of a file that was not accepted. */
export interface Quarantined {
  readonly quality: "quarantined";
  readonly rows: number;
  readonly reasons: readonly string[];
  readonly quarantined: LineagePlace;
  readonly report: LineagePlace;
}

/** Sets a file apart, with the reasons beside it, and tells the data's owner. Doing it again tells again. */
export function createHandler({
  s3,
  dynamoDb,
  sns,
  env,
  now,
}: Pick<Dependencies, "s3" | "dynamoDb" | "sns" | "env" | "now">): (input: QuarantineInput) => Promise<Quarantined> {
  return async (input) => {
    const { contract, origin, file, verdict } = input;
    const { dataset } = contract;
    const bucket = required(env, "DATA_BUCKET");
    const at = new Date(now()).toISOString();
    const profile = await readProfile(s3, input.profile);
    const accepted = await new AcceptedSchemas(dynamoDb, required(env, "SCHEMAS_TABLE")).get(contract);
    const found = schemaOf(profile);

    const quarantined = await copyLanded(s3, input, { bucket, folder: "quarantine" });
    const told = { dataset, owner: contract.owner, file, executionName: input.executionName, at };
    const reasons = JSON.stringify({ ...told, reasons: verdict.reasons, sha256: profile.sha256 }, undefined, 2);
    await putText(s3, { bucket, key: `${quarantined.key}.reasons.json` }, reasons, "application/json");
    const report = await putReports(s3, bucket, {
      outcome: "quarantined",
      at,
      origin,
      file,
      contract,
      profile,
      drift: profile.unreadable === null ? driftOf(accepted?.schema, found, contract.drift) : undefined,
      schemaVersion: accepted?.version,
      reasons: verdict.reasons,
      warnings: verdict.warnings,
      copy: quarantined,
    });
    const run = { namespace: required(env, "NAMESPACE"), dataset, origin, at };
    const output = { bucket, key: `quarantine/${dataset}` };
    const event = completeEvent(run, { file, output, profile, governance: contract, schema: found });
    await putLineage(s3, { bucket, origin }, event);

    const { reasons: why } = verdict;
    const result = { quality: "quarantined", rows: profile.rows, reasons: why, quarantined, report } as const;
    await sns.publish({
      TopicArn: required(env, "FINDINGS_TOPIC_ARN"),
      Subject: `${dataset}: a file was quarantined`,
      Message: JSON.stringify({ ...told, ...result }),
      MessageAttributes: { dataset: { DataType: "String", StringValue: dataset } },
    });
    return result;
  };
}

export const handler = createHandler({
  s3: createS3(),
  dynamoDb: createDynamoDb(),
  sns: createSns(),
  env: process.env,
  now: systemClock,
});

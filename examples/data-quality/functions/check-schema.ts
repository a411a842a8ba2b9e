import { createDynamoDb } from "../../../functions/clients/dynamodb.ts";
import { createS3 } from "../../../functions/clients/s3.ts";
import type { Dependencies } from "../../../functions/lib/aws.ts";
import { required } from "../../../functions/lib/environment.ts";
import { AcceptedSchemas } from "../lib/accepted-schemas.ts";
import { readProfile, type ProfilePlace, type StageInput } from "../lib/stage-input.ts";
import { verdictOf, type Verdict } from "../lib/verdict.ts";

type CheckInput = StageInput & { readonly profile: ProfilePlace };

/** Judges a file by its profile and by the schema that was accepted last. */
export function createHandler({
  s3,
  dynamoDb,
  env,
}: Pick<Dependencies, "s3" | "dynamoDb" | "env">): (input: CheckInput) => Promise<Verdict> {
  return async ({ profile: place, contract }) => {
    const profile = await readProfile(s3, place);
    const accepted = await new AcceptedSchemas(dynamoDb, required(env, "SCHEMAS_TABLE")).get(contract);
    return verdictOf(profile, accepted?.schema, contract.drift);
  };
}

export const handler = createHandler({ s3: createS3(), dynamoDb: createDynamoDb(), env: process.env });

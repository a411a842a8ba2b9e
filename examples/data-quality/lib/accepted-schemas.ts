import type { DynamoDb } from "../../../functions/lib/aws.ts";
import { promisedSchema, type Governance } from "./contract.ts";
import { driftOf, type Drift, type Schema } from "./schema-drift.ts";

/** The schema that a data set's files were last accepted with. */
export interface AcceptedSchema {
  /** Counts from 1; 0: what the contract promises, as no file has been accepted yet. */
  readonly version: number;
  readonly schema: Schema;
}

/** Who accepted a schema, and when. */
interface Acceptance {
  readonly executionName: string;
  /** ISO 8601. */
  readonly at: string;
}

/** While a file was on its way, another schema was accepted that it does not go with. */
export class SchemaOvertakenError extends Error {
  override readonly name = "SchemaOvertakenError";
}

const mostTries = 5;

/** The accepted schemas: a table with an item for each data set. */
export class AcceptedSchemas {
  readonly #dynamoDb: Pick<DynamoDb, "getItem" | "putItem">;
  readonly #table: string;

  constructor(dynamoDb: Pick<DynamoDb, "getItem" | "putItem">, table: string) {
    this.#dynamoDb = dynamoDb;
    this.#table = table;
  }

  async get({ dataset, columns }: Pick<Governance, "dataset" | "columns">): Promise<AcceptedSchema | undefined> {
    const { Item } = await this.#dynamoDb.getItem({
      TableName: this.#table,
      Key: { Dataset: { S: dataset } },
      ConsistentRead: true,
    });
    if (Item?.Version?.N === undefined || Item.Schema?.S === undefined) {
      const promised = promisedSchema({ columns });
      return promised && { version: 0, schema: promised };
    }
    return { version: Number(Item.Version.N), schema: JSON.parse(Item.Schema.S) as Schema };
  }

  /**
   * Makes a file's schema the accepted one, unless another has become that since it was compared. Doing it twice is doing
   * it once.
   *
   * @throws SchemaOvertakenError when the schema does not go with the one accepted by now
   */
  async accept(
    contract: Governance,
    found: Schema,
    by: Acceptance,
  ): Promise<{ readonly accepted: AcceptedSchema; readonly drift: Drift }> {
    for (let tries = 0; tries < mostTries; tries++) {
      const before = await this.get(contract);
      const version = before?.version ?? 0;
      const drift = driftOf(before?.schema, found, contract.drift);
      if (!drift.passes) {
        throw new SchemaOvertakenError(
          `version ${version} of the schema of ${contract.dataset} was accepted meanwhile, and the file's schema does not go with it; upload the file again to have it judged by that`,
        );
      }
      if (before !== undefined && version > 0 && JSON.stringify(before.schema) === JSON.stringify(drift.merged)) {
        return { accepted: before, drift };
      }
      const accepted = { version: version + 1, schema: drift.merged };
      if (await this.#put(contract.dataset, accepted, by)) return { accepted, drift };
    }
    throw new Error(`the schema of ${contract.dataset} was changed by others ${mostTries} times in a row`);
  }

  /** False when somebody else was faster. */
  async #put(
    dataset: string,
    { version, schema }: AcceptedSchema,
    { executionName, at }: Acceptance,
  ): Promise<boolean> {
    try {
      await this.#dynamoDb.putItem({
        TableName: this.#table,
        Item: {
          Dataset: { S: dataset },
          Version: { N: String(version) },
          Schema: { S: JSON.stringify(schema) },
          ExecutionName: { S: executionName },
          AcceptedAt: { S: at },
        },
        ...(version === 1
          ? { ConditionExpression: "attribute_not_exists(Dataset)" }
          : {
              ConditionExpression: "#version = :before",
              ExpressionAttributeNames: { "#version": "Version" },
              ExpressionAttributeValues: { ":before": { N: String(version - 1) } },
            }),
      });
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
      throw error;
    }
  }
}

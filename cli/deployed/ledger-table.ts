import {
  BatchGetItemCommand,
  ScanCommand,
  type AttributeValue,
  type DynamoDBClient,
  type ScanCommandOutput,
} from "@aws-sdk/client-dynamodb";
import type { FileEntry, FileState } from "../../functions/lib/queued/file-entry.ts";
import { fileEntryOf, fileFilter, fileKey } from "../../functions/lib/queued/ledger-items.ts";
import { withPatience, type Patience } from "./retries.ts";

/** As many keys as BatchGetItem takes. */
const MOST_KEYS = 100;

/** Reads the ledger of a stack whose files wait in a queue. Changes nothing. */
export class LedgerTable {
  readonly #client: DynamoDBClient;
  readonly #name: string;

  constructor(client: DynamoDBClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /** All files, or those in certain states, in no order; as they are when their page is read. */
  async *scan(states: readonly FileState[] = []): AsyncGenerator<FileEntry> {
    let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
    do {
      const page: ScanCommandOutput = await this.#client.send(
        new ScanCommand({ TableName: this.#name, ...fileFilter(states), ConsistentRead: true, ExclusiveStartKey }),
      );
      for (const item of page.Items ?? []) yield fileEntryOf(item);
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }

  /** Those of them that the ledger has, in no order. */
  async find(names: readonly string[], patience: Patience): Promise<readonly FileEntry[]> {
    const found: FileEntry[] = [];
    for (let from = 0; from < names.length; from += MOST_KEYS) {
      let Keys: Record<string, AttributeValue>[] | undefined = names.slice(from, from + MOST_KEYS).map(fileKey);
      await withPatience(patience, async () => {
        const { Responses, UnprocessedKeys } = await this.#client.send(
          new BatchGetItemCommand({ RequestItems: { [this.#name]: { Keys, ConsistentRead: true } } }),
        );
        found.push(...(Responses?.[this.#name] ?? []).map(fileEntryOf));
        Keys = UnprocessedKeys?.[this.#name]?.Keys;
        return Keys === undefined || Keys.length === 0 ? undefined : `the table ${this.#name} is busy`;
      });
    }
    return found;
  }
}

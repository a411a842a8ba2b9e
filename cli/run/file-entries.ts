import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { FileEntry } from "../../functions/lib/queued/file-entry.ts";
import { fileEntryOf, fileFilter } from "../../functions/lib/queued/ledger-items.ts";
import type { Cloud } from "../../local/cloud.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";

interface Page {
  readonly Items?: readonly Readonly<Record<string, AttributeValue>>[];
  readonly LastEvaluatedKey?: Readonly<Record<string, AttributeValue>>;
}

/** What the ledger knows of files that wait in a queue; nothing where a program has no such ledger. */
export async function readFileEntries(
  { asUser }: Pick<Cloud, "asUser">,
  { outputs }: ResourceGraph,
): Promise<readonly FileEntry[]> {
  const { ledgerTable: TableName, arrivalQueueUrl } = outputs;
  if (typeof TableName !== "string" || typeof arrivalQueueUrl !== "string") return [];
  const entries: FileEntry[] = [];
  let ExclusiveStartKey: Page["LastEvaluatedKey"];
  do {
    const input = { TableName, ...fileFilter(), ...(ExclusiveStartKey && { ExclusiveStartKey }) };
    const page = (await asUser.call("dynamodb", "scan", input)) as Page;
    entries.push(...(page.Items ?? []).map((item) => fileEntryOf(item)));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return entries;
}

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { ledgerKeys, type FileEntry, type FileState } from "./file-entry.ts";

/** An item of the ledger's table. */
export type Item = Readonly<Record<string, AttributeValue>>;

/** Where a file's item is. */
export const fileKey = (name: string): Record<string, AttributeValue> => ({
  [ledgerKeys.hash]: { S: name },
  [ledgerKeys.range]: { S: ledgerKeys.file },
});

/** For a scan that gives files alone, those in certain states where some are named. */
export function fileFilter(states: readonly FileState[] = []): {
  readonly FilterExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Record<string, AttributeValue>;
} {
  const values = states.map((state, index) => [`:state${index}`, { S: state }] as const);
  const isListed = values.length === 0 ? "" : ` AND #state IN (${values.map(([name]) => name).join(", ")})`;
  return {
    FilterExpression: `#id = :file${isListed}`,
    ExpressionAttributeNames: { "#id": ledgerKeys.range, ...(isListed !== "" && { "#state": "State" }) },
    ExpressionAttributeValues: { ":file": { S: ledgerKeys.file }, ...Object.fromEntries(values) },
  };
}

/** A file's item, but for the time at which it may be forgotten. */
export function itemOf(entry: FileEntry): Record<string, AttributeValue> {
  const { name, file, state, generation, output } = entry;
  return {
    ...fileKey(name),
    State: { S: state },
    Generation: { N: String(generation) },
    Bucket: { S: file.bucket },
    Key: { S: file.key },
    VersionId: { S: file.versionId },
    Size: { N: String(file.size) },
    Sequencer: { S: file.sequencer },
    ...texts({ ExecutionName: entry.executionName, JobRunId: entry.jobRunId, Reason: entry.reason }),
    ...texts({ Error: entry.error, Cause: entry.cause, OutputBucket: output?.bucket, OutputPrefix: output?.prefix }),
    ...numbers({ ArrivedAt: entry.arrivedAt, StartedAt: entry.startedAt, EndedAt: entry.endedAt }),
    ...numbers({ Attempts: entry.attempts, RowsIn: entry.rowsIn }),
    ...numbers({ RowsWritten: entry.rowsWritten, RowsRejected: entry.rowsRejected }),
  };
}

/** What a file's item tells. Throws where it is no such item. */
export function fileEntryOf(item: Item): FileEntry {
  const text = (name: string): string => {
    const value = item[name]?.S;
    if (value !== undefined) return value;
    throw new Error(`The ledger's item must have a text ${name}, got ${JSON.stringify(item)}`);
  };
  const number = (name: string): number => Number(item[name]?.N ?? "0");
  const optionalText = (field: string, name: string) => item[name]?.S !== undefined && { [field]: item[name].S };
  const optionalNumber = (field: string, name: string) => item[name]?.N !== undefined && { [field]: number(name) };
  return {
    name: text(ledgerKeys.hash),
    file: {
      bucket: text("Bucket"),
      key: text("Key"),
      versionId: text("VersionId"),
      size: number("Size"),
      sequencer: text("Sequencer"),
    },
    state: text("State") as FileState,
    generation: number("Generation"),
    arrivedAt: number("ArrivedAt"),
    ...optionalText("executionName", "ExecutionName"),
    ...optionalNumber("startedAt", "StartedAt"),
    ...optionalNumber("endedAt", "EndedAt"),
    ...optionalNumber("attempts", "Attempts"),
    ...optionalText("jobRunId", "JobRunId"),
    ...(item.OutputBucket !== undefined && { output: { bucket: text("OutputBucket"), prefix: text("OutputPrefix") } }),
    ...optionalNumber("rowsIn", "RowsIn"),
    ...optionalNumber("rowsWritten", "RowsWritten"),
    ...optionalNumber("rowsRejected", "RowsRejected"),
    ...optionalText("reason", "Reason"),
    ...optionalText("error", "Error"),
    ...optionalText("cause", "Cause"),
  };
}

function texts(fields: Readonly<Record<string, string | undefined>>): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, { S: value }]])),
  );
}

function numbers(fields: Readonly<Record<string, number | undefined>>): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, { N: String(value) }]])),
  );
}

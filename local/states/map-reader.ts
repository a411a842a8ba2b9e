import { parse } from "csv-parse/sync";
import { bytesOf } from "../services/bytes.ts";
import type { ListObjectsOutput } from "../services/list-objects.ts";
import { ServiceError } from "../services/service.ts";
import { isObject } from "./jsonata/values.ts";
import { StatesError } from "./machine.ts";
import type { MapRuns } from "./map-runs.ts";
import type { ReaderPlan } from "./plan.ts";
import { shown } from "./problems.ts";
import type { Visit } from "./visit.ts";

/** Items that a Map reads at the most. */
const MAX_ITEMS = 100_000_000;

/** Reads a distributed Map's items from S3. Throws States.ItemReaderFailed. */
export async function readItems(visit: Visit, reader: ReaderPlan, runs: MapRuns): Promise<readonly unknown[]> {
  const env = visit.env();
  const args = await visit.value(reader.arguments, env);
  const asked = await visit.number(reader.maxItems, env, { min: 0, max: MAX_ITEMS });
  const most = asked === undefined || asked === 0 ? MAX_ITEMS : asked;
  if (!isObject(args)) throw failed(`the Arguments of an ItemReader must be an object, got ${shown(args)}`);
  try {
    if (reader.operation === "listObjectsV2") return await listObjects(runs, args, most);
    const { Body } = (await runs.s3("getObject", args)) as { Body: AsyncIterable<Uint8Array> };
    return entriesOf((await bytesOf(Body)).toString("utf8"), reader).slice(0, most);
  } catch (error) {
    if (error instanceof ServiceError) throw failed(`${error.message} (${error.name})`);
    throw error;
  }
}

async function listObjects(runs: MapRuns, args: object, most: number): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = { ...args, ...(ContinuationToken !== undefined && { ContinuationToken }) };
    const { Contents = [], NextContinuationToken } = (await runs.s3("listObjectsV2", page)) as ListObjectsOutput;
    for (const { ETag, Key, LastModified, Size, StorageClass } of Contents) {
      // An item spells and counts some of it in its own way.
      items.push({ Etag: ETag, Key, LastModified: Math.floor(LastModified.getTime() / 1000), Size, StorageClass });
    }
    ContinuationToken = NextContinuationToken;
  } while (ContinuationToken !== undefined && items.length < most);
  return items.slice(0, most);
}

function entriesOf(text: string, reader: ReaderPlan): readonly unknown[] {
  switch (reader.inputType) {
    case "JSONL":
      return text.split("\n").flatMap((line, index) => (line.trim() === "" ? [] : [json(line, `line ${index + 1}`)]));
    case "CSV":
      return csvRows(text, reader);
    default: {
      const value = json(text, "the object");
      if (Array.isArray(value)) return value as readonly unknown[];
      if (isObject(value)) return Object.entries(value).map(([Key, Value]) => ({ Key, Value }));
      throw failed(`the object must hold an array or an object as JSON, got ${shown(value)}`);
    }
  }
}

function json(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw failed(`${what} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Each row as an object of texts; what a row lacks is empty, what it has beyond the headers is left out. */
function csvRows(text: string, { delimiter, headers }: ReaderPlan): readonly unknown[] {
  let rows: string[][];
  try {
    rows = parse(text, { delimiter, bom: true, relax_column_count: true, skip_empty_lines: true });
  } catch (error) {
    throw failed(`the object is no CSV: ${error instanceof Error ? error.message : String(error)}`);
  }
  const names = headers ?? rows.shift() ?? [];
  if (new Set(names).size < names.length) throw failed("CSV headers cannot contain duplicates.");
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? ""])));
}

const failed = (cause: string): StatesError => new StatesError("States.ItemReaderFailed", cause);

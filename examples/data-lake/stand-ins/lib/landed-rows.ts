import { columnsOf } from "../../../../functions/lib/csv/columns.ts";
import { readRecords } from "../../../../functions/lib/csv/records.ts";
import { RejectedRows } from "../../../../functions/lib/csv/rejected-rows.ts";
import { toRow } from "../../../../functions/lib/csv/rows.ts";
import { UnreadableFileError } from "../../../../functions/lib/csv/unreadable-file-error.ts";
import { utf8Text } from "../../../../functions/lib/csv/utf8-text.ts";
import { isRecord } from "../../../../functions/lib/json.ts";
import { fields } from "./tables.ts";

type Field = (typeof fields)[number];

/** A row as it landed: text, but for the line. */
export type RawRow = Readonly<Record<Field | "source", string>> & { readonly line: bigint };

export interface LandedRows {
  readonly rows: readonly RawRow[];
  readonly rejected: RejectedRows;
}

/** Reads CSV, or JSON with an object a line, by the key's extension. Fields that are none of an order are left out. */
export async function readLanded(key: string, content: AsyncIterable<Uint8Array>): Promise<LandedRows> {
  const found = { rows: [] as RawRow[], rejected: new RejectedRows() };
  const take = (line: number, values: ReadonlyMap<string, string>, text: () => string): void => {
    if ((values.get("order_id") ?? "").trim() === "") found.rejected.add(line, "order_id is empty", text());
    else found.rows.push(rawRow(key, line, values));
  };
  const reject = (line: number, reason: string, text: string): void => {
    found.rejected.add(line, reason, text);
  };
  if (/\.jsonl?$/i.test(key)) await readJsonLines(content, take, reject);
  else await readCsv(content, take, reject);
  return found;
}

type Take = (line: number, values: ReadonlyMap<string, string>, text: () => string) => void;
type Reject = (line: number, reason: string, text: string) => void;

async function readCsv(content: AsyncIterable<Uint8Array>, take: Take, reject: Reject): Promise<void> {
  let columns: ReturnType<typeof columnsOf> | undefined;
  await readRecords(utf8Text(content), (record) => {
    if (columns === undefined) {
      columns = columnsOf(record, new Map());
      refuseMissing(new Set(columns.map(({ name }) => name)));
      return;
    }
    const row = toRow(record, columns);
    if ("reason" in row) {
      reject(record.line, row.reason, record.text());
      return;
    }
    const values = new Map(columns.map(({ name }, index) => [name, String(row.cells[index] ?? "")]));
    take(record.line, values, () => record.text());
  });
  if (columns === undefined) throw new UnreadableFileError("the file has no header row, only blank lines");
}

async function readJsonLines(content: AsyncIterable<Uint8Array>, take: Take, reject: Reject): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of utf8Text(content)) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString("utf8").split(/\r?\n/);
  for (const [index, text] of lines.entries()) {
    if (text.trim() === "") continue;
    const values = valuesOf(text);
    if (typeof values === "string") reject(index + 1, values, text);
    else take(index + 1, values, () => text);
  }
}

/** The values of an order, or what is wrong with the line. */
function valuesOf(text: string): ReadonlyMap<string, string> | string {
  let found: unknown;
  try {
    found = JSON.parse(text) as unknown;
  } catch {
    return "not JSON";
  }
  if (!isRecord(found)) return "not a JSON object";
  const values = new Map<string, string>();
  for (const name of fields) {
    const value = found[name];
    if (typeof value === "string") values.set(name, value);
    else if (typeof value === "number") values.set(name, String(value));
    else return `${name} is neither text nor number`;
  }
  return values;
}

function refuseMissing(names: ReadonlySet<string>): void {
  const missing = fields.filter((name) => !names.has(name));
  if (missing.length > 0) throw new UnreadableFileError(`the file has no column ${missing.join(", ")}`);
}

function rawRow(source: string, line: number, values: ReadonlyMap<string, string>): RawRow {
  const named = Object.fromEntries(fields.map((name) => [name, values.get(name) ?? ""])) as Record<Field, string>;
  return { ...named, source, line: BigInt(line) };
}

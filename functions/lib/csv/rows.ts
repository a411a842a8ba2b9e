import { parseCell, type Cell } from "./cells.ts";
import type { Column } from "./columns.ts";
import type { CsvRecord } from "./records.ts";

/** What came of a record: a row of the table, or the reason why it is none. */
export type Row = { readonly cells: readonly Cell[] } | { readonly reason: string };

/** Checks a record against the columns. */
export function toRow(record: CsvRecord, columns: readonly Column[]): Row {
  const { fields } = record;
  if (!record.wellQuoted) return { reason: "text after a closing quote" };
  if (fields.length !== columns.length) {
    return { reason: `expected ${count(columns.length)}, got ${fields.length}` };
  }
  const cells: Cell[] = [];
  for (const { name, type } of columns) {
    const cell = parseCell(type, fields[cells.length] ?? "");
    if (cell === undefined) return { reason: `column "${name}": not a ${type}` };
    cells.push(cell);
  }
  return { cells };
}

function count(fields: number): string {
  return fields === 1 ? "1 field" : `${fields} fields`;
}

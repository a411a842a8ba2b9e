import type { Column } from "../../../functions/lib/csv/columns.ts";
import { columnsOf } from "../../../functions/lib/csv/columns.ts";
import { readRecords } from "../../../functions/lib/csv/records.ts";
import { RejectedRows } from "../../../functions/lib/csv/rejected-rows.ts";
import { toRow } from "../../../functions/lib/csv/rows.ts";
import { UnreadableFileError } from "../../../functions/lib/csv/unreadable-file-error.ts";
import { utf8Text } from "../../../functions/lib/csv/utf8-text.ts";
import { dayOf, paymentColumns, paymentOf, paymentTypes, type Payment } from "./payments.ts";

/** What the name of an export says. */
export interface ExportName {
  readonly day: string;
  /** An export that corrects another has a higher one. */
  readonly revision: number;
}

/** `…2026-01-05.csv`, or `…2026-01-05-r2.csv` for one that corrects it. */
export const exportNameOf = (key: string): ExportName => {
  const [, day, revision = "1"] = /(\d{4}-\d{2}-\d{2})(?:-r(\d+))?\.csv$/i.exec(key) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(day))) {
    throw new UnreadableFileError(`${key}: its name must end with the day, like 2026-01-05.csv or 2026-01-05-r2.csv`);
  }
  return { day, revision: Number(revision) };
};

export interface ExportedDay {
  readonly payments: readonly Payment[];
  readonly rejected: RejectedRows;
}

/** Reads the complete file of a day. Of a payment that is in it twice the first row is taken, the other is rejected. */
export const readExport = async (content: AsyncIterable<Uint8Array>, day: string): Promise<ExportedDay> => {
  const payments = new Map<string, Payment>();
  const rejected = new RejectedRows();
  let columns: readonly Column[] | undefined;
  await readRecords(utf8Text(content), (record) => {
    if (columns === undefined) {
      refuseMissing(columnsOf(record, new Map()));
      columns = columnsOf(record, paymentTypes);
      return;
    }
    const row = toRow(record, columns);
    const cells = "cells" in row ? row.cells : [];
    const payment =
      "reason" in row ? row.reason : paymentOf(Object.fromEntries(columns.map(({ name }, at) => [name, cells[at]])));
    if (typeof payment === "string") rejected.add(record.line, payment, record.text());
    else if (dayOf(payment) !== day) rejected.add(record.line, `paid_at is not of ${day}`, record.text());
    else if (payments.has(payment.payment_id)) rejected.add(record.line, "payment_id comes again", record.text());
    else payments.set(payment.payment_id, payment);
  });
  if (columns === undefined) throw new UnreadableFileError("the file has no header row, only blank lines");
  return { payments: [...payments.values()], rejected };
};

const refuseMissing = (columns: readonly Column[]): void => {
  const names = new Set(columns.map(({ name }) => name));
  const missing = paymentColumns.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new UnreadableFileError(`the file has no column ${missing.join(", ")}`);
};

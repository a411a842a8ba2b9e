import { parse } from "csv-parse/sync";
import { createS3 } from "../../../functions/clients/s3.ts";
import type { S3 } from "../../../functions/lib/aws.ts";
import { UnreadableFileError } from "../../../functions/lib/csv/unreadable-file-error.ts";
import type { StandInEvent } from "../../../functions/lib/glue.ts";
import { folderOf, readObject } from "../../../functions/lib/s3-folder.ts";

export interface RevenueSummary {
  readonly rowsWritten: number;
  readonly rowsRejected: number;
}

const columns = ["product", "quantity", "unit_price"] as const;

/** Does in the simulation what `scripts/revenue.py` does in Glue: the sum of the orders by product, as CSV. */
export function createHandler({ s3 }: { readonly s3: S3 }): (event: StandInEvent) => Promise<RevenueSummary> {
  return async ({ Arguments }) => {
    const { "--bucket": Bucket = "", "--key": Key = "" } = Arguments;
    const text = Buffer.from(await readObject(s3, { Bucket, Key })).toString("utf8");
    const [header = [], ...rows] = parse(text, { relax_column_count: true, relax_quotes: true, bom: true });
    const missing = columns.filter((name) => !header.includes(name));
    if (missing.length > 0) throw new UnreadableFileError(`the file has no column ${missing.join(", ")}`);
    const [product, quantity, price] = columns.map((name) => header.indexOf(name)) as [number, number, number];
    const cents = new Map<string, number>();
    let rejected = 0;
    for (const row of rows) {
      const value = Math.round(numberIn(row[quantity]) * numberIn(row[price]) * 100);
      const name = row[product] ?? "";
      if (Number.isNaN(value)) rejected++;
      else cents.set(name, (cents.get(name) ?? 0) + value);
    }
    const lines = [...cents].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sum]) => `${quoted(name)},${sum}`);
    const summary = { rowsWritten: lines.length, rowsRejected: rejected };
    const output = folderOf(Arguments["--output"], "--output");
    const put = (name: string, body: string) =>
      s3.putObject({ Bucket: output.Bucket, Key: `${output.Prefix}${name}`, Body: Buffer.from(body) });
    await put("revenue.csv", `product,revenue_cents\n${lines.join("\n")}\n`);
    await put("summary.json", JSON.stringify(summary));
    return summary;
  };
}

/** NaN for what is no number; text without anything in it is none either. */
const numberIn = (cell = ""): number => (cell.trim() === "" ? NaN : Number(cell));

const quoted = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

export const handler = createHandler({ s3: createS3() });

import type { Paint, Tone } from "./style.ts";
import { padEnd, truncateMiddle, width } from "./text.ts";

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: "left" | "right";
  readonly tone?: (row: Row) => Tone;
  /** Gives way, down to ten columns, when the table is wider than the terminal. */
  readonly flexible?: boolean;
}

const GAP = "  ";
const NARROWEST = 10;

/** A table as lines no wider than `columns`, as far as its flexible columns allow. */
export function table<Row>(
  rows: readonly Row[],
  shape: readonly Column<Row>[],
  columns: number,
  paint: Paint,
): readonly string[] {
  const cells = rows.map((row) => shape.map((column) => column.value(row)));
  const wanted = shape.map((column, index) =>
    Math.max(width(column.title), ...cells.map((row) => width(row[index] ?? ""))),
  );
  const widths = fit(wanted, shape, columns - GAP.length * (shape.length - 1));
  const line = (texts: readonly string[], tone: (index: number) => Tone): string =>
    texts
      .map((text, index) => {
        const size = widths[index] ?? 0;
        const cut = truncateMiddle(text, size);
        const isLast = index === texts.length - 1;
        const missing = " ".repeat(Math.max(0, size - width(cut)));
        const padded = shape[index]?.align === "right" ? missing + cut : isLast ? cut : padEnd(cut, size);
        return paint(tone(index), padded);
      })
      .join(GAP)
      .trimEnd();
  return [
    line(
      shape.map(({ title }) => title),
      () => "dim",
    ),
    ...rows.map((row, index) => line(cells[index] ?? [], (column) => shape[column]?.tone?.(row) ?? "plain")),
  ];
}

/** Takes what is too much from the flexible columns, the widest first. */
function fit<Row>(wanted: readonly number[], shape: readonly Column<Row>[], room: number): readonly number[] {
  const widths = [...wanted];
  let excess = widths.reduce((sum, size) => sum + size, 0) - room;
  while (excess > 0) {
    let widest = -1;
    shape.forEach((column, index) => {
      const size = widths[index] ?? 0;
      if (column.flexible === true && size > NARROWEST && size > (widths[widest] ?? 0)) widest = index;
    });
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
  return widths;
}

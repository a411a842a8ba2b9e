import type { FileSummary } from "../render/summary.ts";
import { at, parsed } from "./json.ts";
import type { StoredObject } from "./report.ts";

/** How objects are found and read, where they are. */
export interface ObjectPlaces {
  /** As a person would write it. */
  readonly nameOf: (object: StoredObject) => string;
  /** A small object's content, if it can be had. */
  readonly contentOf: (object: StoredObject) => string | undefined;
}

/** Row counts, from the summary that the job wrote beside its output. */
export function rowsOf(own: readonly StoredObject[], places: ObjectPlaces): RowCounts {
  const summary = own.find(({ key }) => key.endsWith("/summary.json"));
  return summary === undefined ? {} : rowCounts(places.contentOf(summary));
}

export type RowCounts = Pick<FileSummary, "rowsWritten" | "rowsRejected">;

/** The counts in a job's summary. */
export function rowCounts(summary: string | undefined): RowCounts {
  const content = parsed(summary);
  const rowsWritten = at(content, "rowsWritten");
  const rowsRejected = at(content, "rowsRejected");
  return {
    ...(typeof rowsWritten === "number" ? { rowsWritten } : {}),
    ...(typeof rowsRejected === "number" ? { rowsRejected } : {}),
  };
}

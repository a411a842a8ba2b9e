import type { CsvRecord } from "../../../functions/lib/csv/records.ts";
import { shown } from "./distinct-values.ts";
import type { RuleResult } from "./profile.ts";

const mostExamples = 5;

/** A rule about each cell of a column: how many break it, and the first of them. */
export class RowRule {
  readonly #position: number;
  readonly #holds: (text: string) => boolean;
  readonly #masked: boolean;
  readonly examples: RuleResult["examples"][number][] = [];
  failed = 0;

  constructor(position: number, holds: (text: string) => boolean, masked: boolean) {
    this.#position = position;
    this.#holds = holds;
    this.#masked = masked;
  }

  add({ line, fields }: Pick<CsvRecord, "line" | "fields">): void {
    const text = fields[this.#position] ?? "";
    if (this.#holds(text)) return;
    this.failed += 1;
    if (this.examples.length < mostExamples) this.examples.push({ line, value: this.#masked ? null : shown(text) });
  }
}

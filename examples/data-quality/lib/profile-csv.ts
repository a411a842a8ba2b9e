import { createHash } from "node:crypto";
import { columnsOf } from "../../../functions/lib/csv/columns.ts";
import { readRecords, type CsvRecord } from "../../../functions/lib/csv/records.ts";
import { UnreadableFileError } from "../../../functions/lib/csv/unreadable-file-error.ts";
import { utf8Text } from "../../../functions/lib/csv/utf8-text.ts";
import { cellCheck, momentOf } from "./cell-checks.ts";
import { ColumnProfiler } from "./column-profiler.ts";
import type { ProfilingContract } from "./contract.ts";
import { judge, malformedRows } from "./judge.ts";
import type { Profile } from "./profile.ts";
import { RowRule } from "./row-rule.ts";
import type { RuleType } from "./rule.ts";

const examples = 5;

const aboutDistinctValues: readonly RuleType[] = [
  "IsUnique",
  "IsPrimaryKey",
  "Uniqueness",
  "UniqueValueRatio",
  "DistinctValuesCount",
];

type Findings = Pick<Profile, "unreadable" | "rows" | "malformedRows" | "columns" | "rules">;

/**
 * Reads a CSV file to its end. A file that is no CSV is a finding and no failure. Does what
 * `scripts/profile_quality.py` does, number by number.
 */
export const profileCsv = async (
  chunks: AsyncIterable<Uint8Array>,
  contract: ProfilingContract,
  asOf: string,
): Promise<Profile> => {
  const now = momentOf(asOf);
  if (now === undefined) throw new Error(`argument --as_of must be a time like 2026-01-01T00:00:00Z, got ${asOf}`);
  const content = new Content(chunks);
  const findings = await readTable(content, new TableProfiler(contract, now));
  await content.drain();
  return {
    dataset: contract.dataset,
    asOf,
    bytes: content.bytes,
    sha256: content.sha256(),
    passed:
      findings.unreadable === null && findings.rules.every(({ passed, severity }) => passed || severity === "warning"),
    ...findings,
  };
};

const readTable = async (content: Content, table: TableProfiler): Promise<Findings> => {
  try {
    await readRecords(utf8Text(content.read()), (record) => {
      table.add(record);
    });
    return table.findings();
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    return { unreadable: error.message, rows: 0, malformedRows: 0, columns: [], rules: [] };
  }
};

/** A file's bytes, counted and hashed as they pass; whoever stops reading leaves the rest to be drained. */
class Content {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #hash = createHash("sha256");
  bytes = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (let next = await this.#chunks.next(); next.done !== true; next = await this.#chunks.next()) {
      this.bytes += next.value.length;
      this.#hash.update(next.value);
      yield next.value;
    }
  }

  async drain(): Promise<void> {
    const rest = this.read();
    while ((await rest.next()).done !== true);
  }

  sha256(): string {
    return this.#hash.digest("hex");
  }
}

/** The first record is the header; each one after it is a row, or malformed. */
class TableProfiler {
  readonly #contract: ProfilingContract;
  readonly #now: bigint;
  #columns: readonly ColumnProfiler[] | undefined;
  #rowRules: ReadonlyMap<number, RowRule> = new Map();
  #rows = 0;
  #malformed = 0;
  readonly #malformedLines: number[] = [];

  constructor(contract: ProfilingContract, now: bigint) {
    this.#contract = contract;
    this.#now = now;
  }

  add(record: CsvRecord): void {
    if (this.#columns === undefined) {
      this.#begin(record);
    } else if (!record.wellQuoted || record.fields.length !== this.#columns.length) {
      this.#malformed += 1;
      if (this.#malformedLines.length < examples) this.#malformedLines.push(record.line);
    } else {
      this.#rows += 1;
      for (const [position, column] of this.#columns.entries()) column.add(record.fields[position] ?? "");
      for (const rule of this.#rowRules.values()) rule.add(record);
    }
  }

  findings(): Findings {
    const columns = this.#columns;
    if (columns === undefined) throw new UnreadableFileError("the file has no header row, only blank lines");
    const table = { rows: this.#rows, columns };
    const { rules, maxMalformedRows } = this.#contract;
    return {
      unreadable: null,
      rows: this.#rows,
      malformedRows: this.#malformed,
      columns: columns.map((column) => column.describe()),
      rules: [
        malformedRows(this.#malformed, this.#malformedLines, maxMalformedRows),
        ...rules.map((rule, index) => judge(rule, this.#rowRules.get(index), table)),
      ],
    };
  }

  #begin(header: CsvRecord): void {
    const { rules, masked } = this.#contract;
    const names = columnsOf(header, new Map()).map(({ name }) => name);
    const watched = new Set(rules.filter(({ type }) => aboutDistinctValues.includes(type)).map(({ column }) => column));
    this.#columns = names.map(
      (name) => new ColumnProfiler(name, { isMasked: masked.includes(name), isWatched: watched.has(name) }),
    );
    this.#rowRules = new Map(
      rules.flatMap((rule, index) => {
        const holds = cellCheck(rule, this.#now);
        const position = rule.column === undefined ? -1 : names.indexOf(rule.column);
        if (holds === undefined || position < 0) return [];
        return [[index, new RowRule(position, holds, masked.includes(names[position] ?? ""))] as const];
      }),
    );
  }
}

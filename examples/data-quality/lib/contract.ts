import { COLUMN_TYPES, type ColumnType } from "../../../functions/lib/csv/cells.ts";
import { isRecord } from "../../../functions/lib/json.ts";
import { driftModes, type DriftMode, type Schema } from "./schema-drift.ts";
import { DqdlError } from "./dqdl-tokens.ts";
import { parseRules } from "./dqdl.ts";
import type { Rule } from "./rule.ts";

/** What a data set's owner promises of it, and who that is. */
export interface DataContract {
  readonly dataset: string;
  readonly description: string;
  readonly owner: string;
  /** Which changes of the schema are let through. */
  readonly drift: DriftMode;
  /** Rows with another number of fields than the header, or with text after a closing quote. */
  readonly maxMalformedRows: number;
  readonly columns: Readonly<Record<string, ColumnContract>>;
  readonly rules: readonly Rule[];
}

// No interface: it is a value in a state machine.
export type ColumnContract = Readonly<{
  /** Where all columns have one, they are the schema that the first file is compared with. */
  type?: ColumnType;
  description?: string;
  /** Classification. Values of a column with the tag PII are shown nowhere. */
  tags?: readonly string[];
}>;

/** What of a contract the stages behind the profile go by; the rules have been judged by then. */
export type Governance = Omit<DataContract, "rules" | "maxMalformedRows">;

/** What of it the profiling job goes by. */
export interface ProfilingContract extends Pick<DataContract, "dataset" | "maxMalformedRows" | "rules"> {
  readonly masked: readonly string[];
}

export const governanceOf = ({ dataset, description, owner, drift, columns }: DataContract): Governance => ({
  dataset,
  description,
  owner,
  drift,
  columns,
});

/** The schema that a contract promises, if it does. */
export const promisedSchema = ({ columns }: Pick<Governance, "columns">): Schema | undefined => {
  const promised = Object.entries(columns).map(([name, { type }]) => ({ name, type: type ?? null }));
  return promised.length > 0 && promised.every(({ type }) => type !== null) ? promised : undefined;
};

export const profilingContractOf = (contract: DataContract): ProfilingContract => ({
  dataset: contract.dataset,
  maxMalformedRows: contract.maxMalformedRows,
  masked: Object.entries(contract.columns).flatMap(([name, { tags = [] }]) => (tags.includes("PII") ? [name] : [])),
  rules: contract.rules,
});

/**
 * Reads a contract: its JSON, and its rules in DQDL.
 *
 * @throws Error naming all that is wrong
 */
export const parseContract = (json: string, dqdl: string): DataContract => {
  const value: unknown = JSON.parse(json);
  if (!isRecord(value)) throw new Error("The data contract must be a JSON object");
  const problems: string[] = [];
  const take = <Value>(field: string, isRight: (found: unknown) => found is Value, allowed: string): Value => {
    const found = value[field];
    if (!isRight(found))
      problems.push(`${field} must be ${allowed}, got ${found === undefined ? "nothing" : JSON.stringify(found)}`);
    return found as Value;
  };
  const contract = {
    dataset: take("dataset", isName, "1 to 40 lower-case letters, digits and _, the first a letter"),
    description: take("description", isText, "a text"),
    owner: take("owner", isOwner, 'a URN such as "team:sales"'),
    drift: take("drift", isDriftMode, driftModes.join(", ")),
    maxMalformedRows: take("maxMalformedRows", isCount, "a whole number from 0"),
    columns: take("columns", isColumns, "an object from column to { type, description, tags }"),
    rules: rulesOf(dqdl, problems),
  };
  if (problems.length > 0)
    throw new Error(`The data contract is wrong:\n${problems.map((text) => `- ${text}`).join("\n")}`);
  return contract;
};

const rulesOf = (dqdl: string, problems: string[]): readonly Rule[] => {
  try {
    return parseRules(dqdl);
  } catch (error) {
    if (!(error instanceof DqdlError)) throw error;
    problems.push(`the rules, ${error.message}`);
    return [];
  }
};

const isText = (found: unknown): found is string => typeof found === "string";
/** A part of keys and of the table's key. */
const isName = (found: unknown): found is string => isText(found) && /^[a-z][a-z0-9_]{0,39}$/.test(found);
const isOwner = (found: unknown): found is string => isText(found) && /^[a-z]+:\S+$/.test(found);
const isCount = (found: unknown): found is number => Number.isInteger(found) && Number(found) >= 0;
const isDriftMode = (found: unknown): found is DriftMode => driftModes.some((mode) => mode === found);

const isColumns = (found: unknown): found is DataContract["columns"] =>
  isRecord(found) &&
  Object.values(found).every(
    (column) =>
      isRecord(column) &&
      (column.type === undefined || COLUMN_TYPES.some((type) => type === column.type)) &&
      (column.description === undefined || isText(column.description)) &&
      (column.tags === undefined || (Array.isArray(column.tags) && column.tags.every(isText))),
  );

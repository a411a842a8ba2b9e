import { COLUMN_TYPES, type ColumnType } from "./cells.ts";
import type { CsvRecord } from "./records.ts";
import { UnreadableFileError } from "./unreadable-file-error.ts";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** Types by column name; a column that is not named is text. */
export type ColumnTypes = ReadonlyMap<string, ColumnType>;

/** Reads the job argument `--column_types`: a JSON object from column name to type. */
export function parseColumnTypes(argument: string | undefined): ColumnTypes {
  const types = new Map<string, ColumnType>();
  for (const [name, type] of Object.entries(parseObject(argument ?? "{}"))) {
    const known = COLUMN_TYPES.find((columnType) => columnType === type);
    if (known === undefined) {
      throw new Error(
        `--column_types: the type of ${JSON.stringify(name)} must be one of ${COLUMN_TYPES.join(", ")}, got ${JSON.stringify(type)}`,
      );
    }
    types.set(name, known);
  }
  return types;
}

/**
 * The columns that a header row names.
 *
 * Two columns may not have one name, whatever its case: Spark's names ignore case, and leaving one of
 * them out or renaming it would be a guess.
 */
export function columnsOf(header: CsvRecord, types: ColumnTypes): readonly Column[] {
  const where = `line ${header.line}: `;
  if (!header.wellQuoted) throw new UnreadableFileError(`${where}the header has text after a closing quote`);
  const positions = new Map<string, number>();
  for (const [index, name] of header.fields.entries()) {
    const position = index + 1;
    if (/^[ \t]*$/.test(name)) throw new UnreadableFileError(`${where}column ${position} of the header has no name`);
    const earlier = positions.get(name.toLowerCase());
    if (earlier !== undefined) {
      throw new UnreadableFileError(
        `${where}columns ${earlier} and ${position} of the header have the same name (case is ignored): "${name}"`,
      );
    }
    positions.set(name.toLowerCase(), position);
  }
  for (const name of types.keys()) {
    if (!header.fields.includes(name)) {
      throw new UnreadableFileError(
        `--column_types names the column "${name}", the file has: ${header.fields.map((field) => `"${field}"`).join(", ")}`,
      );
    }
  }
  return header.fields.map((name) => ({ name, type: types.get(name) ?? "string" }));
}

function parseObject(argument: string): object {
  let value: unknown;
  try {
    value = JSON.parse(argument);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`--column_types must be a JSON object from column to type, got ${argument}`);
  }
  return value;
}

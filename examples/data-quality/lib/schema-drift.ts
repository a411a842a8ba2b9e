import type { ColumnType } from "../../../functions/lib/csv/cells.ts";

/** `strict`: no change; `compatible`: what readers of the accepted schema do not notice; `any`: changes are told only. */
export const driftModes = ["strict", "compatible", "any"] as const;

export type DriftMode = (typeof driftModes)[number];

export interface SchemaColumn {
  readonly name: string;
  /** Null: the column has had no value yet. */
  readonly type: ColumnType | null;
}

export type Schema = readonly SchemaColumn[];

/** One difference between a file's schema and the accepted one. */
export interface SchemaChange {
  readonly column: string;
  readonly change: "added" | "removed" | "type changed" | "type narrowed" | "type found" | "moved";
  readonly from: ColumnType | null;
  readonly to: ColumnType | null;
  readonly isBreaking: boolean;
}

/** What became of a schema. */
export interface Drift {
  /** First: nothing has been accepted before. */
  readonly kind: "first" | "none" | "compatible" | "breaking";
  readonly changes: readonly SchemaChange[];
  /** Whether the mode lets it through. */
  readonly passes: boolean;
  /** The accepted schema, once the file has been accepted. */
  readonly merged: Schema;
}

/** Compares a file's schema with the last accepted one, if there is one. */
export const driftOf = (accepted: Schema | undefined, found: Schema, mode: DriftMode): Drift => {
  if (accepted === undefined) return { kind: "first", changes: [], passes: true, merged: found };
  const changes = [
    ...removed(accepted, found),
    ...found.flatMap((column) => changeOf(accepted, column)),
    ...moved(accepted, found),
  ];
  const isBreaking = changes.some((change) => change.isBreaking);
  const kind = isBreaking ? "breaking" : changes.length > 0 ? "compatible" : "none";
  const passes = mode === "any" || kind === "none" || (mode === "compatible" && kind === "compatible");
  return { kind, changes, passes, merged: found.map((column) => merge(accepted, column)) };
};

const find = (schema: Schema, name: string): SchemaColumn | undefined => schema.find((column) => column.name === name);

const removed = (accepted: Schema, found: Schema): readonly SchemaChange[] =>
  accepted
    .filter(({ name }) => find(found, name) === undefined)
    .map(({ name, type }) => ({ column: name, change: "removed", from: type, to: null, isBreaking: true }));

const changeOf = (accepted: Schema, { name, type }: SchemaColumn): readonly SchemaChange[] => {
  const before = find(accepted, name);
  if (before === undefined) return [{ column: name, change: "added", from: null, to: type, isBreaking: false }];
  // A column without a value in this file has every type.
  if (type === null || type === before.type) return [];
  const change = { column: name, from: before.type, to: type };
  if (before.type === null) return [{ ...change, change: "type found", isBreaking: false }];
  // All whole numbers are numbers, and everything is text: who reads the accepted type can read the file.
  if (holds(before.type, type)) return [{ ...change, change: "type narrowed", isBreaking: false }];
  return [{ ...change, change: "type changed", isBreaking: true }];
};

const holds = (wide: ColumnType, narrow: ColumnType): boolean =>
  wide === "string" || (wide === "double" && narrow === "bigint");

/** Columns are read by their names. */
const moved = (accepted: Schema, found: Schema): readonly SchemaChange[] => {
  const shared = found.filter(({ name }) => find(accepted, name) !== undefined);
  const before = accepted.filter(({ name }) => find(found, name) !== undefined);
  return shared
    .filter(({ name }, position) => before[position]?.name !== name)
    .map(({ name, type }) => ({ column: name, change: "moved", from: type, to: type, isBreaking: false }));
};

/** An accepted column keeps its type as long as the file's values are of it. */
const merge = (accepted: Schema, { name, type }: SchemaColumn): SchemaColumn => {
  const before = find(accepted, name)?.type ?? null;
  if (before === null) return { name, type };
  return { name, type: type === null || holds(before, type) ? before : type };
};

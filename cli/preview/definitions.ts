import { isRecord } from "../../functions/lib/json.ts";
import { nameOf } from "./changes.ts";
import { UNKNOWN, type PreviewDigest, type PreviewStep } from "./digest.ts";
import { lineDiff } from "./line-diff.ts";

const MACHINE = "aws:sfn/stateMachine:StateMachine";

/** How the definition of a state machine would change. */
export interface DefinitionChange {
  readonly name: string;
  /** `unknown`: made of resources that are not there yet. */
  readonly kind: "new" | "changed" | "unknown";
  /** Names of the states of a new one. */
  readonly states: readonly string[];
  /** Lines of a changed one. */
  readonly diff: readonly string[];
}

export const definitionChanges = ({ steps = [] }: PreviewDigest): readonly DefinitionChange[] =>
  // A replacement has the new state in each of its steps.
  [...new Map(steps.filter(isOfMachine).map((step) => [step.urn, step])).values()].flatMap(changeOf);

const isOfMachine = ({ newState }: PreviewStep): boolean => newState?.type === MACHINE;

function changeOf({ urn, oldState, newState }: PreviewStep): readonly DefinitionChange[] {
  const [before, after] = [oldState, newState].map((state) => state?.inputs?.definition);
  if (before === after) return [];
  const about = { name: nameOf(urn), states: [], diff: [] };
  if (typeof after !== "string" || after === UNKNOWN) return [{ ...about, kind: "unknown" }];
  if (typeof before !== "string" || before === UNKNOWN) return [{ ...about, kind: "new", states: statesOf(after) }];
  const diff = lineDiff(linesOf(before), linesOf(after));
  return diff.length === 0 ? [] : [{ ...about, kind: "changed", diff }];
}

const linesOf = (definition: string): readonly string[] =>
  JSON.stringify(JSON.parse(definition), undefined, 2).split("\n");

const statesOf = (definition: string): readonly string[] => {
  const parsed: unknown = JSON.parse(definition);
  return isRecord(parsed) && isRecord(parsed.States) ? Object.keys(parsed.States) : [];
};

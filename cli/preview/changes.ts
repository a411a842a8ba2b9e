import type { PreviewDigest, PreviewStep } from "./digest.ts";

export type Change = "delete" | "replace" | "update" | "create" | "import" | "forget";

/** What would become of one resource. */
export interface ResourceChange {
  readonly change: Change;
  readonly type: string;
  readonly name: string;
  /** The properties that make it so. */
  readonly because: readonly string[];
  /** Its deletion will be refused. */
  readonly isProtected: boolean;
  /** What is there stays, whatever the program says. */
  readonly isRetained: boolean;
}

/** In this order they are to be read. */
export const changes = [
  "delete",
  "replace",
  "update",
  "create",
  "import",
  "forget",
] as const satisfies readonly Change[];

/** Steps of the engine that come to a change; the others look, or leave a resource as it is. */
const changeOf: Readonly<Record<string, Change>> = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  import: "import",
  "import-replacement": "replace",
  "discard-replaced": "replace",
  discard: "forget",
};

/** All that would change, each resource once, though the engine replaces one in three steps. */
export function resourceChanges({ steps = [] }: PreviewDigest): readonly ResourceChange[] {
  const found = new Map<string, ResourceChange>();
  for (const step of steps) {
    const next = changeIn(step);
    const known = found.get(step.urn);
    if (next === undefined) continue;
    if (known === undefined || rank(next) < rank(known)) found.set(step.urn, merged(next, known));
    else found.set(step.urn, merged(known, next));
  }
  return [...found.values()].sort(
    (a, b) => rank(a) - rank(b) || a.type.localeCompare(b.type, "en") || a.name.localeCompare(b.name, "en"),
  );
}

const rank = ({ change }: ResourceChange): number => changes.indexOf(change);

const merged = (one: ResourceChange, other: ResourceChange | undefined): ResourceChange => ({
  ...one,
  because: [...new Set([...one.because, ...(other?.because ?? [])])],
  isProtected: one.isProtected || other?.isProtected === true,
  isRetained: one.isRetained || other?.isRetained === true,
});

function changeIn(step: PreviewStep): ResourceChange | undefined {
  const change = changeOf[step.op];
  const state = step.newState ?? step.oldState;
  if (change === undefined || state?.custom !== true) return undefined;
  return {
    change,
    type: state.type,
    name: nameOf(step.urn),
    because: change === "replace" && step.replaceReasons?.length ? step.replaceReasons : reasons(step),
    isProtected: step.oldState?.protect ?? false,
    isRetained: step.oldState?.retainOnDelete ?? false,
  };
}

/** The provider's own account is the most exact one. */
function reasons({ detailedDiff, diffReasons }: PreviewStep): readonly string[] {
  const detailed = Object.keys(detailedDiff ?? {});
  return detailed.length > 0 ? detailed : (diffReasons ?? []);
}

export const nameOf = (urn: string): string => urn.split("::").at(-1) ?? urn;

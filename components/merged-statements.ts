import type { Statement } from "./policy.ts";

/** One statement for all that are alike but for their resources; those of one name that are not get a number. */
export const mergedStatements = (statements: readonly Statement[]): readonly Statement[] => {
  const kinds = new Map<string, Statement>();
  for (const statement of statements) {
    const kind = `${statement.sid} ${statement.actions.join()}`;
    const known = kinds.get(kind);
    const others = [...kinds.values()].filter(({ sid }) => sid.startsWith(statement.sid)).length;
    const sid = known?.sid ?? (others === 0 ? statement.sid : `${statement.sid}${others + 1}`);
    kinds.set(kind, { ...statement, sid, resources: [...(known?.resources ?? []), ...statement.resources] });
  }
  return [...kinds.values()];
};

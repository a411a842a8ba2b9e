/** A definition that cannot be loaded: says all that is wrong with it. */
export class DefinitionError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `the definition has ${problems.length} problem${problems.length === 1 ? "" : "s"}:\n${problems.map((line) => `  - ${line}`).join("\n")}`,
    );
    this.name = "InvalidDefinition";
    this.problems = problems;
  }
}

/** Collects what is wrong, so that it is all reported together. */
export class Problems {
  readonly list: string[] = [];

  /** `where` is the path of the state and field, `what` what is allowed there. */
  add(where: string, what: string): void {
    this.list.push(`${where} ${what}`);
  }

  throwIfAny(): void {
    if (this.list.length > 0) throw new DefinitionError(this.list);
  }
}

/** A value for a message, cut short. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

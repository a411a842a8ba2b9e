import { GlueError } from "./glue-error.ts";
import type { Scenario } from "./job-definition.ts";

type Arguments = Readonly<Record<string, string>>;

/** The first scenario that fits a run's key, stage, execution and attempt (1 where the run has none), by its arguments. */
export function findScenario(scenarios: readonly Scenario[], args: Arguments): Scenario | undefined {
  const key = args["--key"] ?? "";
  const attempt = Number(args["--attempt"] ?? "1");
  return scenarios.find(
    (scenario) =>
      matchesGlob(scenario.match, key) &&
      (scenario.stage ?? args["--stage"]) === args["--stage"] &&
      matchesGlob(scenario.execution ?? "*", args["--execution_name"] ?? "") &&
      (scenario.attempts?.includes(attempt) ?? true),
  );
}

/** The error that a scenario has StartJobRun throw, if it does. */
export function thrownBy(scenario: Scenario | undefined): GlueError | undefined {
  if (scenario === undefined || !("Throw" in scenario)) return undefined;
  const { Error: code, Cause } = scenario.Throw;
  return new GlueError(code.replace(/^Glue\./, ""), Cause ?? `Injected by the scenario for "${scenario.match}"`);
}

/** Whether the whole text fits a pattern in which `*` stands for any text. Its time grows with the text's length only. */
export function matchesGlob(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return from <= end;
}

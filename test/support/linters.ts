import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { ensurePythonEnvironment } from "../../cli/python/python-environment.ts";

const folder = new URL("../linters/", import.meta.url);

/** What parliament says of a policy. */
export interface PolicyFinding {
  readonly name: string;
  readonly issue: string;
  readonly severity: string;
  readonly title: string;
  readonly detail: string;
}

/** What cfn-lint says of a state machine. */
export interface DefinitionFinding {
  readonly name: string;
  readonly rule: string;
  readonly message: string;
}

export interface NamedPolicy {
  readonly name: string;
  readonly policy: unknown;
}

export const lintPolicies = (policies: readonly NamedPolicy[]): Promise<readonly PolicyFinding[]> =>
  run<readonly PolicyFinding[]>("lint_policies.py", policies);

export const lintDefinitions = (
  definitions: Readonly<Record<string, unknown>>,
): Promise<readonly DefinitionFinding[]> => run<readonly DefinitionFinding[]>("lint_definitions.py", definitions);

/** The linters' own Python, made on first use. */
export const linterPython = (): Promise<string> =>
  ensurePythonEnvironment({
    name: "linters",
    requirements: fileURLToPath(new URL("requirements.txt", folder)),
    log: () => undefined,
  });

const run = async <Findings>(script: string, input: unknown): Promise<Findings> => {
  const child = spawn(await linterPython(), ["-W", "ignore", fileURLToPath(new URL(script, folder))], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(JSON.stringify(input));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}: ${err}`);
  return JSON.parse(out) as Findings;
};

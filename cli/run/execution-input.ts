import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The input of an execution, as JSON text. */
export interface ExecutionInput {
  readonly json: string;
}

/** Reads `JSON` or `@FILE`; a text is what is wrong with it. */
export function readInput(given: string, cwd: string): ExecutionInput | string {
  const isFile = given.startsWith("@");
  const text = isFile ? contentOf(resolve(cwd, given.slice(1)), given) : { content: given };
  if (typeof text === "string") return text;
  try {
    return { json: JSON.stringify(JSON.parse(text.content)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return isFile
      ? `--input ${given}: the file must hold JSON: ${reason}`
      : `--input must be JSON, for example '{"rows": 10}', or @FILE, got "${given}": ${reason}`;
  }
}

function contentOf(path: string, given: string): { readonly content: string } | string {
  if (given === "@") return "--input @ needs the name of a file, for example @input.json";
  try {
    return { content: readFileSync(path, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return `--input ${given}: ${REASONS[code] ?? `the file cannot be read (${code})`}`;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "is a folder; name a file in it",
  EACCES: "the file may not be read by you",
};

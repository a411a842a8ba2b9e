import { readFileSync } from "node:fs";
import { UsageError } from "../lib/command.ts";

const BEGIN = "<!-- diagram -->";
const END = "<!-- /diagram -->";

/** A README with a place for a drawing. */
export interface DiagramPlace {
  readonly path: string;
  readonly text: string;
}

/** Throws a UsageError where there is no README or no place in it. */
export function readReadme(path: string): DiagramPlace {
  const text = contentOf(path);
  if (text === undefined) throw new UsageError([`there is no ${path}`]);
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new UsageError([`${path} has no place for a drawing: put ${BEGIN} and below it ${END} where it belongs`]);
  }
  return { path, text };
}

/** The README with this drawing in its place. */
export function withDiagram({ text }: DiagramPlace, mermaid: string): string {
  const before = text.slice(0, text.indexOf(BEGIN) + BEGIN.length);
  return `${before}\n\n\`\`\`mermaid\n${mermaid}\n\`\`\`\n\n${text.slice(text.indexOf(END))}`;
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

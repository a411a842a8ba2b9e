import { printable } from "../../render/text.ts";

/** Markup that is known to be safe. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | readonly Html[];

/** Markup with values in it. All that is not markup itself is escaped, in text as in quoted attributes. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.map((text, index) => withoutIndents(text) + textOf(parts[index])).join(""));

/** Indents are for those who read the program. */
const withoutIndents = (markup: string): string => markup.replaceAll(/\s*\n\s*/g, "\n");

const textOf = (part: Part | undefined): string => {
  if (part === undefined) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(({ text }) => text).join("");
  return escaped(typeof part === "number" ? rounded(part) : part);
};

/** A hundredth of a step in a plot of a thousand is finer than any screen. */
const rounded = (value: number): string => String(Math.round(value * 100) / 100);

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Lines stay lines; other control characters are shown as their codes. */
const escaped = (text: string): string =>
  text
    .split("\n")
    .map((line) => printable(line).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? ""))
    .join("\n");

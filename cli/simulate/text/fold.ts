import type { Paint, Tone } from "../../render/style.ts";
import { width } from "../../render/text.ts";

const LABEL = 12;
/** Narrower, words would be cut. */
const NARROWEST = 24;

/** Text behind a label, in lines no wider than `columns`. Parts are kept in one line, where there is room for it. */
export function labelled(
  label: string,
  parts: readonly string[],
  columns: number,
  paint: Paint,
  tone: Tone = "plain",
): readonly string[] {
  const room = Math.max(NARROWEST, columns - LABEL);
  return folded(parts, room).map(
    (line, index) => paint("dim", (index === 0 ? label : "").padEnd(LABEL)) + paint(tone, line),
  );
}

/** Parts with `·` between them, in lines no wider than there is room, as far as their words allow. */
export function folded(parts: readonly string[], room: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + width(part) + 3 <= room) lines[lines.length - 1] = `${last} · ${part}`;
    else lines.push(...wordsIn(part, room));
  }
  return lines;
}

/** A number and its unit are one word. */
const BETWEEN_WORDS = / (?!(?:s|min|h|d|%)(?![\w-]))/;

const wordsIn = (text: string, room: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(BETWEEN_WORDS)) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + width(word) + 1 <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

const SEGMENTS = new Intl.Segmenter("en", { granularity: "grapheme" });
const WIDE =
  /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/u;
const NARROW_ONLY = /^[\u0020-\u02FF\u2010-\u2027\u2190-\u21FF\u2500-\u259F]*$/;
const CONTROL = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Text from outside, safe for a terminal: what would move the cursor or hide text is shown as its code. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Columns that a text takes on a terminal. */
export function width(text: string): number {
  if (NARROW_ONLY.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of SEGMENTS.segment(text)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - width(text)));
}

/** Cut to so many columns, with an ellipsis where something is missing. */
export function truncate(text: string, columns: number): string {
  return width(text) <= columns ? text : `${take(SEGMENTS.segment(text), columns - 1)}…`;
}

/** Cut in the middle: the start and the end of a path or a name say the most. */
export function truncateMiddle(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  const segments = [...SEGMENTS.segment(text)];
  const end = Math.ceil((columns - 1) / 2);
  const tail = take(segments.toReversed(), end, true);
  return `${take(segments, columns - 1 - width(tail))}…${tail}`;
}

function take(segments: Iterable<Intl.SegmentData>, columns: number, reversed = false): string {
  let taken = "";
  let used = 0;
  for (const { segment } of segments) {
    used += width(segment);
    if (used > columns) break;
    taken = reversed ? segment + taken : taken + segment;
  }
  return taken;
}

/** Lines around a change that are shown with it. */
const CONTEXT = 3;

interface Line {
  readonly sign: " " | "+" | "-";
  readonly text: string;
}

/**
 * What makes one list of lines the other, as `diff -u` shows it, without line numbers: lines that start with `+`, `-` or
 * a space, and `@@` where lines are left out. Empty where nothing differs.
 */
export function lineDiff(before: readonly string[], after: readonly string[]): readonly string[] {
  const lines = edits(before, after);
  const shown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== " "),
  );
  return lines.flatMap(({ sign, text }, index) => {
    if (shown[index] !== true) return [];
    return index > 0 && shown[index - 1] !== true ? ["@@", `${sign}${text}`] : [`${sign}${text}`];
  });
}

/** Beyond this many pairs of lines, which takes a definition of thousands, all of it counts as changed. */
const MOST_PAIRS = 25_000_000;

/** What both begin with and end with is out of the question. */
function edits(before: readonly string[], after: readonly string[]): readonly Line[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const [old, next] = [before, after].map((lines) => lines.slice(start, lines.length - end));
  return [
    ...before.slice(0, start).map(signed(" ")),
    ...changed(old ?? [], next ?? []),
    ...before.slice(before.length - end).map(signed(" ")),
  ];
}

const signed =
  (sign: Line["sign"]) =>
  (text: string): Line => ({ sign, text });

/** By the longest common subsequence. */
function changed(before: readonly string[], after: readonly string[]): readonly Line[] {
  if (before.length * after.length > MOST_PAIRS) return [...before.map(signed("-")), ...after.map(signed("+"))];
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, next] = [before[i], after[j]];
    if (old !== undefined && old === next) {
      lines.push({ sign: " ", text: old });
      i++;
      j++;
    } else if (old !== undefined && (next === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", text: old });
      i++;
    } else {
      lines.push({ sign: "+", text: next ?? "" });
      j++;
    }
  }
  return lines;
}

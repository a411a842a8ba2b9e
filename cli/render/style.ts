/** How a piece of text is meant, not how it looks. */
export type Tone = "plain" | "strong" | "dim" | "good" | "bad" | "warning" | "active";

/** Gives text the look of its tone. */
export type Paint = (tone: Tone, text: string) => string;

const CODES: Readonly<Record<Tone, readonly [number, number] | undefined>> = {
  plain: undefined,
  strong: [1, 22],
  dim: [2, 22],
  good: [32, 39],
  bad: [31, 39],
  warning: [33, 39],
  active: [36, 39],
};

/** For files and pipes. */
export const unpainted: Paint = (_tone, text) => text;

/** For terminals. */
export const painted: Paint = (tone, text) => {
  const codes = CODES[tone];
  return codes === undefined || text === "" ? text : `\u001b[${codes[0]}m${text}\u001b[${codes[1]}m`;
};

/** Colour on a terminal only, and never when NO_COLOR says so (https://no-color.org); FORCE_COLOR is for CI logs. */
export function paintFor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Paint {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return unpainted;
  if (env.FORCE_COLOR !== undefined && !["", "0", "false"].includes(env.FORCE_COLOR)) return painted;
  return isTerminal && env.TERM !== "dumb" ? painted : unpainted;
}

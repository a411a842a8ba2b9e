/** A config key, and the values that variants give it. */
export interface ComparedKey {
  readonly key: string;
  readonly values: readonly string[];
}

/** Config values of one variant, by key. */
export type Variation = Readonly<Record<string, string>>;

const MOST_VARIANTS = 24;

/** Reads `--compare key=a,b,c`, given once or more often. */
export function readComparisons(texts: readonly string[]): {
  readonly compared: readonly ComparedKey[];
  readonly problems: readonly string[];
} {
  const compared: ComparedKey[] = [];
  const problems: string[] = [];
  for (const text of texts) {
    const split = text.indexOf("=");
    const key = text.slice(0, Math.max(0, split));
    const values = text.slice(split + 1).split(",");
    if (split < 1 || values.includes("")) {
      problems.push(`--compare must be KEY=VALUE,VALUE…, got "${text}"`);
    } else if (new Set(values).size < values.length) {
      problems.push(`--compare ${key}: a value is given more than once in "${text}"`);
    } else if (values.length < 2) {
      problems.push(`--compare ${key} needs two values or more, got "${text}"; --set takes a single one`);
    } else if (compared.some((other) => other.key === key)) {
      problems.push(`--compare ${key} is given more than once`);
    } else {
      compared.push({ key, values });
    }
  }
  const variants = compared.reduce((product, { values }) => product * values.length, 1);
  if (variants > MOST_VARIANTS) {
    problems.push(`--compare: ${variants} variants are too many; at most ${MOST_VARIANTS} are simulated at a time`);
  }
  return { compared, problems };
}

/** Each value of each key with each value of the others, the last key changing fastest. */
export const variationsOf = (compared: readonly ComparedKey[]): readonly Variation[] =>
  compared.reduce<readonly Variation[]>(
    (variations, { key, values }) =>
      variations.flatMap((variation) => values.map((value) => ({ ...variation, [key]: value }))),
    [{}],
  );

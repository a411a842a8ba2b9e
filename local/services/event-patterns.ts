/** Whether an event, or the attributes of a message, are what a pattern asks for. */
export type Pattern = (event: unknown) => boolean;

/** Whether one value of an event is what one matcher asks for; undefined: there is no such field. */
type Matcher = (value: unknown) => boolean;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Compiles an EventBridge event pattern or an SNS filter policy. A field must match one matcher of its list, all fields
 * must match, and of a list in an event one item does. A matcher that is not known is an error that names it.
 */
export const compilePattern = (pattern: unknown, where: string): Pattern => {
  const fields = Object.entries(fieldsIn(pattern, where)).map(([name, wanted]) => {
    const path = `${where}.${name}`;
    if (name === "$or") return compileOr(wanted, path);
    const matches = Array.isArray(wanted) ? compileList(wanted, path) : compilePattern(wanted, path);
    return (event: unknown) => matches(isFields(event) ? event[name] : undefined);
  });
  return (event) => fields.every((matches) => matches(event));
};

const compileOr = (wanted: unknown, where: string): Pattern => {
  if (!Array.isArray(wanted) || wanted.length < 2) throw wrong(where, "a list of two patterns or more", wanted);
  const patterns = wanted.map((pattern, index) => compilePattern(pattern, `${where}[${index}]`));
  return (event) => patterns.some((matches) => matches(event));
};

const compileList = (wanted: readonly unknown[], where: string): Matcher => {
  if (wanted.length === 0) throw wrong(where, "a list with something in it", wanted);
  const matchers = wanted.map((item, index) => compileMatcher(item, `${where}[${index}]`));
  return (value) =>
    Array.isArray(value) && value.length > 0
      ? value.some((item) => matchers.some((matches) => matches(item)))
      : matchers.some((matches) => matches(value));
};

const compileMatcher = (wanted: unknown, where: string): Matcher => {
  if (!isFields(wanted)) return (value) => value === wanted;
  const [[name, argument] = ["", undefined], ...others] = Object.entries(wanted);
  const compile = Object.hasOwn(comparisons, name) ? comparisons[name] : undefined;
  if (compile === undefined || others.length > 0) {
    throw wrong(where, `a value or one of ${Object.keys(comparisons).join(", ")}`, wanted);
  }
  return compile(argument, `${where}.${name}`);
};

const onText =
  (test: (value: string, wanted: string) => boolean) =>
  (argument: unknown, where: string): Matcher => {
    if (typeof argument !== "string") throw wrong(where, "a text", argument);
    return (value) => typeof value === "string" && test(value, argument);
  };

const anythingBut = (argument: unknown, where: string): Matcher => {
  const excluded = Array.isArray(argument) ? compileList(argument, where) : compileMatcher(argument, where);
  return (value) => value !== undefined && !excluded(value);
};

const exists = (argument: unknown, where: string): Matcher => {
  if (typeof argument !== "boolean") throw wrong(where, "true or false", argument);
  return (value) => (value !== undefined) === argument;
};

const operators: Readonly<Record<string, (value: number, wanted: number) => boolean>> = {
  "=": (value, wanted) => value === wanted,
  "<": (value, wanted) => value < wanted,
  "<=": (value, wanted) => value <= wanted,
  ">": (value, wanted) => value > wanted,
  ">=": (value, wanted) => value >= wanted,
};

/** `["=", 5]` or `[">", 0, "<=", 5]`. */
const numeric = (argument: unknown, where: string): Matcher => {
  const list: readonly unknown[] = Array.isArray(argument) ? argument : [];
  if (list.length !== 2 && list.length !== 4) throw wrong(where, "one or two operators with numbers", argument);
  const tests = Array.from({ length: list.length / 2 }, (_, index) => {
    const [operator, limit] = list.slice(2 * index, 2 * index + 2);
    const compare = typeof operator === "string" ? operators[operator] : undefined;
    if (compare === undefined || typeof limit !== "number") throw wrong(where, "operators with numbers", argument);
    return (value: number) => compare(value, limit);
  });
  return (value) => typeof value === "number" && tests.every((test) => test(value));
};

const comparisons: Readonly<Record<string, (argument: unknown, where: string) => Matcher>> = {
  prefix: onText((value, wanted) => value.startsWith(wanted)),
  suffix: onText((value, wanted) => value.endsWith(wanted)),
  "equals-ignore-case": onText((value, wanted) => value.toLowerCase() === wanted.toLowerCase()),
  "anything-but": anythingBut,
  exists,
  numeric,
};

const fieldsIn = (pattern: unknown, where: string): Fields => {
  if (isFields(pattern) && Object.keys(pattern).length > 0) return pattern;
  throw wrong(where, "an object with fields", pattern);
};

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const wrong = (where: string, allowed: string, value: unknown): Error =>
  new Error(`${where} must be ${allowed}, got ${JSON.stringify(value)}`);

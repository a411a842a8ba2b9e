/** A test for text against an IAM pattern: `*` stands for any text, `?` for one character. */
export type Matcher = (text: string) => boolean;

/** Compiles an IAM pattern. Policy variables other than `${*}`, `${?}` and `${$}` are refused: nothing here would fill them. */
export const wildcard = (pattern: string, where: string): Matcher => {
  if (pattern === "*") return () => true;
  const parts = pattern.match(/\$\{[^}]*\}|[\s\S]/gu) ?? [];
  let source = "";
  let literal = true;
  for (const part of parts) {
    if (part === "*" || part === "?") {
      literal = false;
      source += part === "*" ? "[\\s\\S]*" : "[\\s\\S]";
    } else source += escape(part.startsWith("${") ? escaped(part, where) : part);
  }
  if (literal && !pattern.includes("${")) return (text) => text === pattern;
  const expression = new RegExp(`^${source}$`, "u");
  return (text) => expression.test(text);
};

/** Compiles text that is compared as it is, but for the variables of a pattern. */
export const literal = (text: string, where: string): string =>
  text.replace(/\$\{[^}]*\}/g, (variable) => escaped(variable, where));

const escaped = (variable: string, where: string): string => {
  const name = variable.slice(2, -1);
  if (name === "*" || name === "?" || name === "$") return name;
  throw new Error(`${where} uses the policy variable ${variable}, which the embedded cloud does not fill`);
};

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

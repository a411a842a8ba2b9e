import { compileCondition, type Condition } from "./conditions.ts";
import { type Matcher, wildcard } from "./wildcard.ts";

/** Where a policy hangs decides which elements its statements must have. */
export type PolicyKind = "identity" | "resource" | "trust";

/** Who a statement of a resource or trust policy speaks of. */
export interface PrincipalMatch {
  readonly anyone: boolean;
  readonly aws: readonly string[];
  readonly services: readonly string[];
}

/** A statement of a policy, compiled. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly principal?: PrincipalMatch;
  readonly action: Matcher;
  readonly resource: Matcher;
  readonly condition: Condition;
}

const elements = new Set(["Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"]);

/** Reads a policy document, given as an object or as JSON. Errors begin with `where`. */
export const parsePolicy = (document: unknown, kind: PolicyKind, where: string): readonly Statement[] => {
  const policy = record(typeof document === "string" ? parseJson(document, where) : document, where);
  if (policy.Version !== "2012-10-17") {
    throw new Error(`${where}.Version must be "2012-10-17", got ${JSON.stringify(policy.Version)}`);
  }
  const { Statement: given } = policy;
  const statements: readonly unknown[] = Array.isArray(given) ? given : [given];
  return statements.map((statement, index) => parseStatement(statement, kind, `${where}.Statement[${index}]`));
};

const parseStatement = (value: unknown, kind: PolicyKind, where: string): Statement => {
  const statement = record(value, where);
  for (const name of Object.keys(statement)) {
    if (!elements.has(name)) {
      throw new Error(
        `${where} has the element "${name}", which is not supported; allowed are ${[...elements].join(", ")}`,
      );
    }
  }
  const { Effect: effect, Principal: principal, Condition: condition } = statement;
  if (effect !== "Allow" && effect !== "Deny") {
    throw new Error(`${where}.Effect must be "Allow" or "Deny", got ${JSON.stringify(effect)}`);
  }
  if ((principal === undefined) !== (kind === "identity")) {
    throw new Error(`${where}.Principal must ${kind === "identity" ? "not " : ""}be given`);
  }
  return {
    effect,
    ...(principal === undefined ? {} : { principal: parsePrincipal(principal, `${where}.Principal`) }),
    action: matchers(statement, "Action", where, (text) => text.toLowerCase()),
    resource: kind === "trust" ? () => true : matchers(statement, "Resource", where),
    condition: compileCondition(condition, `${where}.Condition`),
  };
};

const matchers = (
  statement: Readonly<Record<string, unknown>>,
  name: "Action" | "Resource",
  where: string,
  normalise: (text: string) => string = (text) => text,
): Matcher => {
  const given = statement[name];
  const excluded = statement[`Not${name}`];
  if ((given === undefined) === (excluded === undefined)) {
    throw new Error(`${where} must have either ${name} or Not${name}`);
  }
  const field = given === undefined ? `${where}.Not${name}` : `${where}.${name}`;
  const patterns = strings(given ?? excluded, field).map((text) => wildcard(normalise(text), field));
  const wanted = given !== undefined;
  return (text) => patterns.some((pattern) => pattern(normalise(text))) === wanted;
};

const parsePrincipal = (value: unknown, where: string): PrincipalMatch => {
  if (value === "*") return { anyone: true, aws: [], services: [] };
  const principal = record(value, where);
  for (const name of Object.keys(principal)) {
    if (name !== "AWS" && name !== "Service") {
      throw new Error(`${where} has "${name}", which is not supported; allowed are AWS and Service`);
    }
  }
  const aws = strings(principal.AWS ?? [], `${where}.AWS`);
  return { anyone: aws.includes("*"), aws, services: strings(principal.Service ?? [], `${where}.Service`) };
};

const parseJson = (text: string, where: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(`${where} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
};

const record = (value: unknown, where: string): Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${where} must be an object, got ${JSON.stringify(value)}`);
  }
  return value as Readonly<Record<string, unknown>>;
};

const strings = (value: unknown, where: string): readonly string[] =>
  (Array.isArray(value) ? value : [value]).map((item: unknown) => {
    if (typeof item !== "string") throw new Error(`${where} must hold texts, got ${JSON.stringify(item)}`);
    return item;
  });

import * as pulumi from "@pulumi/pulumi";
import type { Value } from "../state-machine/states.ts";

/** Texts, comments, quoted names and variables of JSONata: the first three are left alone. */
const token = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|\/\*[\s\S]*?\*\/|\$([A-Za-z_]\w*)/g;

/** Whether a text is JSONata, as Step Functions wants it marked. */
export const isExpression = (text: string): boolean => text.startsWith("{%") && text.endsWith("%}");

/** The variables that an expression reads, without dollar signs; none of plain text. */
export const variablesIn = (text: string): readonly string[] =>
  isExpression(text) ? [...text.matchAll(token)].flatMap(([, name]) => (name === undefined ? [] : [name])) : [];

/** The texts of a value, expressions included. What an Output holds is not known yet. */
export const textsIn = (value: Value | undefined): readonly string[] => {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || isPending(value)) return [];
  return Object.values(value as Readonly<Record<string, Value>>).flatMap(textsIn);
};

/** The variables that the expressions of a value read. */
export const variablesOf = (value: Value | undefined): readonly string[] => textsIn(value).flatMap(variablesIn);

/** Puts other names, or paths, in the place of variables. */
export const renamed = (value: Value, rename: (name: string) => string): Value => {
  if (typeof value === "string") return renamedText(value, rename);
  if (typeof value !== "object" || value === null) return value;
  if (isPending(value)) return pulumi.output(value).apply((text) => renamedText(text, rename));
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => renamed(item, rename));
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Value>>).map(([key, item]) => [key, renamed(item, rename)]),
  );
};

export const renamedText = (text: string, rename: (name: string) => string): string =>
  isExpression(text)
    ? text.replace(token, (found: string, name: string | undefined) =>
        name === undefined ? found : `$${rename(name)}`,
      )
    : text;

/** Whether some of a value is not known before the program has run. */
export const holdsOutputs = (value: Value | undefined): boolean => {
  if (typeof value !== "object" || value === null) return false;
  return isPending(value) || Object.values(value as Readonly<Record<string, Value>>).some(holdsOutputs);
};

export const isPending = (value: object): value is pulumi.Output<string> | Promise<string> =>
  pulumi.Output.isInstance(value) || value instanceof Promise;

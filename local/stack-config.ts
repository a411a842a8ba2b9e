import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse, YAMLParseError } from "yaml";

/** A Pulumi project's name and the config of one of its stacks, as Pulumi would pass it to the program. */
export interface StackSettings {
  readonly project: string;
  /** By full key, `namespace:key`; structured values as JSON. */
  readonly config: Readonly<Record<string, string>>;
}

/** What is wrong with a project or a stack file, in words for the person who wrote it. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/** Reads Pulumi.yaml and Pulumi.STACK.yaml of a folder. Overrides win over the stack, the stack over the defaults. */
export const readStackSettings = (
  directory: string,
  stack: string,
  overrides: Readonly<Record<string, string>> = {},
): StackSettings => {
  const project = readYaml(directory, "Pulumi.yaml", () => `no Pulumi.yaml in ${directory}: name the program's folder`);
  const stackFile = readYaml(directory, `Pulumi.${stack}.yaml`, () => unknownStack(directory, stack));
  const name = project.name;
  if (typeof name !== "string") throw new SettingsError("Pulumi.yaml: name must be text");

  const qualify = (key: string): string => (key.includes(":") ? key : `${name}:${key}`);
  const config: Record<string, string> = {};
  for (const [key, declared] of Object.entries(record(project.config, "Pulumi.yaml: config"))) {
    const value = defaultOf(declared);
    if (value !== undefined) config[qualify(key)] = textOf(value);
  }
  for (const [key, value] of Object.entries(record(stackFile.config, `Pulumi.${stack}.yaml: config`))) {
    if (isRecord(value) && "secure" in value) {
      throw new SettingsError(
        `Pulumi.${stack}.yaml: ${key} is encrypted, and only Pulumi can decrypt it: pass --set ${key}=VALUE`,
      );
    }
    config[qualify(key)] = textOf(value);
  }
  for (const [key, value] of Object.entries(overrides)) config[overridden(key, name, config)] = value;
  return { project: name, config };
};

/** Programs of other names that are made of this project's components share its config keys. */
export const sharedNamespace = "glue-pipeline";

/** An override's full key: the program's own, unless it has none of its own and uses the shared ones. */
const overridden = (key: string, project: string, config: Readonly<Record<string, string>>): string => {
  if (key.includes(":")) return key;
  const usesShared = Object.keys(config).some((known) => known.startsWith(`${sharedNamespace}:`));
  return `${usesShared && !(`${project}:${key}` in config) ? sharedNamespace : project}:${key}`;
};

/** The stacks that a folder has a file for. */
export const stacksOf = (directory: string): readonly string[] =>
  readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();

const unknownStack = (directory: string, stack: string): string => {
  const known = stacksOf(directory);
  return `no stack "${stack}": ${known.length > 0 ? `the stacks are ${known.join(", ")}` : `${directory} has no Pulumi.STACK.yaml`}`;
};

const readYaml = (directory: string, file: string, missing: () => string): Record<string, unknown> => {
  try {
    return record(parsedOnce(readFileSync(join(directory, file), "utf8")), file);
  } catch (error) {
    if (error instanceof YAMLParseError) throw new SettingsError(`${file}: ${error.message.trimEnd()}`);
    if (isMissing(error)) throw new SettingsError(missing());
    if (error instanceof SettingsError) throw error;
    throw new SettingsError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** By text: a command reads the same files several times, and a long one takes a tenth of a second. */
const parsed = new Map<string, unknown>();
const remembered = 10;

const parsedOnce = (text: string): unknown => {
  if (parsed.size > remembered) parsed.clear();
  if (!parsed.has(text)) parsed.set(text, parse(text));
  return parsed.get(text);
};

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");

/** A declared key has a default; a key of another namespace may have a value; anything else is the value itself. */
const defaultOf = (declared: unknown): unknown =>
  isRecord(declared) ? (declared.value ?? declared.default) : declared;

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const record = (value: unknown, what: string): Record<string, unknown> => {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw new SettingsError(`${what} must be a mapping, got ${JSON.stringify(value)}`);
  return value;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

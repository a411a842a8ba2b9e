/** A resource as the program declares it. */
export interface Declared {
  /** Pulumi's type token, for example `aws:s3/bucket:Bucket`. */
  readonly type: string;
  readonly urn: string;
  /** What a preview cannot know yet is `unknownValue`. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** URNs of the resources that a property's value was made from. */
  readonly sources: (property: string) => readonly string[];
}

/** Stands for a value that is there, and that nobody knows before an update. */
export const unknownValue: unique symbol = Symbol("unknown");

/** What users may set for a rule, by their policy config. */
export type Settings = Readonly<Record<string, number | boolean | readonly string[]>>;

interface About<S extends Settings> {
  readonly name: string;
  /** What has to be so, and why. */
  readonly description: string;
  /** Mandatory ones stop an update, advisory ones warn. */
  readonly level: "mandatory" | "advisory";
  /** Settings with their defaults. */
  readonly settings: S;
}

/** A rule on resources of some types, each by itself: seen before the resource is created. */
export interface ResourceRule extends About<Settings> {
  readonly types: readonly string[];
  /** What is wrong with the resource. */
  readonly check: (resource: Declared, settings: Settings) => readonly string[];
}

/** Something wrong with one resource of a stack. */
export interface Violation {
  readonly urn: string;
  readonly message: string;
}

/** A rule on resources that only others tell about. */
export interface StackRule extends About<Settings> {
  readonly check: (resources: readonly Declared[], settings: Settings) => readonly Violation[];
}

export const resourceRule = <S extends Settings>(
  rule: About<S> & {
    readonly types: readonly string[];
    readonly check: (resource: Declared, settings: S) => readonly string[];
  },
): ResourceRule => ({
  ...rule,
  check: (resource, given) =>
    rule.types.includes(resource.type) ? rule.check(resource, { ...rule.settings, ...given }) : [],
});

export const stackRule = <S extends Settings>(
  rule: About<S> & { readonly check: (resources: readonly Declared[], settings: S) => readonly Violation[] },
): StackRule => ({ ...rule, check: (resources, given) => rule.check(resources, { ...rule.settings, ...given }) });

/** A value deep inside, by keys and indexes; inside an unknown value all is unknown. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown => {
  const [step, ...rest] = path;
  if (step === undefined || value === unknownValue) return value;
  return typeof value === "object" && value !== null
    ? at((value as Readonly<Record<string | number, unknown>>)[step], ...rest)
    : undefined;
};

/** Whether a value is what it has to be, or may turn out to be. */
export const isOrMayBe = (value: unknown, wanted: unknown): boolean => value === wanted || value === unknownValue;

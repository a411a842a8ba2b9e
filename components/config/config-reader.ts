import * as pulumi from "@pulumi/pulumi";
import { suggestion } from "../suggestion.ts";
import { problemText, type Problem } from "../rules/problem.ts";
import { keyOf } from "./keys.ts";

interface Range {
  readonly min: number;
  readonly max: number;
}

interface TextRule {
  readonly maxBytes?: number;
  readonly pattern?: RegExp;
  /** What the pattern stands for. */
  readonly says?: string;
}

/** Keys that other programs have, and what they are here. */
interface Elsewhere {
  readonly keys: readonly string[];
  readonly instead: string;
}

/**
 * Reads config values by type and keeps a list of all that is wrong with them; a value that is wrong reads as its
 * default, so that reading can go on.
 */
export class ConfigReader {
  readonly #namespace: string;
  readonly #config: pulumi.Config;
  readonly #problems: string[] = [];
  readonly #known = new Set<string>();
  readonly #refused = new Set<string>();

  constructor(namespace: string) {
    this.#namespace = namespace;
    this.#config = new pulumi.Config(namespace);
  }

  text(key: string, fallback: string, { maxBytes, pattern, says }: TextRule = {}): string {
    const value = this.#get(key);
    if (value === undefined) return fallback;
    if (maxBytes !== undefined && Buffer.byteLength(value) > maxBytes) {
      return this.refuse(key, `at most ${maxBytes} bytes long`, value, fallback);
    }
    return pattern?.test(value) === false ? this.refuse(key, says ?? "well formed", value, fallback) : value;
  }

  oneOf<const Choice extends string>(key: string, choices: readonly Choice[], fallback: NoInfer<Choice>): Choice {
    const value = this.#get(key);
    if (value === undefined) return fallback;
    return (
      choices.find((choice) => choice === value) ??
      this.refuse(
        key,
        alternatives(choices.map((choice) => (choice === "" ? "left out" : `"${choice}"`))),
        value,
        fallback,
      )
    );
  }

  boolean(key: string, fallback: boolean): boolean {
    return this.oneOf(key, ["true", "false"], fallback ? "true" : "false") === "true";
  }

  number(key: string, fallback: number, range: Range): number {
    return this.#number(
      key,
      fallback,
      (value) => value >= range.min && value <= range.max,
      `a number from ${range.min} to ${range.max}`,
    );
  }

  integer(key: string, fallback: number, range: Range): number {
    const isAllowed = (value: number) => Number.isSafeInteger(value) && value >= range.min && value <= range.max;
    return this.#number(key, fallback, isAllowed, `a whole number from ${range.min} to ${range.max}`);
  }

  integerOf(key: string, choices: readonly number[], fallback: number): number {
    return this.#number(key, fallback, (value) => choices.includes(value), alternatives(choices.map(String)));
  }

  texts(key: string, fallback: readonly string[], { pattern, says = "well formed" }: TextRule): readonly string[] {
    const value = this.json(key);
    if (value === undefined) return fallback;
    const isRight =
      Array.isArray(value) && value.every((item) => typeof item === "string" && pattern?.test(item) !== false);
    return isRight ? (value as string[]) : this.refuse(key, listRule(value, says, pattern), value, fallback);
  }

  /** A structured value, or what stands there as text where that is no JSON. */
  json(key: string): unknown {
    const value = this.#get(key);
    if (value === undefined) return undefined;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }

  /** Notes what a value must be instead. */
  problem(key: string, allowed: string, value: unknown): void {
    this.#refused.add(withoutIndex(key));
    this.#problems.push(`${this.#namespace}:${key} must be ${allowed}, got ${JSON.stringify(value)}`);
  }

  /** Notes what is wrong with values that are each right alone. What a value would be that is not, nobody knows. */
  combination(problem: Problem): void {
    const keys: string[] = [];
    const text = problemText(problem, (path) => {
      const key = keyOf(path);
      keys.push(withoutIndex(key));
      return key;
    });
    if (!keys.some((key) => this.#refused.has(key))) this.#problems.push(`${this.#namespace}:${text}`);
  }

  /** Notes it, and gives what to go on with. */
  refuse<Fallback>(key: string, allowed: string, value: unknown, fallback: Fallback): Fallback {
    this.problem(key, allowed, value);
    return fallback;
  }

  /** The keys that were asked for so far. */
  keys(): readonly string[] {
    return [...this.#known];
  }

  /**
   * What was wrong with the values read so far, and the keys that nothing reads; of those that mean something elsewhere
   * what to do instead.
   */
  problems(elsewhere: Elsewhere = { keys: [], instead: "" }): readonly string[] {
    return [...this.#problems, ...this.#unknownKeys(elsewhere)];
  }

  #unknownKeys({ keys, instead }: Elsewhere): readonly string[] {
    return Object.keys(pulumi.runtime.allConfig())
      .filter((key) => key.startsWith(`${this.#namespace}:`))
      .map((key) => key.slice(this.#namespace.length + 1))
      .filter((key) => !this.#known.has(key))
      .map((key) => {
        const remedy = keys.includes(key) ? instead : this.#keysLike(key);
        return `${this.#namespace}:${key} is not a key of this program; ${remedy}`;
      });
  }

  #keysLike(unknown: string): string {
    const known = [...this.#known].sort();
    const meant = suggestion(unknown, known);
    return meant === undefined ? `its keys are ${known.join(", ")}` : `did you mean ${meant}?`;
  }

  #number(key: string, fallback: number, isAllowed: (value: number) => boolean, allowed: string): number {
    const value = this.#get(key);
    if (value === undefined) return fallback;
    const number = value.trim() === "" ? NaN : Number(value);
    return isAllowed(number) ? number : this.refuse(key, allowed, value, fallback);
  }

  #get(key: string): string | undefined {
    this.#known.add(key);
    return this.#config.get(key);
  }
}

/** `alarmSubscribers[1]` is a part of `alarmSubscribers`. */
const withoutIndex = (key: string): string => key.replace(/\[\d+\]$/, "");

/** What a list must be; where it was typed without JSON's quotes, as it would be right. */
const listRule = (value: unknown, says: string, pattern: RegExp | undefined): string => {
  if (typeof value !== "string") return `a list, each ${says}`;
  const items = value
    .replace(/^\s*\[|\]\s*$/g, "")
    .split(",")
    .map((item) => item.trim().replace(/^["']|["']$/g, ""))
    .filter((item) => item !== "");
  const isRight = items.every((item) => pattern?.test(item) !== false);
  return `a list in JSON${isRight ? `, ${JSON.stringify(items)}` : ""}, each ${says}`;
};

const alternatives = (choices: readonly string[]): string =>
  choices.length === 1 ? choices.join("") : `${choices.slice(0, -1).join(", ")} or ${choices.at(-1) ?? ""}`;

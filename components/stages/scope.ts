import type { Assign, State, Value } from "../state-machine/states.ts";
import { holdsOutputs, renamed, renamedText, variablesOf } from "./variables.ts";

/** Where a stage begins, and what every way to it sets. */
export interface Entry {
  readonly name: string;
  readonly assign: Assign;
}

/** Variables that every execution has. */
export const executionVariables = ["file", "executionName", "origin"] as const;

/** What separates a variable's own name from what is put behind it; no stage's variable has it. */
const mark = "_";

interface ScopeArgs {
  readonly kind: ScopeKind;
  /** Variables that states of this scope set, by the names that expressions call them. */
  readonly own: readonly string[];
  readonly parent?: Scope;
  /** The variable that tells the items of a map apart, where somebody asks for it. */
  readonly place?: string | undefined;
}

/** The machine itself, a branch of a Parallel state, an iteration, or a child execution of a distributed Map. */
type ScopeKind = "machine" | "branch" | "iteration" | { readonly childOf: string };

/**
 * States that share their variables. Inner scopes read the variables of outer ones and may not set one of the same name;
 * child executions see nothing but their input. So what a branch hands up has another name inside, and what a child
 * execution is given is in one variable.
 */
export class Scope {
  readonly states: Record<string, State<string>> = {};
  readonly kind: ScopeKind;
  /** Variables of outer scopes that a child execution needs. */
  readonly needed = new Set<string>();
  /** The variable that tells where among the items of the maps around a state is; none outside of maps. */
  readonly place: string | undefined;
  readonly #own: ReadonlySet<string>;
  readonly #parent: Scope | undefined;
  /** How many branches deep since the last scope whose variables nobody else sees. */
  readonly #depth: number;

  constructor({ kind, own, parent, place }: ScopeArgs) {
    this.kind = kind;
    this.place = place ?? parent?.place;
    this.#own = new Set(place === undefined ? own : [...own, place]);
    this.#parent = parent;
    this.#depth = kind === "branch" && parent !== undefined ? parent.#depth + 1 : 0;
  }

  /** The name that a variable of this scope is set by. */
  own(name: string): string {
    return this.#depth === 0 ? name : `${name}${mark}${this.#depth}`;
  }

  /** A stage's variable for its own purposes, which nobody else reads. */
  static working(result: string, purpose: string): string {
    return `${result}${mark}${purpose}`;
  }

  /** How a variable is read here: by its name, or as a part of another. */
  read(name: string): string {
    if (this.#own.has(name)) return this.own(name);
    if (this.#parent === undefined) return name;
    if (typeof this.kind !== "object") return this.#parent.read(name);
    if (!this.#parent.sees(name)) return name;
    this.needed.add(name);
    return `${this.outerVariable}.${name}`;
  }

  /** Whether a variable of a stage, or of all executions, can be read here at all. */
  sees(name: string): boolean {
    if (this.#own.has(name)) return true;
    return this.#parent === undefined ? isOfExecution(name) : this.#parent.sees(name);
  }

  /** What a child execution has of the variables outside. */
  get outerVariable(): string {
    return typeof this.kind === "object" ? Scope.working(this.kind.childOf, "outer") : "";
  }

  /** A value with its variables called as they are called here. */
  value(value: Value): Value {
    // What an Output reads is known too late to be asked for.
    if (holdsOutputs(value)) for (const name of executionVariables) this.read(name);
    for (const name of variablesOf(value)) this.read(name);
    return renamed(value, (name) => this.read(name));
  }

  text(text: string): string {
    return renamedText(text, (name) => this.read(name));
  }
}

const isOfExecution = (name: string): boolean => (executionVariables as readonly string[]).includes(name);

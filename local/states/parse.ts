import { Fields } from "./fields.ts";
import { isObject } from "./jsonata/values.ts";
import { EXPRESS_TIMEOUT_SECONDS, MAX_EXPRESS_EVENTS, MAX_HISTORY_EVENTS, SECONDS } from "./limits.ts";
import type { Machine } from "./machine.ts";
import type { ParseContext } from "./parse-state.ts";
import { parseState } from "./parse-state.ts";
import type { MachinePlan, ScopePlan, StatePlan } from "./plan.ts";
import { targets } from "./plan.ts";
import { DefinitionError, Problems, shown } from "./problems.ts";
import { Run } from "./run.ts";

export interface ParseOptions {
  /** @default "STANDARD" */
  readonly type?: "STANDARD" | "EXPRESS";
  /** Says what is wrong with a Task's Resource; undefined: nothing. @default every Resource is taken */
  readonly checkResource?: (resource: string) => string | undefined;
}

const TOP_LEVEL = ["Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"];

/**
 * Reads a definition in the Amazon States Language, with JSONata as its query language. Throws DefinitionError with all
 * that is wrong.
 */
export function parseMachine(definition: unknown, options: ParseOptions = {}): Machine {
  const plan = parsePlan(definition, options);
  return { run: (start, host) => new Run(plan, start, host).toEnd() };
}

/** What a machine runs by. Throws DefinitionError likewise. */
export function parsePlan(definition: unknown, options: ParseOptions = {}): MachinePlan {
  if (!isObject(definition)) throw new DefinitionError([`The definition must be an object, got ${shown(definition)}`]);
  const problems = new Problems();
  const fields = new Fields(definition, "Definition", problems);
  const isExpress = options.type === "EXPRESS";
  const scope = parseScope(fields, TOP_LEVEL, "a state machine", {
    names: new Set(),
    outer: new Set(),
    isJsonata: parseQueryLanguage(fields),
    isExpress,
    labels: new Set(),
    checkResource: options.checkResource ?? (() => undefined),
  });
  fields.string("Comment");
  fields.oneOf("Version", ["1.0"]);
  const timeoutSeconds = fields.number("TimeoutSeconds", { ...SECONDS, min: 1 });
  problems.throwIfAny();
  return {
    scope,
    timeoutSeconds: isExpress ? Math.min(timeoutSeconds ?? Infinity, EXPRESS_TIMEOUT_SECONDS) : timeoutSeconds,
    maxEvents: isExpress ? MAX_EXPRESS_EVENTS : MAX_HISTORY_EVENTS,
  };
}

interface Surroundings {
  /** The names of all states so far: they are unique in the whole machine. */
  readonly names: Set<string>;
  /** Variables of outer scopes: inner scopes read them but do not assign them. */
  readonly outer: ReadonlySet<string>;
  readonly isJsonata: boolean;
  readonly isExpress: boolean;
  readonly labels: Set<string>;
  readonly checkResource: ParseContext["checkResource"];
}

function parseQueryLanguage(fields: Fields): boolean {
  const language = fields.object.QueryLanguage;
  if (language === undefined || language === "JSONata") return language === "JSONata";
  if (language === "JSONPath") fields.report("QueryLanguage", 'JSONPath is not supported: use "JSONata"');
  else fields.report("QueryLanguage", `must be "JSONata", got ${shown(language)}`);
  return true;
}

function parseScope(fields: Fields, allowed: readonly string[], what: string, around: Surroundings): ScopePlan {
  fields.allow(allowed, what);
  const startAt = fields.requiredString("StartAt");
  const all = fields.fields("States");
  if (!fields.has("States")) fields.report("States", "is required: an object of states by name");
  const entries = Object.entries(all?.object ?? {});
  if (all !== undefined && entries.length === 0) fields.report("States", "must have at least one state");
  const assigned = new Set([...around.outer, ...entries.flatMap(([, state]) => assignedBy(state))]);
  const states = new Map<string, StatePlan>();
  for (const [name, value] of entries) {
    const path = `${fields.path === "Definition" ? "States" : `${fields.path}.States`}.${name}`;
    if (!isObject(value)) {
      fields.problems.add(path, `must be an object, got ${shown(value)}`);
      continue;
    }
    const state = new Fields(value, path, fields.problems);
    checkName(name, state, around.names);
    checkState(state, value, around);
    const nested: Surroundings = { ...around, outer: assigned };
    const plan = parseState(name, state, {
      scope: (inner, innerAllowed, innerWhat, isExpress = around.isExpress) =>
        parseScope(inner, innerAllowed, innerWhat, { ...nested, isExpress }),
      isExpress: around.isExpress,
      labels: around.labels,
      checkResource: around.checkResource,
    });
    if (plan !== undefined) states.set(name, plan);
  }
  if (all !== undefined) checkFlow(fields, startAt, states, new Set(entries.map(([name]) => name)));
  return { startAt, states };
}

function checkName(name: string, state: Fields, names: Set<string>): void {
  if (names.has(name)) state.problems.add(state.path, "must have a name that no other state of the machine has");
  names.add(name);
}

function checkState(state: Fields, value: Readonly<Record<string, unknown>>, around: Surroundings): void {
  if (value.QueryLanguage !== undefined) parseQueryLanguage(state);
  else if (!around.isJsonata) {
    state.report(
      "QueryLanguage",
      'JSONPath, the default, is not supported: set QueryLanguage of the definition to "JSONata"',
    );
  }
  for (const name of assignedBy(value)) {
    if (around.outer.has(name))
      state.report(`Assign.${name}`, "is a variable of an outer scope: it cannot be assigned here");
  }
}

/** The variables that a state assigns, in its own Assign or in those of its rules and catchers. */
function assignedBy(state: unknown): string[] {
  if (!isObject(state)) return [];
  const parts = [state, ...listOf(state.Choices), ...listOf(state.Catch)];
  return parts.flatMap((part) => (isObject(part) && isObject(part.Assign) ? Object.keys(part.Assign) : []));
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** Every target exists, every state is reached, and the end is, too. */
function checkFlow(
  fields: Fields,
  startAt: string,
  states: ReadonlyMap<string, StatePlan>,
  names: ReadonlySet<string>,
): void {
  const allowed = [...names].join(", ");
  if (startAt !== "" && !names.has(startAt)) fields.report("StartAt", `must be one of ${allowed}, got "${startAt}"`);
  const path = fields.path === "Definition" ? "States" : `${fields.path}.States`;
  for (const state of states.values()) {
    for (const target of targets(state)) {
      if (target !== "" && !names.has(target)) {
        fields.problems.add(
          `${path}.${state.name}`,
          `leads to "${target}", which is not a state: one of ${allowed} is`,
        );
      }
    }
  }
  const reached = reachable(startAt, states);
  for (const name of names) {
    if (names.has(startAt) && !reached.has(name) && states.size === names.size) {
      fields.problems.add(`${path}.${name}`, `is never reached from "${startAt}"`);
    }
  }
  if (states.size === names.size && names.size > 0 && ![...states.values()].some((state) => isTerminal(state))) {
    fields.report("States", "must have a state that ends: End, Succeed or Fail");
  }
}

function reachable(startAt: string, states: ReadonlyMap<string, StatePlan>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [startAt];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const state = states.get(name);
    if (state !== undefined) open.push(...targets(state));
  }
  return reached;
}

const isTerminal = (state: StatePlan): boolean =>
  state.type === "Succeed" || state.type === "Fail" || (state.type !== "Choice" && state.next === undefined);

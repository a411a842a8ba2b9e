import { groupedBy } from "../run/grouped.ts";
import { isObject, textAt, type JsonObject } from "../run/json.ts";
import { stateNameOf } from "../run/stages.ts";

/** States that follow each other: a machine's, a branch's, or those of a map's items. */
export interface Scope {
  /** Key of the box that it begins with. */
  readonly start: string;
  readonly boxes: readonly Box[];
  readonly edges: readonly Edge[];
}

/** What is drawn as one thing: a state, or all states of a job. */
export interface Box {
  /** Unique in its scope. */
  readonly key: string;
  readonly title: string;
  readonly note?: string;
  readonly shape: "job" | "task" | "choice" | "wait" | "end";
  /** What is inside: branches, or what is done with each item. */
  readonly inner: readonly Scope[];
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
  /** The way that is gone after a failure. */
  readonly isFailure: boolean;
}

export interface DrawOptions {
  /** All states, failures included; else a job is one box, and what only a failure leads to is left out. */
  readonly all: boolean;
}

interface Exit {
  readonly to: string;
  readonly condition?: string;
  readonly isDefault?: boolean;
  readonly isFailure: boolean;
}

/** Reads what a definition, a branch or an ItemProcessor says. */
export function readScope(value: unknown, options: DrawOptions): Scope {
  const states = new Map(Object.entries(statesIn(value)));
  const goodEnds = options.all ? new Set(states.keys()) : statesThatCanSucceed(states);
  const first = textAt(value, "StartAt") ?? "";
  const shown = (name: string): boolean =>
    goodEnds.has(name) && !isPassedThrough(states.get(name), name === first, options);
  const keyOf = (name: string): string => (options.all ? name : boxKey(name));
  const boxes = new Map<string, Box>();
  const edges: Edge[] = [];
  for (const [name, state] of states) {
    if (!shown(name)) continue;
    const key = keyOf(name);
    if (!boxes.has(key)) boxes.set(key, boxOf(key, name, state, options));
    for (const exit of exitsOf(state, options)) {
      const to = throughPasses(exit.to, states, shown);
      if (to === undefined || !goodEnds.has(to) || keyOf(to) === key) continue;
      const isOwnChoice = options.all || stateNameOf(name).verb === undefined;
      edges.push({ from: key, to: keyOf(to), isFailure: exit.isFailure, ...(isOwnChoice && labelOf(exit)) });
    }
  }
  const start = keyOf(throughPasses(first, states, shown) ?? first);
  return reachable({ start, boxes: [...boxes.values()], edges: merged(edges) });
}

const statesIn = (value: unknown): Readonly<Record<string, JsonObject>> => {
  const states = isObject(value) && isObject(value.States) ? value.States : {};
  return Object.fromEntries(
    Object.entries(states).flatMap(([name, state]) => (isObject(state) ? [[name, state] as const] : [])),
  );
};

const list = (value: unknown): readonly JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** A replay's jump into the middle is no part of the way. */
const RESUME = /\bresume\b/;

function exitsOf(state: JsonObject, { all }: DrawOptions): readonly Exit[] {
  const rules = list(state.Choices).flatMap((rule): Exit[] => {
    const to = textAt(rule, "Next");
    const condition = textAt(rule, "Condition")?.replace(/^\{%\s*|\s*%\}$/g, "");
    if (to === undefined || (!all && RESUME.test(condition ?? ""))) return [];
    return [{ to, isFailure: false, ...(condition !== undefined && { condition }) }];
  });
  const otherwise = textAt(state, "Default");
  const next = textAt(state, "Next");
  return [
    ...rules,
    ...(otherwise === undefined ? [] : [{ to: otherwise, isDefault: rules.length > 0, isFailure: false }]),
    ...(next === undefined ? [] : [{ to: next, isFailure: false }]),
    ...list(state.Catch).flatMap((catcher) => {
      const to = textAt(catcher, "Next");
      return to === undefined ? [] : [{ to, isFailure: true }];
    }),
  ];
}

/** Those from which an end that is no failure can be reached. */
function statesThatCanSucceed(states: ReadonlyMap<string, JsonObject>): ReadonlySet<string> {
  const good = new Set(
    [...states].filter(([, state]) => state.Type === "Succeed" || state.End === true).map(([name]) => name),
  );
  for (let before = -1; before < good.size;) {
    before = good.size;
    for (const [name, state] of states) {
      if (exitsOf(state, { all: true }).some(({ to }) => good.has(to))) good.add(name);
    }
  }
  return good;
}

/** A Pass only moves data. One that is all there is has to stand for it. */
const isPassedThrough = (state: JsonObject | undefined, isFirst: boolean, { all }: DrawOptions): boolean =>
  !all && state?.Type === "Pass" && !(isFirst && state.End === true);

function throughPasses(
  name: string,
  states: ReadonlyMap<string, JsonObject>,
  shown: (name: string) => boolean,
): string | undefined {
  const seen = new Set<string>();
  let current = name;
  while (!shown(current) && states.get(current)?.Type === "Pass") {
    const next = textAt(states.get(current), "Next");
    if (next === undefined || seen.has(next)) return undefined;
    seen.add(next);
    current = next;
  }
  return states.has(current) ? current : undefined;
}

/** The states of a job share a box. */
function boxKey(name: string): string {
  const { stage, verb } = stateNameOf(name);
  return verb === undefined ? name : `job ${stage}`;
}

function boxOf(key: string, name: string, state: JsonObject, options: DrawOptions): Box {
  const { stage, verb } = stateNameOf(name);
  if (verb !== undefined && !options.all)
    return {
      key,
      title: stage === "" ? "Glue job" : stage,
      shape: "job",
      inner: [],
      ...(stage !== "" && { note: "Glue job" }),
    };
  const box = { key, title: name, shape: "task", inner: [] } as const;
  switch (state.Type) {
    case "Choice":
      return { ...box, shape: "choice" };
    case "Wait":
      return { ...box, shape: "wait" };
    case "Succeed":
    case "Fail":
      return { ...box, shape: "end" };
    case "Parallel":
      return { ...box, note: "in parallel", inner: list(state.Branches).map((branch) => readScope(branch, options)) };
    case "Map":
      return { ...box, note: mapNote(state), inner: [readScope(state.ItemProcessor, options)] };
    case "Task":
      return { ...box, ...(verb === undefined && { note: callNote(textAt(state, "Resource") ?? "") }) };
    default:
      return box;
  }
}

function mapNote(state: JsonObject): string {
  const isDistributed = textAt(state.ItemProcessor, "ProcessorConfig", "Mode") === "DISTRIBUTED";
  const most =
    typeof state.MaxConcurrency === "number" && state.MaxConcurrency > 0 ? `, ${state.MaxConcurrency} at once` : "";
  return `${isDistributed ? "an execution for each item" : "each item"}${most}`;
}

/** `sqs:sendMessage`; of a function its kind alone, because its name is another one on each stack. */
function callNote(resource: string): string {
  if (/^arn:[^:]*:lambda:/.test(resource) || resource.endsWith(":::lambda:invoke")) return "Lambda";
  return resource.replace(/^arn:[^:]*:states:[^:]*:[^:]*:/, "").replace(/^aws-sdk:/, "");
}

const LONGEST_LABEL = 48;

function labelOf({ condition, isDefault }: Exit): { readonly label?: string } {
  if (isDefault === true) return { label: "otherwise" };
  if (condition === undefined) return {};
  const text = condition.replace(/\s+/g, " ");
  return { label: text.length <= LONGEST_LABEL ? text : `${text.slice(0, LONGEST_LABEL - 1)}…` };
}

/** One edge for each pair; a way that is gone without a failure, too, is drawn as that. */
function merged(edges: readonly Edge[]): readonly Edge[] {
  const pairs = groupedBy(edges, ({ from, to }) => JSON.stringify([from, to]));
  return [...pairs.values()].flatMap((all) => {
    const regular = all.filter(({ isFailure }) => !isFailure);
    const [first] = regular.length > 0 ? regular : all;
    if (first === undefined) return [];
    const { label, ...edge } = first;
    const labels = regular.map((each) => each.label).filter((each) => each !== undefined);
    if (labels.length < regular.length || label === undefined) return [edge];
    return [{ ...edge, label: labels.length === 1 ? label : `${labels.length} rules` }];
  });
}

/** What nothing leads to any more is left out. */
function reachable({ start, boxes, edges }: Scope): Scope {
  const seen = new Set([start]);
  for (const key of seen) for (const { from, to } of edges) if (from === key) seen.add(to);
  return {
    start,
    boxes: boxes.filter(({ key }) => seen.has(key)),
    edges: edges.filter(({ from }) => seen.has(from)),
  };
}

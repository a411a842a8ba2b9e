import { walkAst } from "../../states/jsonata/ast.ts";
import { expressionsIn, isJson, type Json, listOf, statesIn } from "./definition.ts";

/** A way out of a state, and what is assigned on it. */
interface Exit {
  readonly to: string;
  readonly assigned: readonly string[];
}

interface State {
  /** Variables that it reads, or a state inside of it. */
  readonly reads: ReadonlySet<string>;
  readonly exits: readonly Exit[];
  readonly live: Set<string>;
}

/**
 * By state, the variables that may still be read from there on before they are assigned anew. What differs in others
 * alone goes on alike: the count of the looks at one run is nothing to the next run.
 */
export function liveVariables(definition: unknown): ReadonlyMap<string, ReadonlySet<string>> {
  const states = new Map<string, State>();
  for (const { name, state } of statesIn(definition)) {
    const reads = readIn(state);
    states.set(name, { reads, exits: exitsOf(state), live: new Set(reads) });
  }
  let isSettled = false;
  while (!isSettled) {
    isSettled = true;
    for (const { exits, live } of states.values()) {
      const before = live.size;
      for (const { to, assigned } of exits) {
        for (const name of states.get(to)?.live ?? []) if (!assigned.includes(name)) live.add(name);
      }
      if (live.size > before) isSettled = false;
    }
  }
  return new Map([...states].map(([name, { live }]) => [name, live]));
}

function readIn(state: Json): ReadonlySet<string> {
  const names = new Set<string>();
  for (const expression of expressionsIn(state)) {
    for (const node of walkAst(expression)) if (node.type === "variable") names.add(String(node.value));
  }
  return names;
}

function exitsOf(state: Json): readonly Exit[] {
  const ways = [...listOf(state.Choices), ...listOf(state.Catch), state, { ...state, Next: state.Default }];
  return ways.flatMap(({ Next, Assign }) =>
    typeof Next === "string" ? [{ to: Next, assigned: isJson(Assign) ? Object.keys(Assign) : [] }] : [],
  );
}

import { parsePlan } from "../../states/parse.ts";
import type { Flow } from "../flow.ts";
import { FlowGraph } from "./flow-graph.ts";
import { liveVariables } from "./live-variables.ts";
import { refuse } from "./refusals.ts";
import { sizeClassesOf } from "./size-classes.ts";

export interface FlowOptions {
  /** @default "STANDARD" */
  readonly type?: "STANDARD" | "EXPRESS";
  /** What an execution is started with for a file of so many bytes. What tells files apart is STAND_IN. */
  readonly input: (bytes: number) => unknown;
}

/**
 * What the executions of a definition do, step by step. Throws DefinitionError for what is no definition, FlowError for
 * what cannot be simulated; so does each step that turns out to depend on a file's name, on time or on chance.
 */
export function createFlow(definition: string | Readonly<Record<string, unknown>>, options: FlowOptions): Flow {
  const { type = "STANDARD", input } = options;
  const parsed: unknown = typeof definition === "string" ? JSON.parse(definition) : definition;
  const plan = parsePlan(parsed, { type });
  refuse(plan.scope);
  return new FlowGraph({ plan, live: liveVariables(parsed) }, input, sizeClassesOf(parsed, input));
}

import type { ScopePlan, StatePlan } from "../../states/plan.ts";
import { StatesError } from "../../states/machine.ts";
import { Interruption } from "../../states/errors.ts";
import { withinIteration } from "../../states/run-map.ts";
import type { Branch } from "../../states/run.ts";
import { Thread } from "../../states/thread.ts";
import { Visit } from "../../states/visit.ts";
import { type Driven, DrivenRun, type Given, type Stop, Stopped } from "./driven-run.ts";
import { type Place, resume } from "./place.ts";
import { STAND_IN, type StandIns, standingClock } from "./stand-ins.ts";

/** Where a thread came to. */
export interface Arrival {
  readonly transitions: number;
  readonly events: number;
  readonly at: Stop | End;
  /** What it went through, to tell where two ways part. */
  readonly trail: readonly Trace[];
}

interface Trace {
  readonly type: string;
  readonly state: string | undefined;
}

export interface End {
  readonly kind: "end";
  readonly status: "SUCCEEDED" | "FAILED" | "INTERRUPTED";
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** A thread of an execution: the whole, a branch or an iteration. */
export interface Strand {
  readonly kind: "root" | "branch";
  readonly iteration: Branch["iteration"];
}

/** Leads the interpreter from one effect to the next, in one of the worlds. */
export class Driver {
  readonly #driven: Driven;
  readonly #standIns: StandIns;
  readonly #scopes: ReadonlyMap<StatePlan, ScopePlan>;

  constructor(driven: Driven, standIns: StandIns) {
    this.#driven = driven;
    this.#standIns = standIns;
    this.#scopes = new Map(scopesOf(driven.plan.scope));
  }

  begin(strand: Strand, { scope, input, context }: Branch, vars: Place["vars"]): Promise<Arrival> {
    return this.#drive(strand, vars, undefined, (run, thread) => run.states(scope, input, thread, context));
  }

  goOn(strand: Strand, place: Place, given: Given): Promise<Arrival> {
    return this.#drive(strand, place.vars, given, async (run, thread) => {
      const { state, input, context, enteredAt } = place;
      const visit = new Visit(run, state, input, thread, context, enteredAt);
      resume(visit, place);
      const { output, next } = await run.passThrough(visit);
      const scope = this.#scopes.get(state);
      return scope === undefined || next === undefined ? output : run.states(scope, output, thread, context, next);
    });
  }

  async #drive(
    strand: Strand,
    vars: Place["vars"],
    given: Given | undefined,
    work: (run: DrivenRun, thread: Thread) => Promise<unknown>,
  ): Promise<Arrival> {
    this.#standIns.passTime();
    const trail: Trace[] = [];
    const host = {
      clock: standingClock(this.#standIns.now()),
      random: this.#standIns.random,
      task: () => Promise.reject(new Error("a driven run calls nothing itself")),
      observe: ({ type, details: { name } }: { type: string; details: Readonly<Record<string, unknown>> }) => {
        trail.push({ type, state: typeof name === "string" ? name : undefined });
      },
      tokens: { open: () => this.#standIns.put(`token-${STAND_IN}`), close: () => undefined },
    };
    const run = new DrivenRun(this.#driven, { input: null, context: {} }, host, given);
    const at = await endOf(run, strand, (thread) => {
      Object.assign(thread.vars, vars);
      return work(run, thread);
    });
    return { ...run.counted(), at, trail };
  }
}

async function endOf(
  run: DrivenRun,
  strand: Strand,
  work: (thread: Thread) => Promise<unknown>,
): Promise<Arrival["at"]> {
  try {
    if (strand.kind === "root") return ended(await run.toEnd(work));
    const thread = Thread.root();
    const { iteration } = strand;
    const output = await (iteration === undefined
      ? work(thread)
      : withinIteration(run, thread, iteration, () => work(thread)));
    return { kind: "end", status: "SUCCEEDED", output };
  } catch (error) {
    if (error instanceof Stopped) return error.stop;
    if (error instanceof Interruption) return { kind: "end", status: "INTERRUPTED" };
    if (!(error instanceof StatesError)) throw error;
    return { kind: "end", status: "FAILED", error: error.name, cause: error.cause };
  }
}

function ended(result: Awaited<ReturnType<DrivenRun["toEnd"]>>): End {
  if (result.status === "SUCCEEDED") return { kind: "end", status: result.status, output: result.output };
  const { error, cause } = result;
  return {
    kind: "end",
    status: "FAILED",
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
}

/** The scope of each state. */
function* scopesOf(scope: ScopePlan): Generator<[StatePlan, ScopePlan]> {
  for (const state of scope.states.values()) {
    yield [state, scope];
    if (state.type === "Parallel") for (const branch of state.branches) yield* scopesOf(branch);
    if (state.type === "Map") yield* scopesOf(state.processor);
  }
}

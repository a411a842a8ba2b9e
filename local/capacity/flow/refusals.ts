import type { ScopePlan, StatePlan } from "../../states/plan.ts";
import type { Arrival } from "./drive.ts";

/** A definition whose executions cannot be foreseen. */
export class FlowError extends Error {
  override readonly name = "FlowError";
}

/** Throws FlowError with all states that cannot be simulated. */
export function refuse(scope: ScopePlan): void {
  const problems = [...problemsOf(scope)];
  if (problems.length > 0) throw new FlowError(problems.join("\n"));
}

function* problemsOf(scope: ScopePlan): Generator<string> {
  for (const state of scope.states.values()) {
    if (state.type === "Task" && EXECUTIONS.test(state.resource)) {
      yield (
        `The state "${state.name}" waits for another execution, which is not simulated: ` +
        `simulate the program without it, or with states:startExecution, which does not wait; got ${state.resource}`
      );
    }
    if (state.type === "Map" && state.distribution !== undefined) {
      yield (
        `The state "${state.name}" is a distributed Map, which is not simulated: ` +
        "its executions depend on what it reads; simulate the program without it, or with an inline Map"
      );
      continue;
    }
    for (const inner of scopesIn(state)) yield* problemsOf(inner);
  }
}

/** One that nobody waits for takes none of this execution's time. */
const EXECUTIONS = /:states:startExecution\.|:aws-sdk:sfn:startSyncExecution/;

const scopesIn = (state: StatePlan): readonly ScopePlan[] => {
  if (state.type === "Parallel") return state.branches;
  return state.type === "Map" ? [state.processor] : [];
};

/** Throws FlowError where what differs from file to file or from time to time has led to different effects. */
export function compare(one: Arrival, other: Arrival): void {
  const parting = one.trail.findIndex((trace, index) => {
    const also = other.trail[index];
    return trace.type !== also?.type || trace.state !== also.state;
  });
  if (parting >= 0 || one.trail.length !== other.trail.length) throw dependsOn(lastState(one, parting), "course");
  if (one.transitions !== other.transitions || one.events !== other.events) throw dependsOn(lastState(one), "course");
  const [mine, others] = [timingOf(one), timingOf(other)];
  for (const [what, value] of Object.entries(mine)) {
    if (JSON.stringify(value) !== JSON.stringify(others[what])) throw dependsOn(lastState(one), what);
  }
}

/** What must not differ. */
function timingOf({ at }: Arrival): Readonly<Record<string, unknown>> {
  switch (at.kind) {
    case "call":
      return { resource: at.resource, timeout: at.timeoutSeconds, heartbeat: at.heartbeatSeconds };
    case "pause":
      return { why: at.why, seconds: at.seconds, jitter: at.isJittered, error: at.error };
    case "fork":
      return { branches: at.branches.length, concurrency: at.atOnce };
    case "end":
      return { status: at.status, error: at.error, outcome: outcomeIn(at.output) };
  }
}

/** `outcome` of an output that has one. */
export const outcomeIn = (output: unknown): string | undefined =>
  typeof output === "object" && output !== null && "outcome" in output && typeof output.outcome === "string"
    ? output.outcome
    : undefined;

function lastState({ trail }: Arrival, before = trail.length): string | undefined {
  return trail.slice(0, before < 0 ? trail.length : before).findLast(({ type }) => type.endsWith("StateEntered"))
    ?.state;
}

const dependsOn = (state: string | undefined, what: string): FlowError =>
  new FlowError(
    `The ${what} of the state "${state ?? "that it starts at"}" depends on what differs from one execution to the next: ` +
      "the file's name or version, the execution's name, the time or chance. Such a definition cannot be simulated; " +
      "let it depend on the file's size, on results of tasks or on how often it was tried",
  );

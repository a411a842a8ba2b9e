import type { HistoryEvent } from "../../local/states/history.ts";
import { textAt } from "../run/json.ts";
import { stateNameOf } from "../run/stages.ts";

/** Where in an execution an event happened. */
export interface Visit {
  readonly state: string;
  /** The Map whose iteration it is a part of; of nested ones the outermost. */
  readonly map?: string;
  /** Of the task's call, when this is one. */
  readonly tries: number;
  /** The Choice that led here, the first time that it is passed. */
  readonly passedBy?: string;
  /** A Wait that begins, and at its end how long it took; a Wait that is part of polling is no pause. */
  readonly pause?: "begins" | number;
}

/** Follows a history, branch by branch, to know which state an event belongs to. */
export class StateTrail {
  readonly #stateOf = new Map<number, string>();
  readonly #mapOf = new Map<number, string>();
  readonly #tries = new Map<string, number>();
  readonly #seen = new Set<string>();
  readonly #polls = new Set<string>();
  readonly #choiceAt = new Map<number, string>();
  /** When each pause began, by the id of its first event. */
  readonly #pauses = new Map<number, number>();

  follow(event: HistoryEvent): Visit {
    const isEntry = event.type.endsWith("StateEntered");
    const before = this.#stateOf.get(event.previousEventId) ?? "";
    const state = isEntry || /^MapState|^MapRun/.test(event.type) ? (textAt(event.details, "name") ?? before) : before;
    this.#stateOf.set(event.id, state);
    const map = this.#mapAround(event, state);
    const none = { state, tries: 0, ...(map !== undefined && { map }) };
    if (event.type === "ChoiceStateExited") this.#choiceAt.set(event.id, state);
    if (event.type === "TaskScheduled" || event.type === "LambdaFunctionScheduled") {
      const tries = (this.#tries.get(state) ?? 0) + 1;
      this.#tries.set(state, tries);
      return { ...none, tries };
    }
    const pausedAt = this.#pauses.get(event.previousEventId);
    if (event.type === "WaitStateExited" && pausedAt !== undefined)
      return { ...none, pause: event.timestamp - pausedAt };
    if (!isEntry) return none;
    this.#tries.delete(state);
    const choice = this.#choiceAt.get(event.previousEventId);
    if (event.type === "WaitStateEntered") {
      if (!this.#isPause(state, choice)) return none;
      this.#pauses.set(event.id, event.timestamp);
      return { ...none, pause: "begins" };
    }
    if (choice === undefined || this.#seen.has(choice)) return none;
    this.#seen.add(choice);
    return { ...none, passedBy: choice };
  }

  /** An iteration's events follow its beginning; what tells of the map itself is outside again. */
  #mapAround({ id, previousEventId, type, details }: HistoryEvent, state: string): string | undefined {
    const before = this.#mapOf.get(previousEventId);
    const map =
      type === "MapIterationStarted"
        ? (before ?? textAt(details, "name") ?? state)
        : before === state && /^MapState(Succeeded|Failed|Aborted|Exited)$/.test(type)
          ? undefined
          : before;
    if (map !== undefined) this.#mapOf.set(id, map);
    return map;
  }

  #isPause(state: string, choice: string | undefined): boolean {
    if (choice !== undefined) this.#seen.add(choice);
    const { verb } = stateNameOf(state);
    if (verb !== undefined) return verb === "BackOff";
    const isPause = !this.#polls.has(state);
    // One that is come back to without a decision is a program's own way of polling.
    if (choice === undefined) this.#polls.add(state);
    return isPause;
  }
}

import type { HistoryEvent } from "../../local/states/history.ts";
import { textAt } from "./json.ts";
import { isCommonState, stateNameOf } from "./stages.ts";

/** Follows a history to know where its decisions lead; those within branches and maps are not the execution's. */
export class Decisions {
  /** How many branches and maps are around what happens now. */
  #depth = 0;
  /** The event that ended the decision. */
  #decided: number | undefined;
  #choice = "";

  /** The stage that a decision has led to, when its first state is entered. */
  follow({ id, previousEventId, type, details }: HistoryEvent): string | undefined {
    const name = textAt(details, "name") ?? "";
    const isEntry = type.endsWith("StateEntered");
    const isFirst = isEntry && this.#depth === 0 && this.#decided === previousEventId;
    if (/^(Parallel|Map)StateEntered$/.test(type)) this.#depth++;
    if (/^(Parallel|Map)StateExited$/.test(type)) this.#depth--;
    if (this.#depth === 0 && type === "ChoiceStateEntered") this.#choice = name;
    if (this.#depth === 0 && type === "ChoiceStateExited" && isDecision(this.#choice)) this.#decided = id;
    // What only ends the execution is told by its outcome.
    if (!isFirst || /^(Choice|Succeed|Fail)State/.test(type) || isCommonState(name)) return undefined;
    return stateNameOf(name).stage;
  }
}

/** A job's looks at its run are none. */
const isDecision = (choice: string): boolean => stateNameOf(choice).verb === undefined && !isCommonState(choice);

import type { CloudEvent } from "../../local/events.ts";
import type { HistoryEvent } from "../../local/states/history.ts";
import { describeError } from "../run/outcome.ts";
import { mapLabelOf } from "../run/records.ts";
import { count, plural } from "./format.ts";
import { step, type Step } from "./step.ts";

/** Failures of items that are told one by one; all are counted. */
const FAILURES_TOLD = 3;

interface Progress {
  readonly items: number | undefined;
  done: number;
  failed: number;
}

/** Sums up what happens to the items of maps: there may be thousands. */
export class MapProgress {
  readonly #maps = new Map<string, Progress>();

  begin(name: string, items: number | undefined): Step {
    this.#maps.set(name, { items, done: 0, failed: 0 });
    return step(name, items === undefined ? "begins" : plural(items, "item"));
  }

  /** An iteration that is a part of the execution's own history. */
  iteration(name: string, { type }: HistoryEvent): Step | undefined {
    const map = this.#maps.get(name);
    if (map === undefined) return undefined;
    if (type === "MapIterationSucceeded") map.done++;
    else if (type === "MapIterationFailed") map.failed++;
    else return undefined;
    return passing(name, map);
  }

  /** An iteration that is an execution of its own. */
  child({ executionArn, status, error, cause }: Extract<CloudEvent, { kind: "execution-ended" }>): Step | undefined {
    const label = letters(mapLabelOf(executionArn) ?? "");
    const names = [...this.#maps.keys()];
    const name = names.find((each) => label.startsWith(letters(each))) ?? names.at(-1);
    const map = name === undefined ? undefined : this.#maps.get(name);
    if (name === undefined || map === undefined) return undefined;
    if (status === "SUCCEEDED") {
      map.done++;
      return passing(name, map);
    }
    map.failed++;
    if (map.failed > FAILURES_TOLD) return passing(name, map);
    return { label: name, text: `an item failed: ${describeError(error ?? status, cause)}`, tone: "warning" };
  }

  end(name: string): Step | undefined {
    const map = this.#maps.get(name);
    if (map === undefined) return undefined;
    this.#maps.delete(name);
    const { items = map.done + map.failed, failed } = map;
    return step(name, `${plural(items, "item")}, ${count(failed)} failed`, failed > 0 ? "warning" : "plain");
  }
}

const passing = (name: string, { items, done, failed }: Progress): Step => ({
  ...step(name, `${count(done + failed)}${items === undefined ? "" : ` of ${count(items)}`} done`, "active"),
  isPassing: true,
});

/** A map's label is its state's name without what an ARN cannot have. */
const letters = (name: string): string => name.replace(/[^0-9A-Za-z]/g, "");

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { keyOf, type Place, type Table, type Write } from "./table.ts";
import type { Item } from "./ledger-items.ts";
import type { Taken } from "./names.ts";

/**
 * `waiting` for a slot, `starting`: to be started by whoever sees it, `started`, `ended`. A unit that is there is safe:
 * either it is on the waiting list, or reminders of it are under way until it has ended.
 */
export type UnitState = "waiting" | "starting" | "started" | "ended";

/** An execution, from before it is started until its end has been recorded. */
export interface Unit {
  /** The execution's. */
  readonly name: string;
  readonly state: UnitState;
  /** Of the execution: JSON. */
  readonly input: string;
  /** The file that has it for itself; those of a batch are in its manifest. */
  readonly file?: Taken;
  /** When the first of its files came: its place on the waiting list. */
  readonly since: number;
  /** Reminders of earlier turns have been overtaken. */
  readonly turn: number;
  readonly slot?: number;
}

export type NewUnit = Pick<Unit, "name" | "input" | "file" | "since">;

/** The turn of a unit's first reminder. */
export const firstTurn = 1;

/** The units. A slot is held if and only if its unit is starting or started; the list has those that are waiting. */
export interface Units {
  readonly get: (name: string) => Promise<Unit | undefined>;
  /** False: it is there. */
  readonly addWaiting: (unit: NewUnit) => Promise<boolean>;
  /** False: it is there. */
  readonly addStarting: (unit: NewUnit) => Promise<boolean>;
  /** Those that have waited longest. */
  readonly waiting: (limit: number) => Promise<readonly WaitingUnit[]>;
  readonly freeSlots: (slots: number) => Promise<readonly number[]>;
  /** Takes a unit off the list, and a slot for it where there are slots. False: somebody else has taken one of the two. */
  readonly launch: (unit: WaitingUnit, slot: number | undefined) => Promise<boolean>;
  /** Takes a unit off the list that is not waiting. */
  readonly dropFromList: (unit: WaitingUnit) => Promise<boolean>;
  readonly markStarted: (name: string) => Promise<boolean>;
  readonly turnTo: (name: string, turn: number) => Promise<boolean>;
  /** Notes its end, and frees its slot. False: it has changed meanwhile. */
  readonly end: (unit: Unit) => Promise<boolean>;
  /** Has it never been. False: it is there, and has not ended. */
  readonly forget: (name: string) => Promise<boolean>;
}

export interface WaitingUnit {
  readonly name: string;
  /** Where it is on the list. */
  readonly id: string;
}

const waitingPartition = "waiting";
const slotsPartition = "slots";

export function createUnits(table: Table, retentionDays: number, now: () => number): Units {
  return {
    get: async (name) => {
      const item = await table.get(unitPlace(name));
      return item && unitOf(item);
    },
    addWaiting: (unit) =>
      table.writeAll([
        { put: itemOf({ ...unit, state: "waiting" }), condition: isNew },
        { put: { ...keyOf(waitingPlace(waitingId(unit))), Unit: { S: unit.name } }, condition: isNew },
      ]),
    addStarting: (unit) => table.write({ put: itemOf({ ...unit, state: "starting" }), condition: isNew }),
    waiting: async (limit) => {
      const items = await table.list(waitingPartition, { limit });
      return items.map((item) => ({ name: item.Unit?.S ?? "", id: item.Id?.S ?? "" }));
    },
    freeSlots: async (slots) => {
      const held = new Set((await table.list(slotsPartition)).map((item) => Number(item.Id?.S)));
      return Array.from({ length: slots }, (_, slot) => slot).filter((slot) => !held.has(slot));
    },
    launch: ({ name, id }, slot) =>
      table.writeAll([
        {
          at: unitPlace(name),
          update: `SET #State = :starting${slot === undefined ? "" : ", #Slot = :slot"}`,
          condition: "#State = :waiting",
          values: { ":starting": "starting", ":waiting": "waiting", ...(slot !== undefined && { ":slot": slot }) },
        },
        { delete: waitingPlace(id) },
        ...(slot === undefined
          ? []
          : [{ put: { ...keyOf(slotPlace(slot)), Unit: { S: name } }, condition: isNew } as const]),
      ]),
    dropFromList: ({ id }) => table.write({ delete: waitingPlace(id) }),
    markStarted: (name) =>
      table.write({
        at: unitPlace(name),
        update: "SET #State = :started",
        condition: "#State = :starting",
        values: { ":started": "started", ":starting": "starting" },
      }),
    turnTo: (name, turn) =>
      table.write({
        at: unitPlace(name),
        update: "SET #Turn = :turn",
        condition: "#Turn < :turn",
        values: { ":turn": turn },
      }),
    forget: (name) =>
      table.write({
        delete: unitPlace(name),
        condition: `${isNew} OR #State = :ended`,
        values: { ":ended": "ended" },
      }),
    end: (unit) => table.writeAll(endOf(unit, Math.ceil(now() / 1000) + retentionDays * 86_400)),
  };
}

function endOf(unit: Unit, expiresAt: number): readonly Write[] {
  const { name, state, slot } = unit;
  return [
    {
      at: unitPlace(name),
      update: "SET #State = :ended, #ExpiresAt = :expiresAt",
      condition: "#State = :seen",
      values: { ":ended": "ended", ":seen": state, ":expiresAt": expiresAt },
    },
    ...(slot === undefined
      ? []
      : [{ delete: slotPlace(slot), condition: "#Unit = :unit", values: { ":unit": name } } as const]),
    ...(state === "waiting" ? [{ delete: waitingPlace(waitingId(unit)) } as const] : []),
  ];
}

const isNew = "attribute_not_exists(#Partition)";

const unitPlace = (name: string): Place => ({ partition: name, id: "unit" });
const slotPlace = (slot: number): Place => ({ partition: slotsPartition, id: String(slot).padStart(6, "0") });
const waitingPlace = (id: string): Place => ({ partition: waitingPartition, id });
const waitingId = ({ since, name }: Pick<Unit, "since" | "name">): string =>
  `${String(since).padStart(15, "0")}#${name}`;

function itemOf({ name, state, input, file, since }: NewUnit & Pick<Unit, "state">): Record<string, AttributeValue> {
  return {
    ...keyOf(unitPlace(name)),
    State: { S: state },
    Input: { S: input },
    Since: { N: String(since) },
    Turn: { N: String(firstTurn) },
    ...(file !== undefined && { File: { S: file.name }, Generation: { N: String(file.generation) } }),
  };
}

function unitOf(item: Item): Unit {
  const { Partition, State, Input, File, Generation, Since, Turn, Slot } = item;
  if (Partition?.S === undefined || State?.S === undefined || Input?.S === undefined) {
    throw new Error(`The ledger's unit must have a State and an Input, got ${JSON.stringify(item)}`);
  }
  return {
    name: Partition.S,
    state: State.S as UnitState,
    input: Input.S,
    since: Number(Since?.N ?? 0),
    turn: Number(Turn?.N ?? firstTurn),
    ...(File?.S !== undefined && { file: { name: File.S, generation: Number(Generation?.N ?? 0) } }),
    ...(Slot?.N !== undefined && { slot: Number(Slot.N) }),
  };
}

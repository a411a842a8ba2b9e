import type { Item } from "./dynamodb-values.ts";
import type { Place } from "./table.ts";

const minute = 60;

/** Which items expire when: kept by the minute, so that a sweep looks at little else than what is due. */
export class ItemExpiry {
  readonly #attribute: string;
  readonly #minutes = new Map<number, Place[]>();
  #earliest = Number.POSITIVE_INFINITY;

  /** @param attribute Holds seconds since the epoch. */
  constructor(attribute: string) {
    this.#attribute = attribute;
  }

  isExpired(item: Item, now: number): boolean {
    const at = this.#time(item);
    return at !== undefined && at * 1000 < now;
  }

  note(place: Place, item: Item): void {
    const at = this.#time(item);
    if (at === undefined) return;
    const slot = Math.floor(at / minute);
    const places = this.#minutes.get(slot);
    if (places === undefined) this.#minutes.set(slot, [place]);
    else places.push(place);
    this.#earliest = Math.min(this.#earliest, slot);
  }

  /** Takes out the places whose items may have expired. They may have been written anew since. */
  due(now: number): readonly Place[] {
    const current = Math.floor(now / 1000 / minute);
    if (this.#earliest >= current) return [];
    const due: Place[] = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const [slot, places] of this.#minutes) {
      if (slot < current) {
        due.push(...places);
        this.#minutes.delete(slot);
      } else this.#earliest = Math.min(this.#earliest, slot);
    }
    return due;
  }

  #time(item: Item): number | undefined {
    const value = item[this.#attribute]?.N;
    return value === undefined ? undefined : Number(value);
  }
}

const arity = 4;

/** Events of equal time come in the order in which they were pushed, but for those that free something: these come first. */
const first = -(2 ** 52);

/**
 * What is still to happen, soonest first: a heap of four branches over typed arrays, so that no event is an object. An
 * event is a kind from 0 to 15 and the index of what it happens to.
 */
export class EventHeap {
  /** Of the event popped last. */
  at = 0;
  kind = 0;
  index = 0;
  /** Tells the event from all others. */
  id = 0;
  #size = 0;
  #pushed = 0;
  #times = new Float64Array(1024);
  #orders = new Float64Array(1024);
  #events = new Uint32Array(1024);

  get size(): number {
    return this.#size;
  }

  /** Gives the event's id. `frees`: it comes before all others of its time. */
  push(at: number, kind: number, index: number, frees = false): number {
    if (this.#size === this.#times.length) this.#grow();
    const id = ++this.#pushed;
    this.#rise(this.#size++, at, frees ? first + id : id, ((index << 4) | kind) >>> 0);
    return id;
  }

  /** Takes the next event into the fields above. False: there is none. */
  pop(): boolean {
    if (this.#size === 0) return false;
    const event = this.#events[0] ?? 0;
    const order = this.#orders[0] ?? 0;
    this.at = this.#times[0] ?? 0;
    this.kind = event & 15;
    this.index = event >>> 4;
    this.id = order < 0 ? order - first : order;
    const last = --this.#size;
    if (last > 0) this.#sink(this.#times[last] ?? 0, this.#orders[last] ?? 0, this.#events[last] ?? 0);
    return true;
  }

  #rise(from: number, at: number, order: number, event: number): void {
    const times = this.#times;
    const orders = this.#orders;
    let place = from;
    while (place > 0) {
      const parent = ((place - 1) / arity) | 0;
      const parentAt = times[parent] ?? 0;
      if (parentAt < at || (parentAt === at && (orders[parent] ?? 0) < order)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(place, at, order, event);
  }

  #sink(at: number, order: number, event: number): void {
    const times = this.#times;
    const orders = this.#orders;
    const size = this.#size;
    let place = 0;
    for (;;) {
      const from = place * arity + 1;
      if (from >= size) break;
      let least = from;
      let leastAt = times[from] ?? 0;
      const to = Math.min(from + arity, size);
      for (let child = from + 1; child < to; child++) {
        const childAt = times[child] ?? 0;
        if (childAt < leastAt || (childAt === leastAt && (orders[child] ?? 0) < (orders[least] ?? 0))) {
          least = child;
          leastAt = childAt;
        }
      }
      if (leastAt > at || (leastAt === at && (orders[least] ?? 0) > order)) break;
      this.#move(least, place);
      place = least;
    }
    this.#put(place, at, order, event);
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from] ?? 0;
    this.#orders[to] = this.#orders[from] ?? 0;
    this.#events[to] = this.#events[from] ?? 0;
  }

  #put(place: number, at: number, order: number, event: number): void {
    this.#times[place] = at;
    this.#orders[place] = order;
    this.#events[place] = event;
  }

  #grow(): void {
    const size = this.#size * 2;
    this.#times = grown(this.#times, new Float64Array(size));
    this.#orders = grown(this.#orders, new Float64Array(size));
    this.#events = grown(this.#events, new Uint32Array(size));
  }
}

/** The larger array with all that the smaller one has. */
export const grown = <T extends Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array>(
  from: T,
  to: T,
): T => {
  to.set(from);
  return to;
};

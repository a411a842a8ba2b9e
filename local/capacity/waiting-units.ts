/**
 * Executions to be that wait for a place, known by their first files: the one whose file came first is the first. They come
 * in nearly this order, so that each is near its place at the end.
 */
export class WaitingUnits {
  #units: number[] = [];
  #arrivedAt: number[] = [];
  #head = 0;

  get length(): number {
    return this.#units.length - this.#head;
  }

  push(unit: number, arrivedAt: number): void {
    let place = this.#units.length;
    while (place > this.#head && (this.#arrivedAt[place - 1] ?? 0) > arrivedAt) {
      this.#put(place, this.#units[place - 1] ?? 0, this.#arrivedAt[place - 1] ?? 0);
      place--;
    }
    this.#put(place, unit, arrivedAt);
  }

  shift(): number | undefined {
    if (this.length === 0) return undefined;
    const unit = this.#units[this.#head++];
    if (this.#head > 1024 && this.#head * 2 > this.#units.length) {
      this.#units = this.#units.slice(this.#head);
      this.#arrivedAt = this.#arrivedAt.slice(this.#head);
      this.#head = 0;
    }
    return unit;
  }

  #put(place: number, unit: number, arrivedAt: number): void {
    this.#units[place] = unit;
    this.#arrivedAt[place] = arrivedAt;
  }
}

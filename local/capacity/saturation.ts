/** For how long a limit held someone up. Times are milliseconds. */
export class Saturation {
  #since = Number.NaN;
  #total = 0;

  begin(now: number): void {
    if (Number.isNaN(this.#since)) this.#since = now;
  }

  end(now: number): void {
    if (Number.isNaN(this.#since)) return;
    this.#total += now - this.#since;
    this.#since = Number.NaN;
  }

  upTo(now: number): number {
    return this.#total + (Number.isNaN(this.#since) ? 0 : now - this.#since);
  }
}

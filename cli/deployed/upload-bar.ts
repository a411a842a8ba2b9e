import { bytes, plural } from "../render/format.ts";
import type { Screen } from "../render/screen.ts";
import { progressBar } from "../render/steps.ts";
import type { Paint } from "../render/style.ts";

/** A redraw more often than this is not seen. Milliseconds. */
const INTERVAL = 100;

export interface UploadBarOptions {
  /** Bytes of each file. */
  readonly sizes: readonly number[];
  readonly screen: Screen;
  readonly columns: number;
  readonly paint: Paint;
  /** Milliseconds by the wall's clock. */
  readonly now: () => number;
}

/** One line for all uploads: `  uploading  ████░░░░░░  42 %  84 MB of 200 MB, 12 MB/s`. */
export class UploadBar {
  readonly #options: UploadBarOptions;
  readonly #loaded: number[];
  readonly #total: number;
  readonly #begun: number;
  #shownAt = -Infinity;

  constructor(options: UploadBarOptions) {
    this.#options = options;
    this.#loaded = options.sizes.map(() => 0);
    this.#total = options.sizes.reduce((sum, size) => sum + size, 0);
    this.#begun = options.now();
  }

  /** So many bytes of a file have arrived. */
  show(index: number, loaded: number): void {
    this.#loaded[index] = loaded;
    const { screen, now, paint } = this.#options;
    if (this.#done) return;
    if (now() - this.#shownAt < INTERVAL) return;
    this.#shownAt = now();
    screen.live(`  ${paint("active", "uploading")}  ${this.#text()}`);
  }

  get #arrived(): number {
    return this.#loaded.reduce((sum, part) => sum + part, 0);
  }

  get #done(): boolean {
    return this.#arrived >= this.#total;
  }

  #text(): string {
    const { columns, now, sizes } = this.#options;
    const room = columns - "  uploading  ".length - 1;
    const seconds = (now() - this.#begun) / 1000;
    const speed = seconds < 1 ? "" : `, ${bytes(this.#arrived / seconds)}/s`;
    const files = sizes.length === 1 ? "" : `, ${plural(sizes.length, "file")}`;
    const bar = progressBar(this.#total === 0 ? 0 : this.#arrived / this.#total, room);
    const text = `${bar}  ${bytes(this.#arrived)} of ${bytes(this.#total)}${files}${speed}`;
    return text.length <= room ? text : bar;
  }
}

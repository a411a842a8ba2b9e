import { stripVTControlCharacters } from "node:util";
import type { CloudEvent } from "../../local/events.ts";
import type { FileRecord, Ledger } from "../run/ledger.ts";
import { distinctNames } from "../run/files.ts";
import { plural } from "./format.ts";
import { Narrator } from "./narrator.ts";
import type { Screen } from "./screen.ts";
import { stepLine } from "./steps.ts";
import type { Paint } from "./style.ts";
import { padEnd, printable, truncateMiddle, width } from "./text.ts";

/** With more files than this, only how each one ends is shown. */
const FILES_IN_DETAIL = 8;
const LONGEST_PREFIX = 24;
/** A silence of so many milliseconds is worth a word. */
const SILENCE = 1000;

export interface LiveViewOptions {
  readonly ledger: Ledger;
  readonly screen: Screen;
  readonly columns: number;
  readonly paint: Paint;
  /** Milliseconds by the wall's clock. */
  readonly now: () => number;
  /** What a silence means. @default "busy" */
  readonly silence?: string;
}

/** Shows what happens to the files while it happens. */
export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #narrators: ReadonlyMap<FileRecord, Narrator>;
  readonly #prefixes: ReadonlyMap<FileRecord, string>;
  readonly #ended = new Set<FileRecord>();
  readonly #isDetailed: boolean;
  /** The line that may be rewritten, if there is one. */
  #live = "";
  #toldAt: number;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#toldAt = options.now();
    const { files } = options.ledger;
    this.#narrators = new Map(files.map((file) => [file, new Narrator(file)]));
    this.#prefixes = prefixesOf(files);
    this.#isDetailed = files.length <= FILES_IN_DETAIL;
  }

  /** `file` is the one that the ledger found the event to be about. */
  show(event: CloudEvent, at: number, file: FileRecord | undefined): void {
    if (file === undefined) return;
    const step = this.#narrators.get(file)?.tell(event);
    if (step === undefined) return;
    if (step.isLast === true) this.#ended.add(file);
    const { screen, columns, paint } = this.#options;
    const prefix = this.#prefixes.get(file) ?? "";
    const line = stepLine(step, { prefix, columns, elapsed: at - (file.uploadedAt ?? at), paint });
    const isRewritten = step.isPassing === true || step.progress !== undefined;
    if (!this.#isDetailed) {
      if (step.isLast === true) screen.line(line);
      this.#show(this.#counts());
    } else if (!isRewritten) {
      screen.line(line);
      this.#show("");
    } else if (screen.isTerminal) {
      this.#show(line);
    } else if (step.isFirst === true) {
      screen.line(line);
    }
  }

  /** To be called while work is done: says so when nothing else has been said for a while. */
  tick(): void {
    const { screen, columns, paint, now, ledger, silence: word = "busy" } = this.#options;
    const silence = now() - this.#toldAt;
    if (silence < SILENCE || this.#ended.size === ledger.files.length) return;
    const note = `  ${paint("dim", `${word} for ${Math.floor(silence / 1000)} s`)}`;
    const both = this.#live + note;
    // A line that wraps cannot be rewritten.
    screen.live(width(stripVTControlCharacters(both)) < columns ? both : note);
  }

  #show(live: string): void {
    this.#live = live;
    this.#toldAt = this.#options.now();
    this.#options.screen.live(live);
  }

  #counts(): string {
    const all = this.#options.ledger.files.length;
    return `  ${this.#options.paint("dim", `${this.#ended.size} of ${plural(all, "file")} ended`)}`;
  }
}

/** File names to tell lines apart by, all of one width; none where there is one file only. */
function prefixesOf(files: readonly FileRecord[]): ReadonlyMap<FileRecord, string> {
  const keys = files.map(({ upload }) => upload.key);
  const names = distinctNames(keys, "/").map((name) => truncateMiddle(printable(name), LONGEST_PREFIX));
  const widest = Math.max(0, ...names.map(width));
  return new Map(files.map((file, index) => [file, files.length === 1 ? "" : padEnd(names[index] ?? "", widest)]));
}

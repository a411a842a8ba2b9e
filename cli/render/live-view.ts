import type { CloudEvent } from "../../local/events.ts";
import type { FileRecord, Ledger } from "../run/ledger.ts";
import { plural } from "./format.ts";
import { Narrator } from "./narrator.ts";
import type { Screen } from "./screen.ts";
import { stepLine } from "./steps.ts";
import type { Paint } from "./style.ts";
import { padEnd, printable, truncateMiddle, width } from "./text.ts";

/** With more files than this, only how each one ends is shown. */
const FILES_IN_DETAIL = 8;
const LONGEST_PREFIX = 24;

export interface LiveViewOptions {
  readonly ledger: Ledger;
  readonly screen: Screen;
  readonly columns: number;
  readonly paint: Paint;
}

/** Shows what happens to the files while it happens. */
export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #narrators: ReadonlyMap<FileRecord, Narrator>;
  readonly #prefixes: ReadonlyMap<FileRecord, string>;
  readonly #ended = new Set<FileRecord>();
  readonly #isDetailed: boolean;

  constructor(options: LiveViewOptions) {
    this.#options = options;
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
    if (step.progress !== undefined) {
      if (this.#isDetailed && screen.isTerminal) screen.live(line);
      else if (this.#isDetailed && step.isFirst === true) screen.line(line);
    } else if (this.#isDetailed || step.isLast === true) {
      screen.line(line);
    }
    if (!this.#isDetailed) screen.live(this.#counts());
  }

  #counts(): string {
    const all = this.#options.ledger.files.length;
    return `  ${this.#options.paint("dim", `${this.#ended.size} of ${plural(all, "file")} ended`)}`;
  }
}

/** File names to tell lines apart by, all of one width; none where there is one file only. */
function prefixesOf(files: readonly FileRecord[]): ReadonlyMap<FileRecord, string> {
  const names = files.map(({ upload }) => truncateMiddle(printable(baseName(upload.key)), LONGEST_PREFIX));
  const widest = Math.max(0, ...names.map(width));
  return new Map(files.map((file, index) => [file, files.length === 1 ? "" : padEnd(names[index] ?? "", widest)]));
}

const baseName = (key: string): string => key.slice(key.lastIndexOf("/", key.length - 2) + 1);

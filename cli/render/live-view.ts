import { stripVTControlCharacters } from "node:util";
import type { CloudEvent } from "../../local/events.ts";
import { distinctNames } from "../run/files.ts";
import type { Ledger } from "../run/ledger.ts";
import { Background } from "./background.ts";
import { beginOf, nameOfStart, type Subject } from "../run/records.ts";
import { plural } from "./format.ts";
import { Narrator } from "./narrator.ts";
import type { Step } from "./step.ts";
import type { Screen } from "./screen.ts";
import { stepLine } from "./steps.ts";
import type { Paint } from "./style.ts";
import { padEnd, printable, truncate, truncateMiddle, width } from "./text.ts";

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
  /** What the stages are called. @default [] */
  readonly stages?: readonly string[];
  /** What a silence means. @default "busy" */
  readonly silence?: string;
}

/** Shows what happens to files and executions while it happens. */
export class LiveView {
  readonly #options: LiveViewOptions;
  readonly #narrators: Map<Subject, Narrator>;
  readonly #prefixes: ReadonlyMap<Subject, string>;
  readonly #prefixWidth: number;
  readonly #ended = new Set<Subject>();
  readonly #background = new Background();
  readonly #isDetailed: boolean;
  /** The line that may be rewritten, if there is one. */
  #live = "";
  #toldAt: number;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#toldAt = options.now();
    const { subjects } = options.ledger;
    this.#narrators = new Map(subjects.map((subject) => [subject, new Narrator(subject)]));
    this.#prefixes = prefixesOf(subjects);
    this.#prefixWidth = Math.max(0, ...[...this.#prefixes.values()].map(width));
    this.#isDetailed = subjects.length <= FILES_IN_DETAIL;
  }

  /** `subject` is what the ledger found the event to be about. */
  show(event: CloudEvent, at: number, subject: Subject | undefined): void {
    if (subject === undefined) {
      this.#showBackground(event, at);
      return;
    }
    const step = this.#narratorOf(subject).tell(event);
    if (step === undefined) return;
    if (step.isLast === true) this.#ended.add(subject);
    const { screen, columns, paint, stages = [] } = this.#options;
    const prefix = this.#prefixOf(subject);
    const line = stepLine(step, { prefix, columns, elapsed: this.#elapsed(subject, at), paint, stages });
    const isRewritten = step.isPassing === true || step.progress !== undefined;
    if (!this.#isDetailed) {
      if (step.isLast === true) screen.line(line);
      this.#show(this.#counts());
    } else if (!isRewritten) {
      screen.line(line);
      this.#show("");
    } else if (screen.isTerminal) {
      this.#show(this.#together(step, line));
    } else if (step.isFirst === true) {
      screen.line(line);
    }
  }

  /** Batches come while others are followed. */
  #narratorOf(subject: Subject): Narrator {
    const narrator = this.#narrators.get(subject) ?? new Narrator(subject);
    this.#narrators.set(subject, narrator);
    return narrator;
  }

  #prefixOf(subject: Subject): string {
    const room = this.#prefixWidth;
    const unknown = (): string =>
      "upload" in subject || room === 0 ? "" : padEnd(truncate(nameOfStart(subject), room), room);
    return this.#prefixes.get(subject) ?? unknown();
  }

  /** Milliseconds since the subject's time began; a batch's began with the first of its files. */
  #elapsed(subject: Subject, at: number): number {
    const { files } = this.#options.ledger;
    if ("upload" in subject || files.length === 0) return at - (beginOf(subject) ?? at);
    return at - Math.min(at, ...files.map((file) => beginOf(file) ?? at));
  }

  /** To be called while work is done: says so when nothing else has been said for a while. */
  tick(): void {
    const { screen, columns, paint, now, ledger, silence: word = "busy" } = this.#options;
    const silence = now() - this.#toldAt;
    if (silence < SILENCE || this.#ended.size === ledger.subjects.length) return;
    const note = `  ${paint("dim", `${word} for ${Math.floor(silence / 1000)} s`)}`;
    const both = this.#live + note;
    // A line that wraps cannot be rewritten.
    screen.live(width(stripVTControlCharacters(both)) < columns ? both : note);
  }

  #showBackground(event: CloudEvent, at: number): void {
    const step = this.#background.tell(event);
    if (step === undefined || !this.#isDetailed) return;
    const { screen, columns, paint, stages = [], ledger } = this.#options;
    const begun = ledger.subjects.map((subject) => beginOf(subject) ?? at);
    const elapsed = at - Math.min(at, ...begun);
    const prefix = [...this.#prefixes.values()][0]?.replaceAll(/./g, " ") ?? "";
    screen.line(stepLine(step, { prefix, columns, elapsed, paint, stages }));
    this.#show("");
  }

  #show(live: string): void {
    this.#live = live;
    this.#toldAt = this.#options.now();
    this.#options.screen.live(live);
  }

  /** Several runs at the same time have one line. */
  #together(step: Step, line: string): string {
    if (step.together === undefined) return line;
    const { paint, columns } = this.#options;
    return truncate(`  ${paint("active", step.label)}  ${step.together}`, columns - 1);
  }

  #counts(): string {
    const all = this.#options.ledger.subjects.length;
    return `  ${this.#options.paint("dim", `${this.#ended.size} of ${plural(all, "file")} ended`)}`;
  }
}

/** File names to tell lines apart by, all of one width; none where there is one file only. */
function prefixesOf(subjects: readonly Subject[]): ReadonlyMap<Subject, string> {
  const keys = subjects.map((subject) => ("upload" in subject ? subject.upload.key : subject.start.name));
  const names = distinctNames(keys, "/").map((name) => truncateMiddle(printable(name), LONGEST_PREFIX));
  const widest = Math.max(0, ...names.map(width));
  return new Map(
    subjects.map((subject, index) => [subject, subjects.length === 1 ? "" : padEnd(names[index] ?? "", widest)]),
  );
}

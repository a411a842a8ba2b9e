import { clockTime } from "./format.ts";
import type { Step } from "./narrator.ts";
import type { Paint } from "./style.ts";
import { padEnd, printable, truncate, width } from "./text.ts";

const LABEL_COLUMNS = 12;
const BAR_COLUMNS = 10;
const GAP = "  ";

export interface LineOptions {
  /** Whose step it is; none where there is only one file. */
  readonly prefix: string;
  readonly columns: number;
  /** Milliseconds since the file was uploaded. */
  readonly elapsed: number;
  readonly paint: Paint;
}

/** A step as one line: `  00:14.0  SUCCEEDED    attempt 1, ran 12.1 s`. */
export function stepLine(step: Step, { prefix, columns, elapsed, paint }: LineOptions): string {
  const time = clockTime(elapsed);
  const label = padEnd(printable(step.label), LABEL_COLUMNS);
  const used = GAP.length * 3 + width(prefix) + (prefix === "" ? 0 : GAP.length) + time.length + width(label);
  const room = Math.max(20, columns - used);
  const text = step.progress === undefined ? printable(step.text) : progressBar(step.progress, columns - used);
  const parts = [
    ...(prefix === "" ? [] : [paint("strong", prefix)]),
    paint("dim", time),
    paint(step.tone === "plain" ? "plain" : step.tone, label),
    paint(step.tone === "dim" ? "dim" : "plain", step.isLast === true ? text : truncate(text, room)),
  ];
  return `${GAP}${parts.join(GAP)}`.trimEnd();
}

/** `███████░░░  68 %`, without the bar where it does not fit: a line that wraps cannot be rewritten. */
export function progressBar(share: number, columns = Infinity): string {
  const kept = Math.min(1, Math.max(0, share));
  const full = Math.floor(kept * BAR_COLUMNS);
  const percent = `${Math.floor(kept * 100)} %`;
  const bar = `${"█".repeat(full)}${"░".repeat(BAR_COLUMNS - full)} ${percent.padStart(5)}`;
  return width(bar) <= columns ? bar : percent;
}

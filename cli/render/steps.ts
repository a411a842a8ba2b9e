import { clockTime } from "./format.ts";
import type { Step } from "./step.ts";
import type { Paint } from "./style.ts";
import { padEnd, printable, truncate, width } from "./text.ts";

const LABEL_COLUMNS = 12;
/** Names of stages may be longer; those that are get cut. */
const MOST_LABEL_COLUMNS = 24;
/** What a stage does: `StartJobRun` is the longest. */
const VERB_COLUMNS = 11;
const BAR_COLUMNS = 10;
const GAP = "  ";

export interface LineOptions {
  /** Whose step it is; none where there is only one file. */
  readonly prefix: string;
  readonly columns: number;
  /** Milliseconds since the file was uploaded. */
  readonly elapsed: number;
  readonly paint: Paint;
  /** What the stages are called that lines may be about. @default [] */
  readonly stages?: readonly string[];
}

/** So wide that the names of stages stand below each other. */
const labelColumns = (stages: readonly string[] = []): number =>
  Math.min(MOST_LABEL_COLUMNS, Math.max(LABEL_COLUMNS, ...stages.map(width)));

/** A step as one line: `  00:14.0  SUCCEEDED    attempt 1, ran 12.1 s`. */
export function stepLine(step: Step, { prefix, columns, elapsed, paint, stages }: LineOptions): string {
  const time = clockTime(elapsed);
  const wide = labelColumns(stages);
  const stage = step.stage === undefined ? "" : padEnd(truncate(printable(step.stage), wide), wide);
  const label = padEnd(printable(step.label), stage === "" ? wide : VERB_COLUMNS);
  const heads = [prefix, time, stage, label].filter((head) => head !== "");
  const used = heads.reduce((sum, head) => sum + GAP.length + width(head), GAP.length);
  const room = Math.max(20, columns - used);
  const text = step.progress === undefined ? printable(step.text) : progressBar(step.progress, columns - used);
  const parts = [
    ...(prefix === "" ? [] : [paint("strong", prefix)]),
    paint("dim", time),
    ...(stage === "" ? [] : [stage]),
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

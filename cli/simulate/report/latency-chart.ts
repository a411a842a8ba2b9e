import type { CapacityResult } from "../../../local/capacity/result.ts";
import { count } from "../../render/format.ts";
import { percent, time } from "../format.ts";
import { levels, logTimes } from "./axes.ts";
import { html, type Html } from "./html.ts";
import { dataTable, hit, plot, SIDE } from "./plot.ts";

/** Below this, times are not told apart. */
const SHORTEST = 0.001;
/** A bar that reaches down to nothing is drawn as wide as this ratio. */
const FIRST_BAR = 1.25;

/** How long files took, as bars on a logarithmic axis, with the percentiles that people ask for. */
export function latencyChart({ histogram, latency }: CapacityResult, prefix: string): Html {
  const { bounds, counts } = histogram;
  const upper = bounds.map((bound) => Math.max(SHORTEST * FIRST_BAR, bound));
  const first = upper[0] ?? 1;
  const [second = first * FIRST_BAR] = upper.slice(1);
  const edges = [
    Math.max(SHORTEST, first * Math.min(first / second, 1 / FIRST_BAR)),
    ...(upper.length === 0 ? [first] : upper),
  ];
  const x = logTimes(edges);
  const y = levels(Math.max(0, ...counts), true);
  const files = counts.reduce((sum, value) => sum + value, 0);
  const bars = counts.map((value, index) => {
    const [from, to] = [edges[index] ?? 0, edges[index + 1] ?? 0];
    const [left, right] = [x.at(from) * SIDE, x.at(to) * SIDE];
    const top = y.at(value) * SIDE;
    return { value, from: index === 0 ? 0 : from, to, left, width: right - left, top };
  });
  const range = ({ from, to }: { readonly from: number; readonly to: number }): string =>
    from === 0 ? `up to ${time(to)}` : `${time(from)} – ${time(to)}`;
  const percentiles = (["p50", "p95", "p99"] as const).map((name) => ({
    text: name,
    at: Math.min(1, Math.max(0, x.at(Math.max(SHORTEST, latency[name])))),
  }));
  return plot({
    id: `${prefix}latency`,
    title: "Latency",
    says: `From a file's landing to its end: half within ${time(latency.p50)}, 95 of 100 within ${time(latency.p95)}, all within ${time(latency.max)}.`,
    keys: [],
    xs: x.ticks,
    ys: y.ticks,
    unit: "files",
    across: "time from landing to end, logarithmic",
    notes: apart(percentiles),
    marks: [
      ...bars.map(
        ({ left, width, top }) =>
          html`<rect
            class="mark"
            x="${left + width * 0.04}"
            y="${top}"
            width="${width * 0.92}"
            height="${SIDE - top}"
            style="fill:var(--c-blue)"
          />`,
      ),
      ...percentiles.map(
        ({ at }) => html`<line class="rule" x1="${at * SIDE}" x2="${at * SIDE}" y1="0" y2="${SIDE}" />`,
      ),
      ...bars.map((bar) =>
        hit(
          bar.left,
          bar.width,
          `${range(bar)}\n${count(bar.value)} files, ${percent(bar.value / Math.max(1, files))}`,
        ),
      ),
    ],
    data: dataTable(
      ["took", "files", "share"],
      bars
        .filter(({ value }) => value > 0)
        .map((bar) => [range(bar), count(bar.value), percent(bar.value / Math.max(1, files))]),
    ),
  });
}

/** Names of percentiles that are too close to be read are joined. */
function apart(
  notes: readonly { readonly at: number; readonly text: string }[],
): readonly { at: number; text: string }[] {
  const joined: { at: number; text: string }[] = [];
  for (const note of notes) {
    const last = joined.at(-1);
    if (last !== undefined && Math.abs(note.at - last.at) < 0.14)
      Object.assign(last, { at: (last.at + note.at) / 2, text: `${last.text} · ${note.text}` });
    else joined.push({ ...note });
  }
  return joined;
}

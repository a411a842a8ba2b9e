import type { CapacityResult, SampledExecution } from "../../../local/capacity/result.ts";
import { plural, shortId } from "../../render/format.ts";
import { time } from "../format.ts";
import { timeTicks } from "./axes.ts";
import { PHASE_COLORS } from "./colors.ts";
import { html, type Html } from "./html.ts";
import { dataTable, legend, SIDE } from "./plot.ts";

/** A few executions side by side, each from the landing of its first file. */
export function gantt({ sampled }: CapacityResult, prefix: string): Html {
  if (sampled.length === 0) return html``;
  const longest = Math.max(0.001, ...sampled.map(tookOf));
  const names = [...new Set(sampled.flatMap(({ spans }) => spans.map(({ name }) => name)))];
  const ordered = (Object.keys(PHASE_COLORS) as (keyof typeof PHASE_COLORS)[]).filter((name) => names.includes(name));
  return html` <figure class="panel wide" id="${prefix}gantt">
    <figcaption>
      <h3>Some executions</h3>
      <p>Each from the landing of its first file on; they are from all over the time.</p>
    </figcaption>
    ${legend(ordered.map((name) => ({ name, color: PHASE_COLORS[name] })))}
    <div class="gantt">
      <ul>
        ${sampled.map((execution) => rowOf(execution, longest))}
      </ul>
      <div class="xs" aria-hidden="true">
        ${timeTicks(longest).map(({ at, text }) => html`<span style="left:${at * 100}%">${text}</span>`)}
      </div>
    </div>
    ${dataTable(
      ["execution", "files", "landed at", "took", "outcome"],
      sampled.map((execution) => [
        shortId(execution.name),
        String(execution.files),
        time(execution.arrivedAt),
        time(tookOf(execution)),
        execution.outcome,
      ]),
    )}
  </figure>`;
}

const tookOf = ({ arrivedAt, endedAt }: SampledExecution): number => endedAt - arrivedAt;

function rowOf(execution: SampledExecution, longest: number): Html {
  const { name, files, arrivedAt, outcome, spans } = execution;
  const x = (seconds: number): number => Math.min(1, Math.max(0, (seconds - arrivedAt) / longest)) * SIDE;
  const took = time(tookOf(execution));
  return html` <li>
    <div class="who">
      <b>${files > 1 ? `from ${shortId(name)}` : shortId(name)}</b
      ><span
        >${plural(files, "file")} · at ${time(arrivedAt)} ·
        ${outcome === "succeeded" ? "" : html`<span class="bad">${outcome}</span> after `}${took}</span
      >
    </div>
    <svg
      class="chart"
      viewBox="0 0 ${SIDE} 10"
      preserveAspectRatio="none"
      role="img"
      aria-label="${shortId(name)}: ${took}"
    >
      <rect class="track" width="${SIDE}" height="10" />
      ${spans.map(
        (span) =>
          html`<rect
            class="mark span tip"
            x="${x(span.from)}"
            width="${x(span.to) - x(span.from)}"
            height="10"
            style="fill:${PHASE_COLORS[span.name]}"
            ><title>
              ${`${span.name}\n${time(span.to - span.from)}, from ${time(span.from - arrivedAt)} on`}
            </title></rect
          >`,
      )}
    </svg>
  </li>`;
}

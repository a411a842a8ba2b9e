import type { CapacityResult } from "../../../local/capacity/result.ts";
import { money, percent, phasesOf, time } from "../format.ts";
import { PHASE_COLORS } from "./colors.ts";
import { html, type Html } from "./html.ts";
import { SIDE } from "./plot.ts";

interface BarRow {
  readonly name: string;
  readonly color: string;
  /** 0 to 1 of the bar's room. */
  readonly from?: number;
  readonly share: number;
  readonly cells: readonly string[];
}

interface BarTable {
  readonly id: string;
  readonly title: string;
  readonly says: string;
  readonly heads: readonly string[];
  readonly rows: readonly BarRow[];
}

/** A table whose first column draws what the others say. */
export const barTable = ({ id, title, says, heads, rows }: BarTable): Html =>
  html` <figure class="panel" id="${id}">
    <figcaption>
      <h3>${title}</h3>
      <p>${says}</p>
    </figcaption>
    <table class="bars">
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(rowOf)}
      </tbody>
    </table>
  </figure>`;

const rowOf = ({ name, color, from = 0, share, cells }: BarRow): Html =>
  html` <tr>
    <th scope="row">
      ${name}<svg class="chart bar" viewBox="0 0 ${SIDE} 10" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="${SIDE}" height="10" />
        <rect
          class="mark tip"
          x="${Math.min(from, 0.995) * SIDE}"
          width="${Math.max(share > 0 ? 0.005 : 0, Math.min(1 - Math.min(from, 0.995), share)) * SIDE}"
          height="10"
          style="fill:${color}"
        >
          <title>${[name, ...cells].join("\n")}</title>
        </rect>
      </svg>
    </th>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr>`;

/** Where the mean latency went. */
export const phaseTable = (result: CapacityResult, prefix: string): Html =>
  barTable({
    id: `${prefix}phases`,
    title: "Where the time went",
    says: `A file takes ${time(result.latency.mean)} on average.`,
    heads: ["phase", "mean", "p95", "share"],
    rows: phasesOf(result).map(({ name, mean, p95, share }) => ({
      name,
      color: PHASE_COLORS[name],
      share,
      cells: [time(mean), time(p95), percent(share)],
    })),
  });

/** What AWS would charge, by service. */
export const costTable = ({ cost }: CapacityResult, prefix: string): Html =>
  barTable({
    id: `${prefix}cost`,
    title: "Cost by service",
    says: `${money(cost.total)} in all, ${money(cost.perThousandFiles)} per thousand files.`,
    heads: ["service", "cost", "share"],
    rows: Object.entries(cost.services)
      .filter(([, dollars]) => dollars > 0)
      .sort(([, a], [, b]) => b - a)
      .map(([name, dollars]) => ({
        name,
        color: "var(--c-teal)",
        share: dollars / cost.total,
        cells: [money(dollars), percent(dollars / cost.total)],
      })),
  });

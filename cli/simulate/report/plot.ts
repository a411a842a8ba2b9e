import { html, type Html } from "./html.ts";

/** Plots are drawn in these coordinates and stretched to whatever room there is; their labels are not. */
export const SIDE = 1000;

/** A label of an axis, at a share of its length. */
export interface Tick {
  /** 0 to 1, from the left or from the top. */
  readonly at: number;
  readonly text: string;
}

export interface Key {
  readonly name: string;
  readonly color: string;
}

export interface Plot {
  readonly id: string;
  readonly title: string;
  /** What is to be seen, in a sentence: also for those who do not see it. */
  readonly says: string;
  readonly keys: readonly Key[];
  readonly xs: readonly Tick[];
  readonly ys: readonly Tick[];
  /** What the vertical axis counts, and what the other one measures. */
  readonly unit: string;
  readonly across: string;
  readonly marks: readonly Html[];
  /** Takes a row for itself where there are two columns. */
  readonly isWide?: boolean;
  /** Words above the plot, at a share of its width. */
  readonly notes?: readonly Tick[];
  /** The same in figures. */
  readonly data: Html;
}

export const plot = ({
  id,
  title,
  says,
  keys,
  xs,
  ys,
  unit,
  across,
  marks,
  notes = [],
  isWide = false,
  data,
}: Plot): Html =>
  html` <figure class="${isWide ? "panel wide" : "panel"}" id="${id}">
    <figcaption>
      <h3>${title}</h3>
      <p>${says}</p>
    </figcaption>
    ${legend(keys)}
    <div class="${notes.length > 0 ? "plot noted" : "plot"}">
      <div class="unit" aria-hidden="true">${unit}</div>
      <div class="ys" aria-hidden="true">
        ${ys.map(({ at, text }) => html`<span style="top:${at * 100}%">${text}</span>`)}
      </div>
      <div class="area">
        <svg
          class="chart"
          viewBox="0 0 ${SIDE} ${SIDE}"
          preserveAspectRatio="none"
          role="img"
          aria-label="${title}: ${says}"
        >
          ${ys.map(({ at }) => html`<line class="grid-line" x1="0" x2="${SIDE}" y1="${at * SIDE}" y2="${at * SIDE}" />`)}
          ${marks}
          <line class="base" x1="0" x2="${SIDE}" y1="${SIDE}" y2="${SIDE}" />
        </svg>
        <div class="marks" aria-hidden="true">
          ${notes.map(({ at, text }) => html`<span style="left:${at * 100}%">${text}</span>`)}
        </div>
      </div>
      <div class="xs" aria-hidden="true">
        ${xs.map(({ at, text }) => html`<span style="left:${at * 100}%">${text}</span>`)}
      </div>
      <div class="across" aria-hidden="true">${across}</div>
    </div>
    ${data}
  </figure>`;

export const legend = (keys: readonly Key[]): Html =>
  keys.length < 2
    ? html``
    : html`<ul class="legend">
        ${keys.map(({ name, color }) => html`<li><span class="key" style="background:${color}"></span>${name}</li>`)}
      </ul>`;

/** A part of a chart that tells something under the pointer or a finger. */
export const hit = (x: number, width: number, says: string): Html =>
  html`<rect class="hit tip" x="${x}" y="0" width="${width}" height="${SIDE}"><title>${says}</title></rect>`;

/** A chart's figures, folded up. */
export const dataTable = (heads: readonly string[], rows: readonly (readonly string[])[]): Html =>
  html` <details class="data">
    <summary>As a table</summary>
    <div class="scroll" tabindex="0" role="group" aria-label="${heads.join(", ")}">
      <table>
        <thead>
          <tr>
            ${heads.map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([first = "", ...others]) =>
              html`<tr>
                <th scope="row">${first}</th>
                ${others.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;

import type { CapacityResult } from "../../../local/capacity/result.ts";
import { count, plural } from "../../render/format.ts";
import { figure, knobOf, money, NO_BOTTLENECK, outcomesOf, shareOfTime, time } from "../format.ts";
import { costTable, phaseTable } from "./bar-tables.ts";
import { gantt } from "./gantt.ts";
import { html, type Html } from "./html.ts";
import { latencyChart } from "./latency-chart.ts";
import { timeCharts } from "./time-charts.ts";

/** All that was found of one variant. Ids begin with the prefix, so that many fit on a page. */
export const resultSection = (result: CapacityResult, prefix: string): Html =>
  html` ${tiles(result)} ${bottleneck(result)}
    <div class="grid">
      ${latencyChart(result, prefix)} ${phaseTable(result, prefix)} ${timeCharts(result.series, prefix)}
      ${costTable(result, prefix)} ${workTable(result, prefix)} ${gantt(result, prefix)}
    </div>`;

function tiles(result: CapacityResult): Html {
  const { latency, cost, outcomes, peaks } = result;
  const others = outcomesOf(result).filter(([name]) => name !== "succeeded");
  const list: readonly (readonly [string, string, string, string?])[] = [
    ["Half of the files within", time(latency.p50), "p50"],
    ["95 of 100 within", time(latency.p95), "p95"],
    ["All within", time(latency.max), "the slowest"],
    ["Cost on AWS", money(cost.total), `${money(cost.perThousandFiles)} per thousand files`],
    [
      "Files succeeded",
      count(outcomes.succeeded),
      others.length === 0 ? "all of them" : others.map(([name, files]) => `${count(files)} ${name}`).join(", "),
      others.length === 0 ? "" : "bad",
    ],
    ["Runs at once", count(peaks.jobRuns), `${plural(result.jobRuns, "run")} in all`],
    ["From first to last", time(result.elapsedSeconds), plural(result.executions, "execution")],
  ];
  return html`<dl class="tiles">
    ${list.map(
      ([name, value, note, tone = ""]) =>
        html`<div class="tile">
          <dt>${name}</dt>
          <dd>${value}<small class="${tone}">${note}</small></dd>
        </div>`,
    )}
  </dl>`;
}

function bottleneck({ bottleneck: found }: CapacityResult): Html {
  if (found === undefined) {
    return html`<p class="callout calm"><strong>Bottleneck:</strong> ${NO_BOTTLENECK}.</p>`;
  }
  const knob = knobOf(found);
  return html`<div class="callout">
    <p><strong>Bottleneck: ${found.resource}</strong>, ${shareOfTime(found)}. ${knob === "" ? "" : `${knob}.`}</p>
    <p>${found.advice}</p>
  </div>`;
}

function workTable(
  { peaks, failures, throttles, retries, transitions, historyEvents }: CapacityResult,
  prefix: string,
): Html {
  const rows: readonly (readonly [string, string])[] = [
    ["most executions at once", count(peaks.executions)],
    ["most runs at once", count(peaks.jobRuns)],
    ["most executions waiting for a run", count(peaks.waitingForRun)],
    ["most files queued", count(peaks.queuedFiles)],
    ["most functions at once", count(peaks.lambda)],
    ...failures.map(({ error, files }) => [`files that failed of ${error}`, count(files)] as const),
    ...throttles.map(({ service, error, count: times }) => [`refused by ${service}: ${error}`, count(times)] as const),
    ["retries", count(retries)],
    ["state transitions", count(transitions)],
    ["history events of an execution, on average", figure(historyEvents.mean)],
    [`and at most, of ${count(historyEvents.limit)}`, count(historyEvents.max)],
  ];
  return html` <section class="panel" id="${prefix}work">
    <h3>Peaks, failures, refusals, retries</h3>
    <table>
      <tbody>
        ${rows.map(
          ([name, value]) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td>${value}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

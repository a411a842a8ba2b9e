import type { CapacityResult } from "../../../local/capacity/result.ts";
import { count, plural } from "../../render/format.ts";
import type { Variation } from "../options/compare.ts";
import { money, time } from "../format.ts";
import { bestOf, isSimulated, variantName, type Variant } from "../variants.ts";
import { verdictsOf } from "../verdict.ts";
import { barTable } from "./bar-tables.ts";
import { html, type Html } from "./html.ts";

const HEADS = ["latency p50", "p95", "max", "cost", "per 1,000", "peak runs", "failed", "bottleneck"];

/** Variants side by side: two charts and a table. */
export function comparison(variants: readonly Variant[]): Html {
  const best = bestOf(variants);
  const simulated = variants.filter(isSimulated);
  const slowest = Math.max(0.001, ...simulated.map(({ result }) => result.latency.p95));
  const dearest = Math.max(1e-12, ...simulated.map(({ result }) => result.cost.total));
  const keys = Object.keys(variants[0]?.settings ?? {});
  const badges = (variant: Variant): readonly Html[] => [
    ...(variant === best.cheapest ? [html` <span class="badge good">cheapest</span>`] : []),
    ...(variant === best.fastest ? [html` <span class="badge good">fastest</span>`] : []),
    ...(isSimulated(variant) ? [] : [html`<span class="badge bad">refused</span>`]),
  ];
  const row = (variant: Variant): Html =>
    html` <tr>
      ${keys.map((key) => html`<th scope="row" class="left">${variant.settings[key] ?? ""}</th>`)}
      ${
        isSimulated(variant)
          ? cellsOf(variant).map(
              (cell, index) => html`<td${index === HEADS.length - 1 ? html` class="left"` : html``}>${cell}</td>`,
            )
          : html`<td class="left" colspan="${HEADS.length}"><pre>${variant.refused}</pre></td>`
      }
      <td class="left">${badges(variant)}</td>
    </tr>`;
  return html` <section aria-labelledby="comparison">
    <h2 id="comparison">Compared</h2>
    ${verdicts(variants)}
    <div class="grid">
      ${barTable({
        id: "compared-cost",
        title: "Cost",
        says:
          best.cheapest === undefined
            ? "What all files cost."
            : `The cheapest is ${variantName(best.cheapest.settings)}.`,
        heads: ["variant", "cost", "per 1,000"],
        rows: simulated.map(({ settings, result }) => ({
          name: nameOf(settings, result),
          color: "var(--c-teal)",
          share: result.cost.total / dearest,
          cells: [money(result.cost.total), money(result.cost.perThousandFiles)],
        })),
      })}
      ${barTable({
        id: "compared-latency",
        title: "Latency",
        says:
          best.fastest === undefined
            ? "95 of 100 files take at most so long."
            : `The fastest is ${variantName(best.fastest.settings)}; bars show p95.`,
        heads: ["variant", "p50", "p95"],
        rows: simulated.map(({ settings, result }) => ({
          name: nameOf(settings, result),
          color: "var(--c-blue)",
          share: result.latency.p95 / slowest,
          cells: [time(result.latency.p50), time(result.latency.p95)],
        })),
      })}
    </div>
    <div class="panel scroll" tabindex="0" role="region" aria-label="All variants" style="margin-top:1rem">
      <table>
        <thead>
          <tr>
            ${keys.map((key) => html`<th scope="col" class="left">${key}</th>`)}${HEADS.map((head, index) => html`<th scope="col" ${index === HEADS.length - 1 ? html` class="left"` : html``}>${head}</th>`)}
            <th scope="col" class="left">verdict</th>
          </tr>
        </thead>
        <tbody>
          ${variants.map(row)}
        </tbody>
      </table>
    </div>
  </section>`;
}

/** Which to take, and why. */
function verdicts(variants: readonly Variant[]): Html {
  const found = verdictsOf(variants);
  return found.length === 0
    ? html``
    : html`<dl class="panel verdicts">
        ${found.map(
          ({ on, variant, says }) =>
            html`<dt>${`${on.charAt(0).toUpperCase()}${on.slice(1)}: ${variant}`}</dt>
              <dd>${says}</dd>`,
        )}
      </dl>`;
}

/** A variant in which files fail may look better than it is. */
const nameOf = (settings: Variation, { outcomes: { failed } }: CapacityResult): string =>
  failed === 0 ? variantName(settings) : `${variantName(settings)} (${plural(failed, "file")} failed)`;

const cellsOf = ({ result }: Extract<Variant, { readonly result: unknown }>): readonly string[] => [
  time(result.latency.p50),
  time(result.latency.p95),
  time(result.latency.max),
  money(result.cost.total),
  money(result.cost.perThousandFiles),
  count(result.peaks.jobRuns),
  count(result.outcomes.failed),
  result.bottleneck?.resource ?? "none",
];

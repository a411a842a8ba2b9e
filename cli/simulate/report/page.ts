import { createHash } from "node:crypto";
import type { CapacityResult } from "../../../local/capacity/result.ts";
import { givenParts, scenarioParts } from "../format.ts";
import { bestOf, commonOf, isSimulated, variantName, type Simulated, type Variant } from "../variants.ts";
import { comparison } from "./comparison.ts";
import { Html, html } from "./html.ts";
import { resultSection } from "./result-section.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** Nothing may be fetched, and no script runs but the report's own. */
const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

// The policy names the script by its hash: not a space may come between.
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);
const SCRIPT_ELEMENT = new Html(`<script>${SCRIPT}</script>`);

/** The report as one HTML file, whatever was simulated: one variant, or several to compare. */
export function reportPage(variants: readonly Variant[]): string {
  const simulated = variants.filter(isSimulated);
  const [first] = simulated;
  if (first === undefined) throw new Error("there is nothing to report: no variant was simulated");
  const { program, stack } = first.result.scenario;
  const title = `Capacity of ${program}, stack ${stack}`;
  const compared = variants.length > 1;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          <header>
            <h1>${title}</h1>
            <ul class="facts">
              ${factsOf(commonOf(first)).map((fact) => html`<li>${fact}</li>`)}
            </ul>
          </header>
          ${compared ? html`${comparison(variants)}${variantSections(simulated, variants)}` : resultSection(first.result, "")}
          <footer>
            <h2>What the figures rest on</h2>
            <ul>
              ${assumptionsOf(simulated).map((text) => html`<li>${text}</li>`)}
            </ul>
            <p>
              A simulation: the program's own state machine on a virtual clock, against AWS's quotas and prices. Nothing
              was deployed.
            </p>
          </footer>
        </main>
        <div id="tip" role="status" hidden></div>
        ${SCRIPT_ELEMENT}
      </body>
    </html> `.text;
}

const factsOf = (result: CapacityResult): readonly string[] => [...scenarioParts(result), ...givenParts(result)];

/** In full, the best of them unfolded. */
function variantSections(simulated: readonly Simulated[], variants: readonly Variant[]): readonly Html[] {
  const open = bestOf(variants).cheapest ?? simulated[0];
  return simulated.map(
    (variant, index) =>
      html` <details class="variant" ${variant === open ? html` open` : html``}>
        <summary>${variantName(variant.settings)}</summary>
        ${resultSection(variant.result, `v${String(index)}-`)}
      </details>`,
  );
}

const assumptionsOf = (simulated: readonly Simulated[]): readonly string[] => [
  ...new Set(simulated.flatMap(({ result }) => result.cost.assumptions)),
];

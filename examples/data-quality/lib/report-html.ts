import type { ColumnProfile } from "./profile.ts";
import { byWeight, completeness, distinct, figures, lengths, moment, range, ruleState, type Report } from "./report.ts";
import { style } from "./report-style.ts";
import { changeInWords, count, finding, measured, percent } from "./words.ts";

/** Markup; whatever else comes into it is escaped. */
class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | readonly Html[];

const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.map((string, index) => string + markup(parts[index] ?? "")).join(""));

const markup = (part: Part): string => {
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(({ text }) => text).join("");
  return String(part).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
};

const nothing = new Html("");

/** The report as one page that needs nothing else: no script, no font, no network. */
export const htmlReport = (report: Report): string => {
  const { outcome, contract, profile } = report;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${contract.dataset}: ${outcome}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <h1>${contract.dataset}</h1>
            <span class="pill ${outcome === "accepted" ? "kept" : "broken"}">${outcome}</span>
          </header>
          <p class="soft">${contract.description}</p>
          <p class="soft"><code>${report.file.key}</code> · ${moment(report.at)} · owner ${contract.owner}</p>
          <dl class="figures">
            ${figures(report).map(
              ([label, value]) =>
                html`<div class="card">
                  <dt>${label}</dt>
                  <dd>${value}</dd>
                </div>`,
            )}
          </dl>
          ${list("Why it was quarantined", "reasons", report.reasons)} ${list("Warnings", "cautions", report.warnings)}
          ${schema(report)} ${rules(report)}
          ${
            profile.columns.length === 0
              ? nothing
              : html`<h2>Columns</h2>
                  <div class="columns">${profile.columns.map((column) => card(column, report))}</div>`
          }
          <footer>
            <p>Copy: <code>s3://${report.copy.bucket}/${report.copy.key}</code></p>
            <p>SHA-256: <code>${profile.sha256}</code></p>
            <p>Run: <code>${report.origin}</code></p>
          </footer>
        </main>
      </body>
    </html>`.text.replace(/\n\s*/g, "\n");
};

const list = (title: string, look: string, items: readonly string[]): Html =>
  items.length === 0
    ? nothing
    : html`<h2>${title}</h2>
        <div class="card ${look}">
          <ul>
            ${items.map((item) => html`<li>${item}</li>`)}
          </ul>
        </div>`;

const schema = ({ drift, schemaVersion }: Report): Html => {
  if (drift === undefined) return nothing;
  const looks = { first: "kept", none: "kept", compatible: "warning", breaking: "broken" };
  const version = schemaVersion === undefined ? "none accepted yet" : `version ${schemaVersion} is accepted`;
  return html`<h2>Schema</h2>
    <div class="card">
      <p>
        <span class="pill ${looks[drift.kind]}">${drift.kind === "none" ? "unchanged" : drift.kind}</span> ${version}
      </p>
      ${
        drift.changes.length === 0
          ? nothing
          : html`<ul>
              ${drift.changes.map((change) => html`<li>${changeInWords(change)}</li>`)}
            </ul>`
      }
    </div>`;
};

const rules = ({ profile }: Report): Html =>
  profile.rules.length === 0
    ? nothing
    : html`<h2>Rules</h2>
        <div class="card">
          <ul class="rules">
            ${byWeight(profile.rules).map((rule) => {
              const state = ruleState(rule);
              return html`<li>
                <span class="pill ${state}">${state}</span>
                <code>${rule.rule}</code>
                <span class="found">${finding(rule, profile)}</span>
              </li>`;
            })}
          </ul>
        </div>`;

const card = (column: ColumnProfile, { contract }: Report): Html => {
  const share = completeness(column);
  const { description, tags = [] } = contract.columns[column.name] ?? {};
  return html`<section class="card">
    <div class="name">
      <h3>${column.name}</h3>
      <span class="soft">${column.type ?? "no values"}</span>
      ${tags.map((tag) => html`<span class="pill">${tag}</span>`)}
    </div>
    ${description === undefined ? nothing : html`<p class="soft">${description}</p>`}
    <div class="meter"><span style="width: ${((share ?? 0) * 100).toFixed(1)}%"></span></div>
    <dl class="facts">
      ${facts(column, share).map(
        ([label, value]) =>
          html`<dt>${label}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${topValues(column)}
  </section>`;
};

const facts = (column: ColumnProfile, share: number | undefined): readonly (readonly [string, string])[] => [
  ["filled", share === undefined ? "–" : percent(share)],
  ["distinct", distinct(column)],
  ["range", range(column)],
  ...(column.mean === null ? [] : [["mean", measured(column.mean)] as const]),
  ["length", lengths(column)],
];

/** A value that comes once is not frequent. */
const topValues = ({ top, masked, values }: ColumnProfile): Html => {
  const frequent = masked ? [] : top.filter(({ count: times }) => times > 1);
  if (frequent.length === 0) return nothing;
  return html`<ul class="top">
    ${frequent.map(
      ({ value, count: times }) =>
        html`<li>
          <i style="width: ${((times / values) * 100).toFixed(1)}%"></i><span>${value ?? ""}</span>
          <span class="soft">${count(times)}</span>
        </li>`,
    )}
  </ul>`;
};

/**
 * A dark page is for screens; paper is white. Colours of charts take turns between light and dark in the order of a file's
 * way, so that those who see few hues, too, can tell neighbours apart.
 */
const COLORS = `
:root {
  color-scheme: light;
  --page: #f6f7f9; --panel: #ffffff; --ink: #1b1f24; --muted: #57606a; --rule: #d5dae0; --grid: #e4e8ec;
  --good: #116329; --bad: #a40e26; --accent: #0a53be; --callout: #fff6dd; --callout-rule: #bf8700;
  --c-blue: #2b83f5; --c-orange: #e16c10; --c-green: #00511c; --c-purple: #5925a7; --c-red: #e64343;
  --c-teal: #158a95; --c-amber: #735101; --c-pink: #df58ac; --c-grey: #3b434d;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #0f1317; --panel: #171c22; --ink: #e6e9ed; --muted: #9ba6b2; --rule: #323a44; --grid: #262d35;
    --good: #56d364; --bad: #ff8e86; --accent: #79b8ff; --callout: #2a2412; --callout-rule: #d4a72c;
    --c-blue: #0a6ddd; --c-orange: #b25201; --c-green: #8efba0; --c-purple: #c3b0fd; --c-red: #ff645f;
    --c-teal: #08a2af; --c-amber: #fdc357; --c-pink: #ffcde8; --c-grey: #69737d;
  }
}`;

const PAGE = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
main { max-width: 74rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .35rem; }
h2 { font-size: 1.25rem; margin: 2rem 0 .75rem; }
h3 { font-size: 1rem; margin: 0 0 .15rem; }
p { margin: 0 0 .5rem; }
ul { margin: 0; padding: 0; list-style: none; }
.muted, figcaption p { color: var(--muted); font-size: .875rem; }
.facts li { display: inline; } .facts li:not(:last-child)::after { content: "\\00a0· "; }
.facts { color: var(--muted); font-size: .875rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
figure.panel { display: flex; flex-direction: column; }
h1, .facts li, .callout, tbody th, td.left, pre, caption, figcaption, .who, .variant > summary { overflow-wrap: anywhere; }
.tile, .panel { background: var(--panel); border: 1px solid var(--rule); border-radius: .6rem; padding: .8rem .9rem; }
.tile dt { color: var(--muted); font-size: .8rem; }
.tile dd { margin: 0; font-size: 1.2rem; white-space: nowrap; font-weight: 650; line-height: 1.3; }
.tile dd small { display: block; white-space: normal; font-size: .8rem; font-weight: 400; }
.tile dd small:not(.bad) { color: var(--muted); }
dl { margin: 0; }
.callout { background: var(--callout); border: 1px solid var(--callout-rule); border-left-width: .35rem; border-radius: .6rem;
  padding: .8rem .9rem; margin: 1rem 0; }
.callout.calm { background: var(--panel); border-color: var(--good); }
.callout strong { font-size: 1.05rem; }
.grid { display: grid; grid-template-columns: minmax(0, 1fr); gap: 1rem; }
@media (min-width: 60rem) { .grid { grid-template-columns: repeat(2, minmax(0, 1fr)); } .wide { grid-column: 1 / -1; } }
.variant { margin-top: 1rem; }
.variant > summary { font-size: 1.1rem; font-weight: 650; padding: .4rem 0; }
summary { cursor: pointer; }
summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
dl.panel { margin: 0 0 1rem; } .verdicts dt { font-weight: 650; } .verdicts dd { margin: 0 0 .4rem; overflow-wrap: anywhere; }
footer { margin-top: 2rem; color: var(--muted); font-size: .875rem; }
footer ul { list-style: disc; padding-left: 1.2rem; }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .5rem; font-size: .78rem;
  white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); }`;

const TABLES = `
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
caption { text-align: left; color: var(--muted); padding-bottom: .3rem; }
th, td { padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--grid); text-align: right; vertical-align: top; }
th:first-child, td:first-child, .left { text-align: left; }
th:last-child, td:last-child { padding-right: 0; }
thead th { white-space: nowrap; color: var(--muted); font-weight: 500; border-top: 0; vertical-align: bottom; }
tbody th { font-weight: 500; }
td { white-space: nowrap; } td.left { white-space: normal; }
.bars tbody th { width: 100%; min-width: 6rem; }
.scroll { overflow-x: auto; }
.scroll table { min-width: 46rem; }
.scroll .left { min-width: 9rem; }
figure .scroll table { min-width: 0; }
details.data { margin-top: .5rem; }
details.data summary { color: var(--muted); font-size: .8rem; }
pre { white-space: pre-wrap; margin: .3rem 0 0; font: .8rem/1.45 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }`;

const CHARTS = `
figure { margin: 0; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem .9rem; font-size: .8rem; margin: .2rem 0 .5rem; }
.legend li { display: flex; align-items: center; gap: .35rem; }
.key { width: .75rem; height: .75rem; border-radius: .15rem; flex: none; }
.plot { flex: 1; display: grid; padding: .2rem 1.2rem 0 0;
  grid-template: "unit unit" auto "ys area" minmax(12rem, 1fr) "gap xs" 1.4rem "across across" auto / 3rem minmax(0, 1fr); }
.unit, .across { font-size: .75rem; color: var(--muted); }
.unit { grid-area: unit; padding-bottom: .5rem; } .noted .unit { padding-bottom: 1.3rem; }
.across { grid-area: across; text-align: right; }
.area { grid-area: area; position: relative; }
.area svg { position: absolute; inset: 0; width: 100%; height: 100%; display: block; }
.ys { grid-area: ys; position: relative; } .xs { grid-area: xs; position: relative; }
.ys span, .xs span, .marks span { position: absolute; font-size: .75rem; color: var(--muted); white-space: nowrap; line-height: 1; }
.ys span { right: .45rem; transform: translateY(-50%); }
.xs span { top: .4rem; transform: translateX(-50%); }
.marks { position: absolute; inset: 0; pointer-events: none; }
.marks span { top: -1rem; transform: translateX(-50%); color: var(--ink); }
svg .grid-line { stroke: var(--grid); stroke-width: 1; vector-effect: non-scaling-stroke; }
svg .base { stroke: var(--rule); stroke-width: 1; vector-effect: non-scaling-stroke; }
svg .line { fill: none; stroke-width: 1.75; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
svg .shade { opacity: .16; }
svg .rule { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 3 3; vector-effect: non-scaling-stroke; }
svg .hit { fill: var(--ink); fill-opacity: 0; }
svg .hit:hover, svg .hit.on { fill-opacity: .1; }
svg .span:hover, svg .span.on { opacity: .7; }
.bar { display: block; width: 100%; height: .5rem; margin-top: .15rem; }
.track { fill: var(--grid); }
.gantt li { padding: .2rem 0; }
.gantt .who { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .8rem; font-size: .78rem; color: var(--muted); }
.gantt .who b { font-weight: 500; color: var(--ink); }
.gantt svg { display: block; width: 100%; height: .95rem; }
.gantt .xs { height: 1.4rem; }
.gantt .xs span:first-child { transform: none; }
#tip { position: fixed; z-index: 1; max-width: min(18rem, calc(100vw - 1rem)); pointer-events: none; white-space: pre-line;
  background: var(--ink); color: var(--panel); border-radius: .4rem; padding: .4rem .6rem; font-size: .8rem; line-height: 1.4; }
#tip[hidden] { display: none; }`;

const PRINT = `
@media print {
  body { font-size: 11px; } main { max-width: none; padding: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .panel, .tile, .callout { break-inside: avoid; } details.data { display: none; }
  .scroll { overflow: visible; } .scroll table { min-width: 0; }
}
@page { margin: 14mm; }`;

/** All of the report's looks. No font, image or other file is asked for. */
export const STYLE = [COLORS, PAGE, TABLES, CHARTS, PRINT].join("").trim();

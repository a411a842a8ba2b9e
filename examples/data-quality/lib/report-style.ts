/** The look of the report: one column on a phone, light or dark as its reader has it. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f4f5f7; --card: #ffffff; --ink: #16191f; --soft: #5b6472; --line: #e1e5ea; --bar: #dfe4ea;
  --good: #13733b; --good-bg: #dcf3e4; --bad: #b3261e; --bad-bg: #fbe3e1; --warn: #8a5a00; --warn-bg: #fdeecb;
  --accent: #2f6fdb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1216; --card: #181c22; --ink: #e8ebef; --soft: #9aa5b4; --line: #2a3038; --bar: #2c333d;
    --good: #6fd695; --good-bg: #12331f; --bad: #ff9a92; --bad-bg: #40191a; --warn: #f3c569; --warn-bg: #3a2c0c;
    --accent: #7aa7f5;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 60rem; margin: 0 auto; padding: 1.25rem 1rem 3rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2rem 0 .75rem; font-size: 1.125rem; }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: .25rem 0; }
code { font: .875em/1.45 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; }
.soft { color: var(--soft); }
.pill {
  display: inline-block; padding: .125rem .625rem; border-radius: 1rem; font-size: .8125rem; font-weight: 600;
  white-space: nowrap; background: var(--bar); color: var(--ink);
}
.kept { background: var(--good-bg); color: var(--good); }
.broken { background: var(--bad-bg); color: var(--bad); }
.warning { background: var(--warn-bg); color: var(--warn); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0 0; }
.figures div { padding: .75rem 1rem; }
.figures dt { color: var(--soft); font-size: .8125rem; }
.figures dd { margin: 0; font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.reasons { border-left: .3rem solid var(--bad); }
.cautions { border-left: .3rem solid var(--warn); }
ul { margin: 0; padding-left: 1.1rem; }
li + li { margin-top: .35rem; }
.rules { list-style: none; padding: 0; }
.rules li { display: grid; grid-template-columns: 5rem 1fr; gap: .125rem .75rem; padding: .625rem 0; margin: 0; }
.rules li + li { border-top: 1px solid var(--line); }
.rules .pill { justify-self: start; align-self: start; }
.rules .found { grid-column: 2; color: var(--soft); font-size: .9375rem; overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: .75rem; }
.name { display: flex; flex-wrap: wrap; gap: .25rem .5rem; align-items: baseline; }
.facts { display: grid; grid-template-columns: auto 1fr; gap: .125rem .75rem; margin: .75rem 0 0; font-size: .9375rem; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.meter { height: .375rem; border-radius: .25rem; background: var(--bar); overflow: hidden; margin-top: .75rem; }
.meter span { display: block; height: 100%; background: var(--accent); }
.top { list-style: none; padding: 0; margin-top: .75rem; font-size: .875rem; }
.top li { position: relative; display: flex; justify-content: space-between; gap: .75rem; padding: .125rem .375rem; margin: 0; }
.top li + li { margin-top: .125rem; }
.top i { position: absolute; inset: 0 auto 0 0; background: var(--bar); border-radius: .25rem; }
.top span { position: relative; overflow-wrap: anywhere; }
footer { margin-top: 2rem; font-size: .875rem; color: var(--soft); overflow-wrap: anywhere; }
@media print { body { background: none; } .card { break-inside: avoid; } }
`;

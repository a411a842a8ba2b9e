import { expect } from "chai";
import { governanceOf, promisedSchema, profilingContractOf, type ProfilingContract } from "../lib/contract.ts";
import { htmlReport } from "../lib/report-html.ts";
import { markdownReport } from "../lib/report-markdown.ts";
import type { Report } from "../lib/report.ts";
import { driftOf } from "../lib/schema-drift.ts";
import { schemaOf, verdictOf } from "../lib/verdict.ts";
import { percent } from "../lib/words.ts";
import { orders, profileOf, sample } from "./contracts.ts";

const reportOf = async (content: string | Uint8Array, contract: Partial<ProfilingContract> = {}): Promise<Report> => {
  const profile = await profileOf(content, { ...profilingContractOf(orders), ...contract });
  const accepted = promisedSchema(orders);
  const { passed, reasons, warnings } = verdictOf(profile, accepted, "compatible");
  return {
    outcome: passed ? "accepted" : "quarantined",
    at: "2026-01-01T09:05:21.000Z",
    origin: "orders-1",
    file: { bucket: "landing", key: "incoming/orders.csv" },
    contract: governanceOf(orders),
    profile,
    drift: profile.unreadable === null ? driftOf(accepted, schemaOf(profile), "compatible") : undefined,
    schemaVersion: 1,
    reasons,
    warnings,
    copy: { bucket: "data", key: `${passed ? "accepted" : "quarantine"}/orders/orders.csv` },
  };
};

/** What a reader sees of a page, its style aside. */
const seen = (page: string): string =>
  page
    .replace(/<style>[^]*<\/style>/, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, " ");

describe("The report", () => {
  let broken: Report;
  before(async () => {
    broken = await reportOf(sample("orders-2025-12-30-broken-rules.csv"));
  });

  it("tells at its top what was decided, of what, and the figures", async () => {
    expect(seen(htmlReport(broken))).to.match(
      /^ orders: quarantined orders quarantined Orders of the web shop, .* incoming\/orders\.csv · 2026-01-01 09:05 UTC · owner team:shop-data rows 399 columns 8 rules kept 3 of 13 cells filled 97\.5 % size 32\.7 kB Why it was quarantined /,
    );
    const accepted = await reportOf(sample("orders-2025-12-29.csv"), { rules: [] });
    expect(seen(htmlReport(accepted)))
      .to.match(/^ orders: accepted .* rows 400 /)
      .and.not.contain("quarantined");
    expect(markdownReport(accepted))
      .to.match(/^# orders: accepted\n/)
      .and.contain("**400** rows · **8** columns");
  });

  it("has every reason, every rule with what was found, and every column, as a page and as text", () => {
    const [page, text] = [seen(htmlReport(broken)), markdownReport(broken).replace(/\\(.)/g, "$1")];
    for (const reason of broken.reasons) {
      expect(page).to.contain(reason);
      expect(text).to.contain(`- ${reason}`);
    }
    for (const { rule } of broken.profile.rules) expect(page).to.contain(rule);
    for (const { name } of broken.profile.columns) {
      expect(page).to.contain(name);
      expect(text).to.contain(`| \`${name}\``);
    }
    expect(page).to.contain('breaking version 1 is accepted column "ordered_at" was timestamp and is string');
  });

  it("puts what is broken before what only warns, and that before what is kept", () => {
    const states = [...htmlReport(broken).matchAll(/<span class="pill (broken|warning|kept)">\1<\/span>/g)].map(
      ([, state]) => state,
    );
    expect(states.join(" ")).to.match(/^(broken ){9}(warning ){1}(kept ?){3}$/);
  });

  it("needs nothing but itself, and follows its reader's screen and colours", () => {
    const page = htmlReport(broken);
    expect(page).not.to.match(/<script|<link|<img|src=|url\(|@import|https?:/);
    expect(page).to.contain('<meta name="viewport" content="width=device-width, initial-scale=1"');
    expect(page).to.contain("@media (prefers-color-scheme: dark)");
    expect(page.length).to.be.lessThan(20_000);
  });

  it("shows nothing of personal data but how much there is", () => {
    const page = htmlReport(broken);
    expect(page).not.to.match(/@example|\+49/);
    expect(seen(page)).to.match(/customer_email string PII .* filled 99\.7 % distinct 394 range masked length 14 … 24/);
  });

  it("takes what a file says for text, whatever it says", async () => {
    const nasty = `<script>alert("1")</script>,"a|b\n# c",\`x\`\n${"<b>&amp;,*y*,[z](u)\n".repeat(3)}`;
    const report = await reportOf(nasty, { rules: [] });
    const page = htmlReport(report);
    expect(page).not.to.match(/<script|<b>/);
    expect(seen(page)).to.contain('<script>alert("1")</script>').and.contain("<b>&amp;");
    const text = markdownReport(report);
    const cells = text.split("\n").filter((line) => line.startsWith("|"));
    expect(new Set(cells.map((line) => line.replace(/\\\|/g, "").split("|").length)).size).to.be.lessThan(3);
    expect(text).to.contain("\\[z\\](u)").and.contain("\\*y\\*").and.contain("`` `x` ``");
    expect(text).not.to.match(/^# c/m);
  });

  it("of a file that cannot be read has the reason alone", async () => {
    const page = seen(htmlReport(await reportOf("")));
    expect(page).to.contain("Why it was quarantined The file cannot be read: the file is empty");
    expect(page).not.to.match(/Rules|Columns|Schema/);
  });

  it("rounds no share to all or nothing", () => {
    expect([1, 0.99999, 0.5, 0.123456, 0.00001, 0].map(percent)).to.deep.equal([
      "100 %",
      "99.9 %",
      "50 %",
      "12.3 %",
      "0.1 %",
      "0 %",
    ]);
  });
});

describe("A verdict", () => {
  it("stays small enough to go from state to state, however much is wrong", async () => {
    const names = Array.from({ length: 500 }, (_, index) => `column ${index} ${"x".repeat(300)}`);
    const profile = await profileOf(`${names.join(",")}\n`, { rules: orders.rules });
    const verdict = verdictOf(profile, promisedSchema(orders), "strict");
    expect(verdict.reasons).to.have.length(10);
    expect(verdict.reasons.at(-1)).to.match(/^… and \d+ more$/);
    expect(JSON.stringify(verdict).length).to.be.lessThan(4096);
  });
});

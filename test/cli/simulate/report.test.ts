import axe from "axe-core";
import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "puppeteer-core";
import { reportPage } from "../../../cli/simulate/report/page.ts";
import type { Variant } from "../../../cli/simulate/variants.ts";
import { browserSource, startBrowser } from "../../support/browser.ts";
import { aHostileResult, aResult, HOSTILE } from "../../support/capacity/result.ts";
import { CONTRAST, LABELS, MARKS, OVERFLOW, TIP } from "../../support/report/in-page.ts";

const result = aResult();
const common = { ...result.scenario, settings: { ...result.scenario.settings, maxAttempts: "2" } };
const comparedVariants: readonly Variant[] = [
  {
    settings: { dispatch: "per-file", completion: "poll" },
    result: aResult({
      scenario: common,
      latency: { ...result.latency, p50: 61, p95: 92.4 },
      cost: { ...result.cost, total: 14_910.2, perThousandFiles: 14.9102 },
    }),
  },
  {
    settings: { dispatch: "batch", completion: "event" },
    result,
  },
  { settings: { dispatch: "batch", completion: "sync" }, refused: "The config of stack prod has 1 problem:\n  - sync" },
];

/** What a simulation of next to nothing gives: one step, one bar, no cost, no samples. */
const nearlyNothing = aResult({
  latency: { mean: 0, min: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 },
  phases: [{ name: "running", mean: 0.2, p95: 0.2, share: 1 }],
  throttles: [],
  cost: { total: 1e-7, perThousandFiles: 1e-7, services: { Lambda: 1e-7 }, assumptions: [] },
  bottleneck: undefined,
  series: {
    stepSeconds: 0.25,
    ...{
      arrivals: [1],
      ends: [1],
      throttles: [0],
      queuedFiles: [0],
      waitingForRun: [0],
      executions: [1],
      jobRuns: [1],
    },
  },
  histogram: { bounds: [0], counts: [1] },
  sampled: [],
});

/** Files that all take about as long, none refused: few bars between round times, no chart of throttles. */
const alike = aResult({
  latency: { mean: 148, min: 113.4, p50: 148, p90: 173, p95: 176, p99: 178.2, max: 179 },
  throttles: [],
  series: { ...result.series, throttles: result.series.throttles.map(() => 0) },
  histogram: { bounds: [114, 131.1, 163.2, 196.6], counts: [205_000, 0, 540_000, 255_000] },
});

/** Thousands of executions, and fifty runs. */
const crowded = aResult({
  series: { ...result.series, executions: result.series.executions.map((value) => 100 * value) },
});

const documents = {
  crowded: reportPage([{ settings: {}, result: crowded }]),
  alike: reportPage([{ settings: {}, result: alike }]),
  one: reportPage([{ settings: {}, result }]),
  compared: reportPage(comparedVariants),
  nothing: reportPage([{ settings: {}, result: nearlyNothing }]),
  hostile: reportPage([
    { settings: { [HOSTILE]: HOSTILE }, result: aHostileResult() },
    { settings: { [HOSTILE]: "other" }, refused: HOSTILE },
  ]),
};

const source = browserSource();

describe("The report", function () {
  this.timeout(120_000);

  if ("missing" in source) {
    const notice = `NOT RUN: the report looked at in a browser: ${source.missing}`;
    if (process.env.CI === "true") {
      it("is looked at in a browser", () => {
        expect.fail(notice);
      });
    } else {
      console.error(notice);
    }
    return;
  }

  let folder = "";
  let browser: Browser;
  let close: () => Promise<void>;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "report-"));
    for (const [name, text] of Object.entries(documents)) writeFileSync(join(folder, `${name}.html`), text);
    ({ browser, close } = await startBrowser(source));
  });

  after(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });

  interface Look {
    readonly scheme?: "light" | "dark";
    readonly width?: number;
    readonly hasScript?: boolean;
  }

  /** Opens a report, unfolds all of it, looks, and says what it asked for and complained about. */
  const looked = async <Seen>(
    name: keyof typeof documents,
    { scheme = "light", width = 1280, hasScript = true }: Look,
    look: (page: Page) => Promise<Seen>,
  ): Promise<Seen> => {
    const page = await browser.newPage();
    const noise: string[] = [];
    page.on("console", (message) => noise.push(message.text()));
    page.on("pageerror", (error) => noise.push(String(error)));
    page.on("dialog", (dialog) => {
      noise.push(dialog.message());
      void dialog.dismiss();
    });
    const address = pathToFileURL(join(folder, `${name}.html`)).href;
    page.on("request", (request) => {
      if (request.url() !== address) noise.push(request.url());
    });
    try {
      await page.setJavaScriptEnabled(hasScript);
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.setViewport({ width, height: 800, hasTouch: width < 600, isMobile: width < 600 });
      await page.goto(address, { waitUntil: "load" });
      const seen = await look(page);
      expect(noise).to.deep.equal([]);
      return seen;
    } finally {
      await page.close();
    }
  };

  const unfold = "for (const details of document.querySelectorAll('details')) details.open = true";

  const faultsOf = async (page: Page): Promise<Readonly<Record<string, unknown>>> => ({
    overflow: await page.evaluate(OVERFLOW),
    marks: await page.evaluate(MARKS),
    labels: await page.evaluate(LABELS),
    contrast: await page.evaluate(CONTRAST),
  });
  const none = { overflow: [], marks: [], labels: [], contrast: [] };

  for (const [name, scheme, width] of [
    ...(["one", "compared"] as const).flatMap((name) =>
      (["light", "dark"] as const).flatMap((scheme) => [360, 1280].map((width) => [name, scheme, width] as const)),
    ),
    ["alike", "light", 360],
    ["alike", "dark", 1280],
    ["nothing", "light", 360],
    ["nothing", "dark", 1280],
    ["hostile", "dark", 360],
    ["hostile", "light", 1280],
  ] as const) {
    it(`fits and can be read: ${name}, ${scheme}, ${width} pixels wide`, async () => {
      await looked(name, { scheme, width }, async (page) => {
        expect(await faultsOf(page), "as it is opened").to.deep.equal(none);
        await page.evaluate(unfold);
        expect(await faultsOf(page), "unfolded").to.deep.equal(none);
      });
    });
  }

  it("would be found at fault if it did not fit, or could not be read", async () => {
    const faults = await looked("one", { width: 360 }, async (page) => {
      await page.evaluate(`{
        document.querySelector("h1").style.width = "400px";
        document.querySelector(".mark").setAttribute("x", "2000");
        const [first, second] = document.querySelectorAll("#queue .xs span");
        second.style.left = first.style.left;
        document.querySelector(".facts").style.color = "#999";
      }`);
      return faultsOf(page);
    });
    for (const [name, found] of Object.entries(faults)) expect(found, name).to.not.be.empty;
  });

  it("finds no fault with axe, light and dark", async () => {
    for (const scheme of ["light", "dark"] as const) {
      await looked("compared", { scheme }, async (page) => {
        await page.evaluate(unfold);
        await page.evaluate(axe.source);
        const violations: unknown = await page.evaluate(
          "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))",
        );
        expect(violations).to.deep.equal([]);
      });
    }
  });

  it("is dark where dark is preferred, and white on paper in any case", async () => {
    const background = "getComputedStyle(document.body).backgroundColor";
    const seen = await looked("one", { scheme: "dark" }, async (page) => {
      const screen: unknown = await page.evaluate(background);
      await page.emulateMediaType("print");
      return [screen, await page.evaluate(background)];
    });
    expect(seen).to.deep.equal(["rgb(15, 19, 23)", "rgb(246, 247, 249)"]);
  });

  it("tells values where it is tapped, on the screen, and nothing beside", async () => {
    const tips = await looked("one", { width: 360 }, async (page) => {
      const told: unknown[] = [];
      for (const [selector, at] of [
        ["#queue .area svg", 0.25],
        ["#latency .area svg", 0.5],
        ["#concurrency .area svg", 0.005],
        ["#flow .area svg", 0.997],
        ["#gantt svg", 0.2],
        ["#phases tr:nth-child(6) svg", 0.1],
      ] as const) {
        const element = await page.$(selector);
        await element?.scrollIntoView();
        const { x = 0, y = 0, width = 0, height = 0 } = (await element?.boundingBox()) ?? {};
        await page.touchscreen.tap(x + width * at, y + height / 2);
        told.push(await page.evaluate(TIP));
      }
      await page.touchscreen.tap(2, 400);
      return [...told, await page.evaluate(TIP)];
    });
    expect(tips.slice(0, -1).map((tip) => ({ ...(tip as object) }))).to.deep.equal(
      [
        "6 h 36 min – 6 h 52 min\nfiles queued: 5,100",
        "3 min 30 s – 4 min 0 s\n171,900 files, 17 %",
        "0.0 s – 16 min 30 s\nexecutions: 22\nwaiting for a run: 0",
        "26 h 7 min – 26 h 24 min\nlanded: 0.0\nended: 0.0",
        "running\n2 min 34 s, from 70.6 s on",
        "running\n3 min 40 s\n5 min 1 s\n66 %",
      ].map((text) => ({ text, isShown: true, isOnScreen: true })),
    );
    expect(tips.at(-1)).to.include({ isShown: false });
  });

  it("works without its script: browsers show the same texts by themselves", async () => {
    await looked("one", { hasScript: false, width: 360 }, async (page) => {
      expect(await page.evaluate(MARKS)).to.deep.equal([]);
      expect(await page.evaluate(OVERFLOW)).to.deep.equal([]);
      const titles: unknown = await page.evaluate("document.querySelectorAll('svg .tip > title').length");
      expect(titles).to.be.greaterThan(300);
    });
  });

  it("unfolds the cheapest of the variants that are compared, and marks it and the fastest", async () => {
    const seen = await looked("compared", {}, (page) =>
      page.evaluate(`[
        ...[...document.querySelectorAll("details.variant")].map(({ open, firstElementChild }) => firstElementChild.textContent + " " + open),
        ...[...document.querySelectorAll("#comparison ~ .scroll tbody tr")].map(({ lastElementChild }) => lastElementChild.textContent.trim()),
      ]`),
    );
    expect(seen).to.deep.equal([
      "dispatch=per-file, completion=poll false",
      "dispatch=batch, completion=event true",
      "fastest",
      "cheapest",
      "refused",
    ]);
  });

  it("says what is best and why, and which settings all variants have in common", async () => {
    const seen = await looked("compared", {}, (page) =>
      page.evaluate(`[
        [...document.querySelectorAll(".verdicts dt")].map(({ textContent }) => textContent),
        document.querySelector(".facts").textContent.includes("maxAttempts=2"),
      ]`),
    );
    expect(seen).to.deep.equal([
      ["Cheapest: dispatch=batch, completion=event", "Fastest: dispatch=per-file, completion=poll"],
      true,
    ]);
  });

  it("names what its axes count, in units", async () => {
    const seen = await looked("one", {}, (page) =>
      page.evaluate(
        `[...document.querySelectorAll(".plot")].map((plot) => [".unit", ".across"].map((name) => plot.querySelector(name).textContent).join(" by "))`,
      ),
    );
    expect(seen).to.deep.equal([
      "files by time from landing to end, logarithmic",
      "files a second by time from the start",
      "files by time from the start",
      "executions by time from the start",
      "job runs by time from the start",
      "calls in 5 min 30 s by time from the start",
    ]);
  });

  it("shows few runs as well as many executions", async () => {
    const share = await looked("crowded", {}, (page) =>
      page.evaluate(`{
        const area = document.querySelector("#runs svg").getBoundingClientRect();
        document.querySelector("#runs .line").getBoundingClientRect().height / area.height;
      }`),
    );
    expect(share).to.be.greaterThan(0.5);
  });

  it("raises no alarm where nothing holds files up", async () => {
    const colors = await Promise.all(
      (["one", "nothing"] as const).map((name) =>
        looked(name, {}, (page) =>
          page.evaluate("getComputedStyle(document.querySelector('.callout')).backgroundColor"),
        ),
      ),
    );
    expect(colors).to.deep.equal(["rgb(255, 246, 221)", "rgb(255, 255, 255)"]);
  });

  it("lets no text become markup", async () => {
    const seen = await looked("hostile", {}, (page) =>
      page.evaluate("[document.images.length, document.scripts.length, document.title]"),
    );
    expect(seen).to.deep.equal([0, 1, `Capacity of ${HOSTILE}, stack ${HOSTILE}`.replaceAll("\u001b", "\\u{1b}")]);
  });
});

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser } from "puppeteer-core";

/** Where a browser comes from, or why there is none. */
export type BrowserSource =
  { readonly kind: "package" } | { readonly kind: "installed"; readonly path: string } | { readonly missing: string };

/** The one that npm installs, where there is one for this machine: the same everywhere. Else the Chrome that is there. */
export const browserSource = (): BrowserSource => {
  if (process.platform === "linux" && process.arch === "x64") return { kind: "package" };
  const found = installedChrome();
  return found === undefined
    ? { missing: `there is no Chrome on this machine (${process.platform}, ${process.arch})` }
    : { kind: "installed", path: found };
};

const installedChrome = (): string | undefined => {
  try {
    const path = puppeteer.executablePath("chrome");
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
};

/** Starts the browser; what it gives closes it and leaves nothing behind. */
export const startBrowser = async (
  source: Exclude<BrowserSource, { readonly missing: string }>,
): Promise<{ readonly browser: Browser; readonly close: () => Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), "browser-"));
  const { path, env } = source.kind === "installed" ? { path: source.path, env: {} } : await unpackInto(folder);
  const browser = await puppeteer.launch({
    executablePath: path,
    headless: source.kind === "installed" ? true : "shell",
    // As root, as tests run in containers, there is no sandbox to be had; pages here are the tests' own.
    args: ["--no-sandbox", "--disable-gpu"],
    env: { ...process.env, ...env },
    userDataDir: join(folder, "profile"),
  });
  return {
    browser,
    close: async () => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
};

/** The package unpacks into the temporary folder, libraries and fonts too if it takes the machine for a function's. */
const unpackInto = async (
  folder: string,
): Promise<{ readonly path: string; readonly env: Readonly<Record<string, string>> }> => {
  const names = ["TMPDIR", "AWS_LAMBDA_JS_RUNTIME", "LD_LIBRARY_PATH", "FONTCONFIG_PATH"];
  const before = names.map((name) => [name, process.env[name]] as const);
  process.env.TMPDIR = folder;
  process.env.AWS_LAMBDA_JS_RUNTIME = "nodejs20.x";
  try {
    const { default: chromium } = await import("@sparticuz/chromium");
    chromium.setGraphicsMode = false;
    const path = await chromium.executablePath();
    // The package's own list of font folders is of another machine; without a font, text takes no room.
    const fonts = join(folder, "fonts.conf");
    writeFileSync(
      fonts,
      `<fontconfig><dir>${join(folder, "fonts")}</dir><cachedir>${join(folder, "cache")}</cachedir></fontconfig>`,
    );
    return { path, env: { LD_LIBRARY_PATH: join(folder, "al2023", "lib"), FONTCONFIG_FILE: fonts } };
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
};

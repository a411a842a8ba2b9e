import { expect } from "chai";
import { existsSync, readFileSync } from "node:fs";
import { parse } from "yaml";

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

describe("The README", () => {
  const readme = read("README.md");

  it("explains every config key with its default", () => {
    const { config } = parse(read("Pulumi.yaml")) as { config: Record<string, { default: unknown }> };
    const rows: Record<string, string> = Object.fromEntries(
      [...readme.matchAll(/^\| `(\w+)` +\| (.*?) +\|/gm)].map(([, key, value]) => [String(key), String(value)]),
    );
    const defaults = Object.entries(config).map(([key, declared]) => [key, shown(declared.default)]);
    expect(rows).to.deep.include(Object.fromEntries(defaults));
  });

  it("leads to files that are there", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => String(path));
    expect(links).to.not.be.empty;
    expect(links.filter((path) => !existsSync(new URL(`../${path}`, import.meta.url)))).to.deep.equal([]);
  });
});

const shown = (value: unknown): string => {
  if (value === "") return "";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
};

import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { bundleHandler } from "../../components/bundle.ts";

describe("A bundled handler", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "bundle-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const write = (name: string, text: string, second: number): void => {
    writeFileSync(join(folder, name), text);
    utimesSync(join(folder, name), second, second);
  };
  const bundled = async (): Promise<string> => {
    const { code } = bundleHandler(pathToFileURL(join(folder, "greet.ts")));
    const { "greet.js": file } = (await code.assets) as Record<string, pulumi.asset.StringAsset>;
    return (await file?.text) ?? "";
  };

  it("is bundled anew once one of its files has changed, and is what it was until then", async () => {
    write("greet.ts", 'import { name } from "./name.ts"; export const handler = () => name;', 1);
    write("name.ts", 'export const name = "Ada";', 1);
    const [first, same] = await Promise.all([bundled(), bundled()]);
    expect(first).to.include("Ada");
    expect([same, await bundled()]).to.deep.equal([first, first]);
    write("name.ts", 'export const name = "Grace";', 2);
    expect(await Promise.all([bundled(), bundled()])).to.satisfy((texts: readonly string[]) =>
      texts.every((text) => text.includes("Grace") && !text.includes("Ada")),
    );
  });

  it("is asked for again where it could not be bundled", async () => {
    write("greet.ts", "export const handler = (", 3);
    const error: unknown = await bundled().catch((failure: unknown) => failure);
    expect(String(error)).to.include("greet.ts");
    write("greet.ts", 'export const handler = () => "mended";', 4);
    expect(await bundled()).to.include("mended");
  });
});

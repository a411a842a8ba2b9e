import { expect } from "chai";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeReport } from "../../../../cli/simulate/report/write.ts";

describe("writeReport", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "report-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("takes the place of the report before it, and leaves nothing else", () => {
    const path = join(folder, "out.html");
    for (const text of ["first", "second"]) writeReport(path, text);
    expect(readFileSync(path, "utf8")).to.equal("second");
    expect(readdirSync(folder)).to.deep.equal(["out.html"]);
  });

  it("says so where it cannot be written, and leaves what is there", () => {
    const path = join(folder, "out.html");
    mkdirSync(path);
    writeFileSync(join(path, "kept"), "");
    expect(() => {
      writeReport(path, "new");
    }).to.throw(`--report ${path} cannot be written: `);
    expect(readdirSync(folder)).to.deep.equal(["out.html"]);
    expect(readdirSync(path)).to.deep.equal(["kept"]);
  });
});

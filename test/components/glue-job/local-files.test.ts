import { expect } from "chai";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { nameOf, readLocalFile } from "../../../components/glue-job/local-files.ts";

describe("A file of a job", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "files-"));
    mkdirSync(join(folder, "pkg", "__pycache__"), { recursive: true });
    writeFileSync(join(folder, "pkg", "__init__.py"), "");
    writeFileSync(join(folder, "pkg", "rates.py"), "RATE = 2\n");
    writeFileSync(join(folder, "pkg", "__pycache__", "rates.pyc"), "noise");
    writeFileSync(join(folder, "pkg", ".hidden"), "noise");
    mkdirSync(join(folder, "loose"));
    writeFileSync(join(folder, "loose", "one.py"), "");
    writeFileSync(join(folder, "settings.json"), "{}");
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const read = (name: string) => {
    const { name: known, path = "" } = nameOf(pathToFileURL(join(folder, name)));
    return readLocalFile(path, known);
  };
  /** The names in an archive that compresses nothing are there in plain text. */
  const holds = (path: string, text: string) => readFileSync(path).includes(text);

  it("keeps its basename and is told from others by its content", () => {
    const file = read("settings.json");
    expect(file.name).to.equal("settings.json");
    expect(file.hash).to.equal("44136fa355b3");
    expect(file.path).to.equal(join(folder, "settings.json"));
  });

  it("that is a package is an archive to import it from, without what machines leave behind", () => {
    const archive = read("pkg");
    expect(archive.name).to.equal("pkg.zip");
    expect(basename(archive.path)).to.equal("pkg.zip");
    expect(holds(archive.path, "pkg/rates.py")).to.equal(true);
    expect(holds(archive.path, "noise")).to.equal(false);
    expect(read("pkg")).to.deep.equal(archive);
  });

  it("that is another folder is an archive of what is in it", () => {
    const archive = read("loose");
    expect(holds(archive.path, "one.py")).to.equal(true);
    expect(holds(archive.path, "loose/")).to.equal(false);
  });

  it("has another hash as soon as a file of the folder differs", () => {
    const before = read("pkg").hash;
    writeFileSync(join(folder, "pkg", "rates.py"), "RATE = 3\n");
    expect(read("pkg").hash).to.not.equal(before);
  });

  it("in S3 stays there", () => {
    expect(nameOf("s3://bucket/libs/own.whl")).to.deep.equal({ name: "own.whl" });
    expect(nameOf(new URL("s3://bucket/libs/own.whl"))).to.deep.equal({ name: "own.whl" });
  });
});

import { expect } from "chai";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../cli/lib/command.ts";
import { checkFiles } from "../../../cli/run/files.ts";
import { landingsOf, planUploads } from "../../../cli/run/landing.ts";
import { outFolderProblem, prepareOutFolder } from "../../../cli/run/out-folder.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";

describe("files of the command line", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "files-"));
    for (const name of ["a/x.csv", "b/x.csv", "b/y.csv"]) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), "id\n1\n");
    }
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  describe("checkFiles", () => {
    it("names files so that no two have the same name", () => {
      const files = checkFiles(["a/x.csv", "b/x.csv", "b/y.csv"], folder);
      expect(files).to.be.an("array");
      if ("problems" in files) return;
      expect(files.map(({ name }) => name)).to.deep.equal(["a/x.csv", "b/x.csv", "y.csv"]);
      expect(files[0]).to.deep.include({ given: "a/x.csv", path: join(folder, "a", "x.csv"), size: 5 });
    });

    it("finds all problems before anything starts", () => {
      expect(checkFiles(["no.csv", "a", "a/x.csv/z", "b/y.csv", "./b/y.csv", "bad\0name"], folder)).to.deep.equal({
        problems: [
          "no.csv: there is no such file",
          "a: is a folder; name the files in it",
          "a/x.csv/z: there is no such file",
          "bad\0name: cannot be read (ERR_INVALID_ARG_VALUE)",
          "./b/y.csv: is given more than once",
        ],
      });
    });

    it("takes regular files only", () => {
      expect(checkFiles(["/dev/null"], folder)).to.deep.equal({ problems: ["/dev/null: is not a regular file"] });
    });
  });

  describe("planUploads", () => {
    const graph = (rules: readonly object[]): ResourceGraph => ({
      project: "p",
      stack: "local",
      directory: folder,
      region: "us-east-1",
      accountId: "000000000000",
      outputs: {},
      messages: [],
      resources: [
        {
          type: "aws:s3/bucketNotification:BucketNotification",
          name: "n",
          urn: "urn:n",
          id: "n",
          dependencies: [],
          given: [],
          properties: { bucket: "landing", lambdaFunctions: rules },
        },
      ],
    });
    const files = [{ given: "x.csv", path: "/x.csv", size: 1, name: "x.csv" }];

    it("uploads a file to where the program watches for its kind", () => {
      const rules = [
        { filterPrefix: "json/", filterSuffix: ".json" },
        { filterPrefix: "csv/", filterSuffix: ".csv" },
      ];
      expect(landingsOf(graph(rules))).to.have.lengthOf(2);
      expect(planUploads(graph(rules), files, undefined)).to.deep.equal([
        { file: "x.csv", path: "/x.csv", size: 1, bucket: "landing", key: "csv/x.csv" },
      ]);
    });

    it("uploads to the first place what no rule wants, and under the key that was asked for", () => {
      const rules = [{ filterPrefix: "json/", filterSuffix: ".json" }, {}];
      expect(planUploads(graph(rules.slice(0, 1)), files, undefined)[0]?.key).to.equal("json/x.csv");
      expect(planUploads(graph(rules), files, "any where")[0]?.key).to.equal("any where");
    });

    it("refuses keys that S3 would refuse", () => {
      const key = "é".repeat(513);
      expect(() => planUploads(graph([{}]), files, key)).to.throw(
        UsageError,
        "its key has 1026 bytes; S3 allows at most 1024",
      );
    });

    it("says so when nothing would happen", () => {
      expect(() => planUploads(graph([]), files, undefined)).to.throw("declares no bucket notification");
    });
  });

  describe("prepareOutFolder", () => {
    it("says why a folder cannot be made", function () {
      // The only folder that refuses even root.
      if (process.platform !== "linux") return;
      expect(() => {
        prepareOutFolder("/proc/out/deeper");
      }).to.throw(UsageError, "--out: /proc/out/deeper cannot be used: no folder can be made there");
    });

    it("empties what an earlier run left", () => {
      const out = join(folder, "out");
      prepareOutFolder(out);
      mkdirSync(join(out, "landing"));
      prepareOutFolder(out);
      expect(readdirSync(out)).to.deep.equal([".embedded-cloud", ".embedded-cloud.lock"]);
    });

    it("never empties a folder that is not its own", () => {
      expect(outFolderProblem(join(folder, "a"))).to.match(/holds other files$/);
      expect(() => {
        prepareOutFolder(join(folder, "a"));
      }).to.throw(UsageError);
      expect(outFolderProblem(join(folder, "a", "x.csv"))).to.match(/is a file$/);
      expect(readdirSync(join(folder, "a"))).to.deep.equal(["x.csv"]);
    });
  });
});

import { expect } from "chai";
import { existsSync, readFileSync } from "node:fs";
import { GlueVersionError, glueRuntime } from "../../../local/engine/glue-runtime.ts";
import { sparkSettingsText } from "../../../local/engine/spark-settings.ts";

describe("sparkSettingsText", () => {
  it("mounts each bucket's folder, and takes the job's settings but for where Spark runs", () => {
    const lines = sparkSettingsText({
      folders: { "my-bucket": "/tmp/a b" },
      scratch: "/tmp/s",
      own: [
        ["spark.sql.shuffle.partitions", "7"],
        ["spark.master", "spark://elsewhere"],
      ],
    }).split("\n");
    expect(lines).to.include("spark.hadoop.fs.viewfs.mounttable.my-bucket.linkFallback file:///tmp/a%20b");
    expect(lines.filter((line) => line.startsWith("spark.master"))).to.deep.equal(["spark.master local[2]"]);
    // The last of two wins.
    expect(lines.findLast((line) => line.startsWith("spark.sql.shuffle"))).to.equal("spark.sql.shuffle.partitions 7");
  });
});

describe("glueRuntime", () => {
  it("pins for each version of Glue the Spark that it has", () => {
    for (const version of ["4.0", "5.0", "5.1", "6.0"]) {
      const { spark, requirements } = glueRuntime(version);
      expect(existsSync(requirements)).to.equal(true);
      expect(readFileSync(requirements, "utf8")).to.contain(`\npyspark==${spark}\n`);
    }
  });

  it("refuses versions of Glue whose Spark cannot be had", () => {
    expect(() => glueRuntime("3.0")).to.throw(GlueVersionError, 'Glue 4.0, 5.0, 5.1, 6.0, not of Glue "3.0"');
  });
});

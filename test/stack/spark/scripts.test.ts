import { expect } from "chai";
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findPython } from "../../../cli/python/python.ts";
import { toolsFor } from "../../../cli/run/script-engine.ts";
import { exampleNames, examplesDirectory } from "../../support/examples.ts";
import { projectDirectory } from "../../support/stacks.ts";

const scripts = fileURLToPath(new URL("../../scripts/", import.meta.url));

/** Python's own tests of the examples' scripts. */
const ofExamples = exampleNames
  .map((name) => join(examplesDirectory, name, "test"))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
  .filter((file) => file.endsWith("_test.py"));

/** Runs a file of Python's own tests; gives what they say at the end. */
async function unitTests(python: string, file: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { env: { ...process.env, ...env }, maxBuffer: 16 * 1024 * 1024 };
  const { stderr } = await promisify(execFile)(python, ["-W", "ignore", file], options);
  return stderr.trim().split("\n").slice(-3).join("\n");
}

describe("the Python scripts", function () {
  this.timeout(300_000);

  for (const file of ["process_csv_test.py", "profile_csv_test.py"]) {
    it(`pass their own tests with Python alone: ${file}`, async () => {
      expect(await unitTests((await findPython()).path, join(scripts, file))).to.match(
        /^Ran [1-9]\d* tests in .*\n\nOK$/,
      );
    });
  }

  // None of them may be left out here, as they are by whoever has no Spark: "OK (skipped=2)" is not enough.
  for (const file of [join(scripts, "json_stream_test.py"), ...ofExamples]) {
    it(`pass their own tests with Spark: ${relative(projectDirectory, file)}`, async () => {
      const { python, javaHome } = await toolsFor({ GlueVersion: "5.1", Command: "gluestreaming" }, () => undefined);
      const env = { JAVA_HOME: javaHome, PYSPARK_PYTHON: python };
      expect(await unitTests(python, file, env)).to.match(/^Ran [1-9]\d* tests in .*\n\nOK$/);
    });
  }
});

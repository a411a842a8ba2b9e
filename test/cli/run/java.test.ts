import { expect } from "chai";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findJava, JavaError } from "../../../cli/run/java.ts";
import { failureOf } from "../../support/jobs.ts";

describe("findJava", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "glue-pipeline-java-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** A home whose `java` says that it is of that version. */
  const javaOf = (version: string): string => {
    const home = join(folder, `java-${version}`);
    mkdirSync(join(home, "bin"), { recursive: true });
    const path = join(home, "bin", "java");
    writeFileSync(path, `#!/bin/sh\necho "    java.home = ${home}\n    java.specification.version = ${version}" >&2\n`);
    chmodSync(path, 0o755);
    return home;
  };

  it("takes JAVA_HOME's before the one on PATH, if its version will do", async () => {
    const [old, right, other] = [javaOf("1.8"), javaOf("17"), javaOf("11")];
    const PATH = join(other, "bin");
    expect(await findJava([17, 11], { JAVA_HOME: right, PATH })).to.equal(right);
    expect(await findJava([17, 11], { JAVA_HOME: old, PATH })).to.equal(other);
    expect(await findJava([17, 11], { JAVA_HOME: "", PATH })).to.equal(other);
  });

  it("says what is needed and what was found", async () => {
    const old = javaOf("1.8");
    const wrong = await failureOf(() => findJava([17, 11], { JAVA_HOME: old, PATH: join(javaOf("21"), "bin") }));
    expect(wrong).to.be.instanceOf(JavaError);
    expect(wrong.message).to.match(/^Java 17 or 11 is needed.*; found .*java is 8, java is 21$/);
    const none = await failureOf(() => findJava([17], { PATH: folder }));
    expect(none.message).to.match(/openjdk-17-jre-headless\); found none$/);
  });
});

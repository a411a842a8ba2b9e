import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/** The machine has no Java that will do. */
export class JavaError extends Error {
  override readonly name = "JavaError";
}

/**
 * Java's home: JAVA_HOME's, or that of the `java` on PATH, if its major version is one of those given.
 *
 * @throws JavaError naming what was found and what is needed
 */
export async function findJava(majors: readonly number[], env: Env = process.env): Promise<string> {
  const { JAVA_HOME } = env;
  const commands = [...(JAVA_HOME ? [join(JAVA_HOME, "bin", "java")] : []), "java"];
  const found: string[] = [];
  for (const command of commands) {
    const java = await probe(command, env);
    if (java === undefined) continue;
    if (majors.includes(java.major) && existsSync(join(java.home, "bin", "java"))) return java.home;
    found.push(`${command} is ${java.major}`);
  }
  const needed = `Java ${majors.join(" or ")} is needed, as JAVA_HOME or on PATH`;
  const how = `on Debian and Ubuntu: apt install openjdk-${majors[0] ?? 17}-jre-headless`;
  throw new JavaError(`${needed} (${how}); found ${found.length === 0 ? "none" : found.join(", ")}`);
}

/** Undefined: there is no such command, or it is no Java. */
function probe(command: string, env: Env): Promise<{ readonly home: string; readonly major: number } | undefined> {
  return new Promise((resolve) => {
    const args = ["-XshowSettings:properties", "-version"];
    execFile(command, args, { env, timeout: 20_000 }, (error, stdout, stderr) => {
      const told = stdout + stderr;
      const home = /^\s*java\.home = (.+)$/m.exec(told)?.[1]?.trim();
      const version = /^\s*java\.specification\.version = (?:1\.)?(\d+)/m.exec(told)?.[1];
      if (error !== null || home === undefined || version === undefined) resolve(undefined);
      // A Java of a JDK 8 is in a folder of its own below it.
      else resolve({ home: existsSync(join(home, "bin")) ? home : dirname(home), major: Number(version) });
    });
  });
}

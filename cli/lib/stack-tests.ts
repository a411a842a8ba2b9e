import { accessSync, constants, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { findPython, PythonError } from "../python/python.ts";
import { findJava, JavaError } from "../run/java.ts";

/** Something that the tests of the local stack need beyond npm. */
export interface MissingTool {
  readonly what: string;
  readonly howToGetIt: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** What the Spark of the scripts' tests runs on. */
const SPARK_JAVA = [17, 11];
const SPARK_PYTHON = [11, 10, 12];

/** What the tests under test/stack need and this machine lacks. */
export async function missingTools(env: Env): Promise<readonly MissingTool[]> {
  const missing: MissingTool[] = [];
  try {
    await findPython(env, SPARK_PYTHON);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    missing.push({ what: "Python 3.10 to 3.12", howToGetIt: error.message });
  }
  try {
    await findJava(SPARK_JAVA, env);
  } catch (error) {
    if (!(error instanceof JavaError)) throw error;
    missing.push({ what: "Java 17", howToGetIt: error.message });
  }
  if (!onPath("pulumi", env)) {
    missing.push({ what: "the Pulumi CLI", howToGetIt: "https://www.pulumi.com/docs/install" });
  }
  if (
    !onPath("pulumi-resource-aws", env) &&
    !installedPlugins(env).some((name) => name.startsWith("resource-aws-v7"))
  ) {
    missing.push({ what: "Pulumi's AWS plugin", howToGetIt: "pulumi plugin install resource aws" });
  }
  return missing;
}

/** A notice that cannot be overlooked. */
export const skippedNotice = (missing: readonly MissingTool[]): string => {
  const lines = missing.map(({ what, howToGetIt }) => `  ${what} is missing: ${howToGetIt}`);
  return ["NOT RUN: the tests of the local stack (test/stack), on an emulator and Pulumi's engine.", ...lines].join(
    "\n",
  );
};

function onPath(program: string, { PATH = "" }: Env): boolean {
  return PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function installedPlugins({ PULUMI_HOME }: Env): readonly string[] {
  try {
    return readdirSync(join(PULUMI_HOME ?? join(homedir(), ".pulumi"), "plugins"));
  } catch {
    return [];
  }
}

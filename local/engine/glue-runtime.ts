import { fileURLToPath } from "node:url";

/** What the scripts of one version of Glue run on. */
export interface GlueRuntime {
  readonly glueVersion: string;
  readonly spark: string;
  /** Minor versions of Python 3 that this Spark runs on; Glue's own first. */
  readonly pythonMinors: readonly number[];
  /** Major versions of Java that this Spark runs on; what is downloaded most first. */
  readonly java: readonly number[];
  /** Path of the requirements file that pins its packages. */
  readonly requirements: string;
}

type Versions = Omit<GlueRuntime, "glueVersion" | "requirements">;

/** Older Sparks do not run on newer Pythons: what they send to their workers is the interpreter's own code. */
const runtimes: Readonly<Record<string, Versions>> = {
  "4.0": { spark: "3.3.0", pythonMinors: [10], java: [17, 11] },
  "5.0": { spark: "3.5.4", pythonMinors: [11, 10, 12], java: [17, 11] },
  "5.1": { spark: "3.5.6", pythonMinors: [11, 10, 12], java: [17, 11] },
  "6.0": { spark: "4.1.1", pythonMinors: [13, 12, 11, 10], java: [17, 21] },
};

/** There is no Spark for that version of Glue. */
export class GlueVersionError extends Error {
  override readonly name = "GlueVersionError";
}

/** @throws GlueVersionError where no Spark of that version of Glue can be had */
export const glueRuntime = (glueVersion: string): GlueRuntime => {
  const versions = Object.hasOwn(runtimes, glueVersion) ? runtimes[glueVersion] : undefined;
  if (versions === undefined) {
    const known = Object.keys(runtimes).join(", ");
    throw new GlueVersionError(
      `--engine spark runs scripts of Glue ${known}, not of Glue "${glueVersion}": set glueVersion`,
    );
  }
  const requirements = fileURLToPath(new URL(`requirements/glue-${glueVersion}.txt`, import.meta.url));
  return { glueVersion, ...versions, requirements };
};

/** Python shell jobs have Python 3.9 and no Spark; nothing of their libraries is there but boto3. */
export const pythonShellRequirements = fileURLToPath(new URL("requirements/python-shell.txt", import.meta.url));

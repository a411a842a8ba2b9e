import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { GetObjectOutput } from "../services/s3-api.ts";
import { ServiceError } from "../services/service.ts";
import type { ScriptRun } from "./script-run.ts";

/** Fetches what `--extra-py-files` names, as the run's role; gives what Python is to look for modules in. */
export const extraPythonFiles = async (run: ScriptRun, folder: string): Promise<readonly string[]> => {
  const found = new Set<string>();
  for (const location of (run.Arguments["--extra-py-files"] ?? "").split(",").filter((text) => text.trim() !== "")) {
    const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location.trim()) ?? [];
    if (Bucket === undefined || Key === undefined) {
      throw new ServiceError(
        "InvalidArgument",
        `--extra-py-files must name s3:// locations, separated by commas, got "${location}"`,
      );
    }
    const { Body } = (await run.cloud.api.call(run.role, "s3", "getObject", { Bucket, Key })) as GetObjectOutput;
    const path = join(folder, basename(Key));
    await mkdir(folder, { recursive: true });
    await writeFile(path, Body);
    // An archive is looked into, a module is looked for in its folder.
    found.add(/\.(zip|egg|whl)$/.test(path) ? path : dirname(path));
  }
  return [...found];
};

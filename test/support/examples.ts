import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { projectDirectory } from "./stacks.ts";

export const examplesDirectory = join(projectDirectory, "examples");

/** The programs under `examples/`. */
export const exampleNames: readonly string[] = readdirSync(examplesDirectory).filter((name) =>
  existsSync(join(examplesDirectory, name, "Pulumi.yaml")),
);

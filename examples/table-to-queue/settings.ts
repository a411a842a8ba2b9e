import * as pulumi from "@pulumi/pulumi";
import type { ConfigReader } from "../../components/config/config-reader.ts";
import { problemList } from "../../components/rules/problem.ts";
import { defaultEntries, mostEntries } from "./entries.ts";

export interface Settings {
  /** That the table is filled with, unless an execution's input says otherwise. */
  readonly entries: number;
  readonly logRetentionDays: number;
}

/** Reads the stack's config. Throws with all that is wrong with it. */
export const readSettings = (read: ConfigReader): Settings => {
  const settings = {
    entries: read.integer("entries", defaultEntries, { min: 0, max: mostEntries }),
    logRetentionDays: read.integer("logRetentionDays", 14, { min: 1, max: 3653 }),
  };
  const problems = read.problems();
  if (problems.length > 0) throw new pulumi.RunError(problemList(`The config of stack ${pulumi.getStack()}`, problems));
  return settings;
};

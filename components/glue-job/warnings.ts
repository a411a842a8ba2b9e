import * as pulumi from "@pulumi/pulumi";
import { isKnownWorkerType, workerTypes } from "../../functions/lib/workers.ts";
import { suggestion } from "../suggestion.ts";
import { kindOf, type AnyJob } from "./kinds.ts";
import { jobSettings } from "./settings.ts";
import { glueVersions, isKnownVersion } from "./versions.ts";

/** What is allowed and still worth a word. */
export const jobWarnings = (job: AnyJob): readonly string[] => {
  const kind = kindOf(job);
  const { glueVersion, workerType } = jobSettings(job);
  const types = new Set([...(workerType === undefined ? [] : [workerType]), ...(job.overrides?.workerTypes ?? [])]);
  return [
    ...(kind === "ray" ? ["Ray in Glue is closed to new customers since 2026-04-30: AWS may refuse the job."] : []),
    ...(kind !== "pythonshell" && glueVersion === "3.0"
      ? ['Glue 3.0 is old: Spark 3.1 and Python 3.7. "5.1" is a current glueVersion.']
      : []),
    ...(isKnownVersion(glueVersion)
      ? []
      : [
          `glueVersion ${JSON.stringify(glueVersion)} is not known here; Glue may know it. Known are ${glueVersions.join(", ")}.`,
        ]),
    ...[...types].filter((type) => !isKnownWorkerType(type)).map(unknownType),
  ];
};

const unknownType = (type: string): string => {
  const known = Object.keys(workerTypes);
  const meant = suggestion(type, known);
  const advice = meant === undefined ? `Known are ${known.join(", ")}.` : `Did you mean ${meant}?`;
  return `Worker type ${JSON.stringify(type)} is not known here; Glue may know it. ${advice}`;
};

/** Shows the warnings wherever the program is evaluated. */
export const warnOfJob = (job: AnyJob, resource: pulumi.Resource): void => {
  for (const warning of jobWarnings(job)) void pulumi.log.warn(warning, resource);
};

import { windowPattern } from "../../functions/lib/job-definition.ts";
import type { AnyJob } from "../glue-job/kinds.ts";
import { jobSettings, ofOldLogging } from "../glue-job/settings.ts";
import { s3Place } from "../glue-job/uri.ts";
import type { Problem } from "./problem.ts";
import { problemOf, repeated, when } from "./problem-of.ts";

/** What a job may be asked for besides its size. */
export const jobOptionRules = (job: AnyJob): readonly Problem[] => [
  ...metricsRules(job),
  ...loggingRules(job),
  ...uriRules(job),
  ...sparkConfRules(job),
  ...moduleRules(job),
  ...when(job.maintenanceWindow !== undefined && !windowPattern.test(job.maintenanceWindow), () =>
    problemOf("job.maintenanceWindow", 'a day and an hour in UTC, for example "Sun:3"', job.maintenanceWindow),
  ),
  ...repeated(job.connections ?? []).map((name) => problemOf("job.connections", "without repetition", name)),
  ...when((job.glueDataCatalog ?? []).includes(""), () =>
    problemOf("job.glueDataCatalog", 'names of databases, or ["*"]', job.glueDataCatalog),
  ),
];

const metricsRules = (job: AnyJob): readonly Problem[] => {
  const { glueVersion } = jobSettings(job);
  return when(job.enableObservabilityMetrics === true && Number(glueVersion) < 4, () =>
    problemOf(
      "job.enableObservabilityMetrics",
      (say) => `left out below ${say("job.glueVersion")} 4.0, which is ${glueVersion}`,
      true,
    ),
  );
};

const loggingRules = (job: AnyJob): readonly Problem[] => {
  if (typeof job.continuousLogging !== "object") return [];
  const { filter, logStreamPrefix, retentionDays } = job.continuousLogging;
  return [
    ...when(filter !== undefined && !ofOldLogging(jobSettings(job)), () =>
      problemOf(
        "job.continuousLogging.filter",
        (say) => `left out: since ${say("job.glueVersion")} 5.0 there is no filter`,
        filter,
      ),
    ),
    ...when(logStreamPrefix !== undefined && !/^[^:*]{1,400}$/.test(logStreamPrefix), () =>
      problemOf("job.continuousLogging.logStreamPrefix", "1 to 400 characters without : and *", logStreamPrefix),
    ),
    ...when(retentionDays !== undefined && !(retentionDays >= 1), () =>
      problemOf("job.continuousLogging.retentionDays", "at least 1", retentionDays),
    ),
  ];
};

const s3Uri = "an s3:// URI such as s3://my-bucket/folder/, the bucket's name in lower case";

const uriRules = ({ tempDir, sparkUi }: AnyJob): readonly Problem[] => [
  ...when(tempDir !== undefined && s3Place(tempDir) === undefined, () => problemOf("job.tempDir", s3Uri, tempDir)),
  ...when(typeof sparkUi === "string" && s3Place(sparkUi) === undefined, () =>
    problemOf("job.sparkUi", `true, false or ${s3Uri}`, sparkUi),
  ),
];

/** All settings go into one argument, so none may look like another's beginning. */
const sparkConfRules = ({ sparkConf = {} }: AnyJob): readonly Problem[] =>
  Object.entries(sparkConf)
    .filter(([key, value]) => !/^[\w.-]+$/.test(key) || value.trim() === "" || /[\r\n]|(^|\s)--conf(\s|$)/.test(value))
    .map(([key, value]) =>
      problemOf(
        "job.sparkConf",
        "one setting for each key, for example spark.sql.shuffle.partitions, with a value that has neither line ends nor --conf",
        { [key]: value },
      ),
    );

const moduleRules = (job: AnyJob): readonly Problem[] => {
  const { pythonModules = [], extraJars = [] } = job;
  return [
    ...pythonModules
      .filter((module) => module.trim() === "" || /[,\s]/.test(module))
      .map((module) => problemOf("job.pythonModules", "one module in each item, without spaces", module)),
    ...when(job.pythonModulesInstallerOption !== undefined && pythonModules.length === 0, () =>
      problemOf(
        "job.pythonModulesInstallerOption",
        (say) => `left out where ${say("job.pythonModules")} is empty`,
        job.pythonModulesInstallerOption,
      ),
    ),
    ...when(job.userJarsFirst === true && extraJars.length === 0, () =>
      problemOf("job.userJarsFirst", (say) => `left out where ${say("job.extraJars")} is empty`, true),
    ),
  ];
};

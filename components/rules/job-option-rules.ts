import { windowPattern } from "../../functions/lib/job-definition.ts";
import type { AnyJob } from "../glue-job/kinds.ts";
import { jobSettings, ofOldLogging } from "../glue-job/settings.ts";
import { s3Place } from "../glue-job/uri.ts";
import type { Problem } from "./problem.ts";
import { problemOf, repeated, when } from "./problem-of.ts";

/** What a job may be asked for besides its size. */
export const jobOptionRules = (job: AnyJob): readonly Problem[] => [
  ...newerVersionRules(job),
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

const since = [
  { field: "autoScaling", version: 3, isAsked: (job: AnyJob) => job.autoScaling === true },
  {
    field: "enableObservabilityMetrics",
    version: 4,
    isAsked: (job: AnyJob) => job.enableObservabilityMetrics === true,
  },
  { field: "datalakeFormats", version: 3, isAsked: (job: AnyJob) => (job.datalakeFormats ?? []).length > 0 },
] as const;

const newerVersionRules = (job: AnyJob): readonly Problem[] => {
  const { glueVersion } = jobSettings(job);
  return since
    .filter(({ version, isAsked }) => isAsked(job) && Number(glueVersion) < version)
    .map(({ field, version }) =>
      problemOf(
        `job.${field}`,
        (say) => `left out below ${say("job.glueVersion")} ${version.toFixed(1)}, which is ${glueVersion}`,
        job[field],
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

const uriRules = ({ tempDir, sparkUi }: AnyJob): readonly Problem[] => [
  ...when(tempDir !== undefined && s3Place(tempDir) === undefined, () =>
    problemOf("job.tempDir", "an s3:// URI", tempDir),
  ),
  ...when(typeof sparkUi === "string" && s3Place(sparkUi) === undefined, () =>
    problemOf("job.sparkUi", "true, false or an s3:// URI", sparkUi),
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

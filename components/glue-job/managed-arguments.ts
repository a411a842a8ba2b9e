import * as pulumi from "@pulumi/pulumi";
import type { AnyJob } from "./kinds.ts";
import { ofOldLogging, type JobSettings } from "./settings.ts";

/** The lists of files that a job is given besides its script. */
export const fileFields = ["extraPythonFiles", "extraJars", "extraFiles"] as const;
export type FileField = (typeof fileFields)[number];

/** What the arguments of a job are made from. */
export interface ArgumentParts {
  readonly job: AnyJob;
  readonly settings: JobSettings;
  /** Where the files of each list are, as `s3://` URIs. */
  readonly files: Readonly<Partial<Record<FileField, readonly pulumi.Input<string>[]>>>;
  readonly tempDir?: pulumi.Input<string>;
  readonly eventLogs?: pulumi.Input<string>;
  /** Log group of the job's own, or what its log groups start with. */
  readonly logGroup?: pulumi.Input<string>;
}

interface ManagedArgument {
  readonly name: string;
  /** The field of a job that says it. */
  readonly field: Extract<keyof AnyJob, string>;
  /** Nothing where the job does not ask for it. */
  readonly value: (parts: ArgumentParts) => pulumi.Input<string> | undefined;
}

const flag = (isOn: boolean | undefined): string | undefined => (isOn === true ? "true" : undefined);

const list = (values: readonly pulumi.Input<string>[] | undefined): pulumi.Input<string> | undefined => {
  if (values === undefined || values.length === 0) return undefined;
  const texts = values.filter((value) => typeof value === "string");
  if (texts.length === values.length) return texts.join(",");
  return pulumi.all([...values]).apply((known) => known.join(","));
};

/** `{a: "1", b: "2"}` is `a=1 --conf b=2`: Glue takes one `--conf` for all settings. */
const conf = (settings: AnyJob["sparkConf"]): string | undefined => {
  const texts = Object.entries(settings ?? {}).map(([key, value]) => `${key}=${value}`);
  return texts.length === 0 ? undefined : texts.join(" --conf ");
};

const logging = ({ job: { continuousLogging } }: ArgumentParts) =>
  typeof continuousLogging === "object" ? continuousLogging : {};

const isRay = ({ settings }: ArgumentParts): boolean => settings.kind.command === "glueray";

/** Every argument that a field of a job stands for: what is emitted and what may not be given otherwise are one list. */
const managedArguments: readonly ManagedArgument[] = [
  { name: "--scriptLocation", field: "script", value: () => undefined },
  { name: "--job-language", field: "script", value: () => undefined },
  { name: "--class", field: "script", value: () => undefined },
  { name: "--TempDir", field: "tempDir", value: ({ tempDir }) => tempDir },
  {
    name: "--job-bookmark-option",
    field: "bookmarks",
    value: ({ job }) => (job.bookmarks === undefined ? undefined : `job-bookmark-${job.bookmarks}`),
  },
  { name: "--enable-auto-scaling", field: "autoScaling", value: ({ job }) => flag(job.autoScaling) },
  {
    name: "--enable-spark-ui",
    field: "sparkUi",
    value: ({ eventLogs }) => (eventLogs === undefined ? undefined : "true"),
  },
  { name: "--spark-event-logs-path", field: "sparkUi", value: ({ eventLogs }) => eventLogs },
  {
    name: "--enable-continuous-cloudwatch-log",
    field: "continuousLogging",
    value: (parts) => flag(parts.logGroup !== undefined && ofOldLogging(parts.settings)),
  },
  {
    name: "--enable-continuous-log-filter",
    field: "continuousLogging",
    value: (parts) => {
      const { filter = true } = logging(parts);
      return parts.logGroup !== undefined && ofOldLogging(parts.settings) ? String(filter) : undefined;
    },
  },
  {
    name: "--continuous-log-logGroup",
    field: "continuousLogging",
    value: ({ settings, logGroup }) => (ofOldLogging(settings) ? logGroup : undefined),
  },
  {
    name: "--continuous-log-logStreamPrefix",
    field: "continuousLogging",
    value: (parts) => (ofOldLogging(parts.settings) ? logging(parts).logStreamPrefix : undefined),
  },
  {
    name: "--custom-logGroup-prefix",
    field: "continuousLogging",
    value: ({ settings, logGroup }) => (ofOldLogging(settings) ? undefined : logGroup),
  },
  {
    name: "--custom-logStream-prefix",
    field: "continuousLogging",
    value: (parts) => (ofOldLogging(parts.settings) ? undefined : logging(parts).logStreamPrefix),
  },
  {
    name: "--continuous-log-conversionPattern",
    field: "continuousLogging",
    value: (parts) => logging(parts).conversionPattern,
  },
  { name: "--enable-metrics", field: "enableMetrics", value: ({ job }) => flag(job.enableMetrics) },
  {
    name: "--enable-observability-metrics",
    field: "enableObservabilityMetrics",
    value: ({ job }) => flag(job.enableObservabilityMetrics),
  },
  { name: "--enable-job-insights", field: "jobInsights", value: ({ job }) => flag(job.jobInsights) },
  { name: "--datalake-formats", field: "datalakeFormats", value: ({ job }) => list(job.datalakeFormats) },
  { name: "--conf", field: "sparkConf", value: ({ job }) => conf(job.sparkConf) },
  {
    name: "--extra-py-files",
    field: "extraPythonFiles",
    value: (parts) => (isRay(parts) ? undefined : list(parts.files.extraPythonFiles)),
  },
  {
    name: "--s3-py-modules",
    field: "extraPythonFiles",
    value: (parts) => (isRay(parts) ? list(parts.files.extraPythonFiles) : undefined),
  },
  { name: "--extra-jars", field: "extraJars", value: ({ files }) => list(files.extraJars) },
  { name: "--extra-files", field: "extraFiles", value: ({ files }) => list(files.extraFiles) },
  { name: "--user-jars-first", field: "userJarsFirst", value: ({ job }) => flag(job.userJarsFirst) },
  {
    name: "--additional-python-modules",
    field: "pythonModules",
    value: (parts) => (isRay(parts) ? undefined : list(parts.job.pythonModules)),
  },
  {
    name: "--pip-install",
    field: "pythonModules",
    value: (parts) => (isRay(parts) ? list(parts.job.pythonModules) : undefined),
  },
  {
    name: "--python-modules-installer-option",
    field: "pythonModulesInstallerOption",
    value: ({ job }) => job.pythonModulesInstallerOption,
  },
  { name: "library-set", field: "librarySet", value: ({ job }) => job.librarySet },
  {
    name: "--enable-glue-datacatalog",
    field: "glueDataCatalog",
    value: ({ job }) => flag((job.glueDataCatalog ?? []).length > 0),
  },
];

/** The field that says an argument; nothing for arguments that are the script's own. */
export const managingField = (name: string): string | undefined =>
  managedArguments.find((argument) => argument.name === name)?.field;

/** What a job's fields come to as Glue's arguments. */
export const argumentsFrom = (parts: ArgumentParts): Readonly<Record<string, pulumi.Input<string>>> =>
  Object.fromEntries(
    managedArguments.flatMap(({ name, value }) => {
      const given = value(parts);
      return given === undefined ? [] : [[name, given]];
    }),
  );

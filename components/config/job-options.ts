import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { JobFile } from "../glue-job/fields.ts";
import type { AnyJob } from "../glue-job/kinds.ts";
import type { ConfigReader } from "./config-reader.ts";
import { readColumnTypes, readTextsByName, textOr } from "./values.ts";

/** What the job is asked for besides its size. What asks for nothing is left out. */
export const readJobOptions = (read: ConfigReader): AnyJob => ({
  ...readWatching(read),
  ...readSpark(read),
  ...readFiles(read),
  ...readArguments(read),
});

const readWatching = (read: ConfigReader): AnyJob => {
  const notifyDelayAfterMinutes = read.integer("notifyDelayAfterMinutes", 0, { min: 0, max: 10_080 });
  const sparkUi = read.text("sparkUi", "false");
  return {
    ...(notifyDelayAfterMinutes > 0 && { notifyDelayAfterMinutes }),
    ...(sparkUi !== "false" && { sparkUi: sparkUi === "true" ? true : sparkUi }),
    ...flag("continuousLogging", read.boolean("continuousLogging", false)),
    ...flag("enableMetrics", read.boolean("jobMetrics", false)),
    ...flag("enableObservabilityMetrics", read.boolean("observabilityMetrics", false)),
    ...flag("jobInsights", read.boolean("jobInsights", false)),
  };
};

const readSpark = (read: ConfigReader): AnyJob => {
  const maintenanceWindow = textOr(read, "maintenanceWindow");
  const bookmarks = read.oneOf("bookmarks", ["enable", "disable", "pause"], "disable");
  const formats = read.texts("datalakeFormats", [], {
    pattern: /^(hudi|delta|iceberg)$/,
    says: "hudi, delta or iceberg",
  });
  const sparkConf = readTextsByName(read, "sparkConf", '{"spark.sql.shuffle.partitions": "64"}');
  const tempDir = textOr(read, "tempDir");
  const runtime = textOr(read, "rayRuntime");
  return {
    ...(maintenanceWindow !== undefined && { maintenanceWindow }),
    ...(bookmarks !== "disable" && { bookmarks }),
    ...(formats.length > 0 && { datalakeFormats: formats as NonNullable<AnyJob["datalakeFormats"]> }),
    ...(sparkConf && { sparkConf }),
    ...(tempDir !== undefined && { tempDir }),
    ...(runtime !== undefined && { runtime }),
    ...list("glueDataCatalog", read.texts("glueDataCatalog", [], { pattern: /^\S+$/, says: "a database or *" })),
    ...list("connections", read.texts("connections", [], { pattern: /\S/, says: "the name of a connection" })),
  };
};

const readFiles = (read: ConfigReader): AnyJob => {
  const files = (key: string): readonly JobFile[] =>
    read.texts(key, [], { pattern: /\S/, says: "a path from the program's folder or an s3:// URI" }).map(fileAt);
  const installerOption = textOr(read, "pythonModulesInstallerOption");
  const librarySet = read.oneOf("librarySet", ["analytics", "none", ""], "");
  return {
    ...list("extraPythonFiles", files("extraPythonFiles")),
    ...list("extraJars", files("extraJars")),
    ...list("extraFiles", files("extraFiles")),
    ...flag("userJarsFirst", read.boolean("userJarsFirst", false)),
    ...list("pythonModules", read.texts("pythonModules", [], { pattern: /\S/, says: "a module, as pip takes it" })),
    ...(installerOption !== undefined && { pythonModulesInstallerOption: installerOption }),
    ...(librarySet !== "" && { librarySet }),
  };
};

const argumentExample = '{"--currency": "EUR"}';

const readArguments = (read: ConfigReader): AnyJob => {
  const columnTypes = readColumnTypes(read, "columnTypes");
  const defaults = {
    ...readTextsByName(read, "jobArguments", argumentExample),
    ...(columnTypes && { "--column_types": JSON.stringify(columnTypes) }),
  };
  const nonOverridableArguments = readTextsByName(read, "nonOverridableArguments", argumentExample);
  return {
    ...(Object.keys(defaults).length > 0 && { defaultArguments: defaults }),
    ...(nonOverridableArguments && { nonOverridableArguments }),
  };
};

const flag = (name: keyof AnyJob, isOn: boolean): AnyJob => (isOn ? { [name]: true } : {});

const list = (name: keyof AnyJob, values: readonly unknown[]): AnyJob => (values.length > 0 ? { [name]: values } : {});

const programFolder = fileURLToPath(new URL("../..", import.meta.url));

const fileAt = (text: string): JobFile =>
  /^[a-z][a-z0-9+]+:\/\//i.test(text) ? text : pathToFileURL(resolve(programFolder, text));

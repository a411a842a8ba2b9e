import { existsSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { JobFile } from "../glue-job/fields.ts";
import type { AnyJob } from "../glue-job/kinds.ts";
import { isFolder, nameOf } from "../glue-job/local-files.ts";
import { fileFields, type FileField } from "../glue-job/managed-arguments.ts";
import { s3Place } from "../glue-job/uri.ts";
import type { Problem } from "./problem.ts";
import { problemOf, repeated, when } from "./problem-of.ts";

/** What the names of a list's files end in. */
const endings: Readonly<Record<FileField, readonly string[]>> = {
  extraPythonFiles: [".py", ".zip", ".whl", ".egg"],
  extraJars: [".jar"],
  extraFiles: [],
};

/** The script and the files of a job are there, and each can be told from the others. */
export const jobFileRules = (job: AnyJob): readonly Problem[] => [
  ...scriptRules(job.script),
  ...fileFields.flatMap((field) => {
    const files = job[field] ?? [];
    const names = files.map((file) => nameOf(file).name);
    return [
      ...files.flatMap((file) => fileRules(field, file)),
      // Glue puts them side by side, under their basenames.
      ...repeated(names).map((name) => problemOf(`job.${field}`, "files of different names", name)),
    ];
  }),
];

const scriptRules = (script: URL | undefined): readonly Problem[] => {
  if (script === undefined) return [];
  const path = script.protocol === "file:" ? fileURLToPath(script) : undefined;
  return when(path === undefined || !existsSync(path) || isFolder(path), () =>
    problemOf("job.script", "a file that is there", path ?? script.href),
  );
};

const fileRules = (field: FileField, file: JobFile): readonly Problem[] => {
  const wrong = wrongWith(field, file);
  return wrong === undefined ? [] : [problemOf(`job.${field}`, wrong, typedAs(file))];
};

/** As it was most likely typed: a path from the working directory, where it is below that. */
const typedAs = (file: JobFile): string => {
  if (isRemote(file)) return String(file);
  const path = typeof file === "string" ? file : fileURLToPath(file);
  const below = relative(process.cwd(), path);
  return below.startsWith("..") ? path : below;
};

const wrongWith = (field: FileField, file: JobFile): string | undefined => {
  if (isRemote(file)) {
    const key = s3Place(String(file))?.key ?? "";
    if (key === "" || key.endsWith("/"))
      return "a file or a folder of this machine, or an object's URI such as s3://my-bucket/folder/file";
  }
  const { name, path } = nameOf(file);
  if (path !== undefined && !existsSync(path)) return `a file or a folder that is there: ${path} is not`;
  if (/[,\s]/.test(name)) return "files whose names have neither commas nor spaces: Glue takes a list";
  const allowed = endings[field];
  const isRight = allowed.length === 0 || allowed.some((ending) => name.endsWith(ending));
  return isRight ? undefined : `files that end in ${allowed.join(", ").replace(/, ([^,]*)$/, " or $1")}`;
};

/** Whether it is meant for an address, right or wrong. */
const isRemote = (file: JobFile): boolean =>
  typeof file === "string" ? /^[a-z][a-z0-9+]+:/i.test(file) : file.protocol !== "file:";

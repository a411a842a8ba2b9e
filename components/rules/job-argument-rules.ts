import { runArguments } from "../../functions/lib/run-arguments.ts";
import { maxArgumentBytes, reservedArguments } from "../../functions/lib/start-request.ts";
import type { AnyJob } from "../glue-job/kinds.ts";
import { argumentsFrom, managingField } from "../glue-job/managed-arguments.ts";
import { jobSettings } from "../glue-job/settings.ts";
import type { Problem, Say } from "./problem.ts";
import { problemOf, when } from "./problem-of.ts";

const ofEachRun = Object.keys(
  runArguments({ bucket: "", key: "", versionId: "", size: "", outputBucket: "", executionName: "", attempt: "" }),
);

/** There is one way to say each thing; what is left is the script's own. */
export const jobArgumentRules = (job: AnyJob): readonly Problem[] => [
  ...(["defaultArguments", "nonOverridableArguments"] as const).flatMap((field) =>
    Object.entries(job[field] ?? {}).flatMap(([name, value]) => {
      const must = wrongWith(name);
      return must === undefined ? [] : [problemOf(`job.${field}`, must, { [name]: value })];
    }),
  ),
  ...twice(job),
  ...sizeRules(job),
];

/** What is to be done about an argument that is not the script's own. */
const wrongWith = (name: string): ((say: Say) => string) | undefined => {
  if (reservedArguments.includes(name)) return () => `without ${name}, which Glue sets itself`;
  if (ofEachRun.includes(name)) return () => `without ${name}: each run is given its own`;
  const field = managingField(name);
  if (field !== undefined) return (say) => `without ${name}: ${say(`job.${field}`)} says it`;
  return /^--\S+$/.test(name) ? undefined : () => 'with names that start with "--" and have no spaces';
};

const twice = ({ defaultArguments = {}, nonOverridableArguments = {} }: AnyJob): readonly Problem[] =>
  Object.keys(nonOverridableArguments)
    .filter((name) => Object.hasOwn(defaultArguments, name))
    .map((name) =>
      problemOf("job.defaultArguments", (say) => `without ${name}, which ${say("job.nonOverridableArguments")} has`, {
        [name]: defaultArguments[name],
      }),
    );

/** Room for what a run is given of its own: names and a key of 1024 bytes. */
const roomForRun = 4096;

const sizeRules = (job: AnyJob): readonly Problem[] => {
  const all = [
    argumentsFrom({ job, settings: jobSettings(job), files: {} }),
    job.defaultArguments ?? {},
    job.nonOverridableArguments ?? {},
  ];
  const bytes = all
    .flatMap((args) => Object.entries(args))
    .reduce(
      (sum, [name, value]) =>
        sum + Buffer.byteLength(name) + (typeof value === "string" ? Buffer.byteLength(value) : 0),
      0,
    );
  return when(bytes > maxArgumentBytes - roomForRun, () =>
    problemOf(
      "job.defaultArguments",
      `shorter: a job's arguments may have ${maxArgumentBytes - roomForRun} bytes in all, and a file may carry the rest`,
      `${bytes} bytes`,
    ),
  );
};

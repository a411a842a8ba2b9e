import * as pulumi from "@pulumi/pulumi";
import { mapItemArgument } from "../../functions/lib/run-arguments.ts";
import { backOff, jobRun } from "../pipeline-definition/job-run.ts";
import type { RunFlow } from "../pipeline-definition/run-flow.ts";
import { argumentsOfRun } from "../pipeline-definition/start.ts";
import { jsonata, type Value } from "../state-machine/states.ts";
import type { Compilation, StageJob } from "./context.ts";
import { variableOf } from "./entries.ts";
import { failingOf } from "./failing.ts";
import { isJob, sourcesOf, writesOf, type Written } from "./job-flow.ts";
import { nameOf } from "./results.ts";
import { Scope, type Entry } from "./scope.ts";
import { landedFile, type JobStage, type Source } from "./stage.ts";

/** A run, with all that it takes, in the same states as the only run of a single job. */
export const addJob = (stage: JobStage, next: Entry, scope: Scope, all: Compilation): void => {
  const job = all.jobOf(stage);
  const flow = flowOf(stage, job, next, scope, all);
  Object.assign(scope.states, jobRun(flow, job.calls), { [flow.state("BackOff")]: backOff(flow) });
};

const flowOf = (
  stage: JobStage,
  { jobName, giveUpAfterMinutes, startFields }: StageJob,
  next: Entry,
  scope: Scope,
  all: Compilation,
): RunFlow => {
  const result = variableOf(stage);
  const variable: RunFlow["variable"] = (name) => Scope.working(result, name);
  const about = { stage: stage.name, jobName, attempts: jsonata(`$${variable("attempt")}`) };
  const { variable: failed, assign, next: afterFailure } = failingOf({ ...stage, result }, scope);
  const output = { bucket: all.outputBucket.id, prefix: scope.value(prefixOf(stage)) };
  return {
    state: (verb) => `${stage.name} ${verb}`,
    variable,
    jobName: { value: jobName, expression: pulumi.output(jobName).apply((name) => JSON.stringify(name)) },
    owner: ownerOf(scope),
    startArguments: { JobName: jobName, ...startFields, Arguments: runArguments(stage, scope, all) },
    retry: { ...all.retry, ...stage.retry },
    polling: all.polling,
    giveUpAfterMinutes,
    eventHeartbeatSeconds: all.eventHeartbeatSeconds,
    patienceSeconds: all.patienceSeconds,
    succeeded: {
      assign: {
        ...next.assign,
        [scope.own(result)]: { ...about, jobRun: jsonata(`$${variable("jobRun")}`), output },
      },
      next: next.name,
    },
    failed: { variable: failed, assign, next: afterFailure, describe: (told) => ({ ...about, ...told }) },
  };
};

/** Whose the run is: of an execution, and within maps of an item. */
const ownerOf = (scope: Scope): RunFlow["owner"] => ({
  executionName: scope.value(jsonata("$executionName")),
  ...(scope.place !== undefined && { mapItem: scope.value(jsonata(`$${scope.place}`)) }),
});

const runArguments = (stage: JobStage, scope: Scope, all: Compilation): Value => {
  const common = argumentsOfRun({
    outputBucket: all.outputBucket.id,
    attempt: Scope.working(variableOf(stage), "attempt"),
    executionName: jsonata("$executionName"),
  });
  const input = inputOf(stage, scope, all);
  return scope.value({
    ...(all.startsWithFile ? common : withoutFile(common)),
    "--stage": stage.name,
    ...(scope.place !== undefined && { [mapItemArgument]: jsonata(`$${scope.place}`) }),
    ...(input !== undefined && { "--input": input }),
    "--output": uriOf(stage, all) ?? "",
    ...Object.fromEntries(Object.entries(stage.arguments ?? {}).map(([name, value]) => [name, asText(value)])),
  });
};

const ofFile: readonly string[] = ["--bucket", "--key", "--version_id", "--size"];

const withoutFile = (given: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(given).filter(([name]) => !ofFile.includes(name)));

/** Glue's arguments are text. */
const asText = (value: Value): Value =>
  typeof value === "number" || typeof value === "boolean" ? String(value) : value;

/** The folder of the jobs of an execution, or of the one that it goes on from. */
const prefixOf = (stage: JobStage): string => {
  const { prefix, perExecution } = writesOf(stage);
  return perExecution ? jsonata(`${JSON.stringify(`${prefix}execution=`)} & $origin & "/"`) : prefix;
};

/** The first of what a job reads. */
const inputOf = (stage: JobStage, scope: Scope, all: Compilation): pulumi.Input<string> | undefined => {
  const given = sourcesOf(stage);
  if (given === undefined) return anyOf(all.before.get(stage)?.[0] ?? [], scope, all);
  const [first] = given;
  return first === undefined ? undefined : uriOf(first, all);
};

/** What the first of some jobs has written that has run and has not failed. */
const anyOf = (sources: Written[number], scope: Scope, all: Compilation): pulumi.Input<string> | undefined => {
  const [first, ...others] = sources;
  if (first === undefined) return undefined;
  const uri = uriOf(first, all);
  if (others.length === 0 || !isJob(first) || !scope.sees(nameOf(first.result))) return uri;
  // It is read by an Output, which would ask for it too late.
  scope.read(nameOf(first.result));
  const otherwise = anyOf(others, scope, all);
  if (uri === undefined || otherwise === undefined) return uri ?? otherwise;
  return pulumi
    .all([uri, otherwise])
    .apply(([one, other]) =>
      jsonata(`$exists(${first.result}.output) ? ${expressionOf(one)} : ${expressionOf(other)}`),
    );
};

const uriOf = (source: Source, all: Compilation): pulumi.Input<string> | undefined => {
  if (source === landedFile) {
    return all.startsWithFile ? jsonata('"s3://" & $file.bucket & "/" & $file.key') : undefined;
  }
  if (!isJob(source)) return pulumi.interpolate`s3://${source.bucket.id}/${source.prefix}`;
  const { prefix, perExecution } = writesOf(source);
  return all.outputBucket.id.apply((bucket) =>
    perExecution
      ? jsonata(`${JSON.stringify(`s3://${bucket}/${prefix}execution=`)} & $origin & "/"`)
      : `s3://${bucket}/${prefix}`,
  );
};

/** Text or an expression, as a part of an expression. */
const expressionOf = (text: string): string => /^\{% ([\s\S]*) %\}$/.exec(text)?.[1] ?? JSON.stringify(text);

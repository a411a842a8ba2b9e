import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { windowPattern } from "../../functions/lib/job-definition.ts";
import { Properties } from "./properties.ts";
import type { ExecutionClass, WorkerType } from "@aws-sdk/client-glue";
import type { ObjectLocation } from "../../functions/lib/aws.ts";
import type { JobDefinition } from "../../functions/lib/job-definition.ts";
import type { Resource, ResourceGraph } from "../resource-graph.ts";
import type { Command } from "../../functions/lib/workers.ts";
import type { ResourceKinds } from "./kinds.ts";

const jobType = "aws:glue/job:Job";

const inLogs = "logs are not simulated";

export const glueKinds: ResourceKinds = {
  [jobType]: {
    honoured: [
      "name",
      "roleArn",
      "command",
      "glueVersion",
      "workerType",
      "numberOfWorkers",
      "maxCapacity",
      "timeout",
      "executionProperty",
      "executionClass",
      "jobRunQueuingEnabled",
      "defaultArguments",
      "nonOverridableArguments",
      "securityConfiguration",
      "connections",
      "notificationProperty",
      "maintenanceWindow",
    ],
    ignored: {
      maxRetries: "a failed run is not run again by Glue here: the state machine does that",
      jobMode: "it says who made the job",
      loggingConfiguration: inLogs,
    },
  },
};

/** A job as the program declared it. */
export interface DeclaredJob {
  readonly resource: Resource;
  readonly definition: JobDefinition;
  readonly roleArn: string;
  readonly script: ObjectLocation;
  /** The module that does in TypeScript what the script does, if there is one. */
  readonly standIn?: string;
}

/** The Glue jobs of a program. */
export function readJobs(graph: ResourceGraph): readonly DeclaredJob[] {
  return graph.resources.filter(({ type }) => type === jobType).map((resource) => readJob(graph, resource));
}

function readJob(graph: ResourceGraph, resource: Resource): DeclaredJob {
  const properties = Properties.of(resource);
  const command = properties.child("command");
  if (command === undefined) throw properties.error("command", "an object");
  const script = scriptOf(command);
  const standIn = standInFor(script.Key, graph.directory);
  return {
    resource,
    definition: definitionOf(properties, command),
    roleArn: properties.string("roleArn"),
    script,
    ...(standIn !== undefined && { standIn }),
  };
}

/** Glue's own defaults fill what the program leaves open. */
function definitionOf(properties: Properties, command: Properties): JobDefinition {
  const GlueVersion = properties.optionalString("glueVersion") ?? "5.0";
  const NonOverridableArguments = argumentsIn(properties, "nonOverridableArguments");
  const kind = choice(command, "name", commands) ?? "glueetl";
  const maxCapacity = properties.optionalNumber("maxCapacity");
  if (maxCapacity !== undefined && kind !== "pythonshell") {
    throw properties.error("maxCapacity", "left out: Spark jobs have workerType and numberOfWorkers");
  }
  if (kind === "pythonshell") refuseWorkers(properties);
  const notifyDelayAfter = properties.child("notificationProperty")?.optionalNumber("notifyDelayAfter");
  const maintenanceWindow = maintenanceWindowOf(properties, kind);
  const executionClass = choice<ExecutionClass>(properties, "executionClass", { STANDARD: true, FLEX: true });
  const securityConfiguration = properties.optionalString("securityConfiguration");
  return {
    Name: properties.string("name"),
    GlueVersion,
    Command: kind,
    ...(kind !== "pythonshell" && {
      // Glue may have types that are newer than any list.
      WorkerType: (properties.optionalString("workerType") ?? "G.1X") as WorkerType,
      NumberOfWorkers: properties.optionalNumber("numberOfWorkers") ?? 10,
    }),
    Timeout: properties.optionalNumber("timeout") ?? (Number.parseFloat(GlueVersion) < 5 ? 2880 : 480),
    MaxConcurrentRuns: properties.child("executionProperty")?.optionalNumber("maxConcurrentRuns") ?? 1,
    JobRunQueuingEnabled: properties.optionalBoolean("jobRunQueuingEnabled") ?? false,
    DefaultArguments: argumentsIn(properties, "defaultArguments"),
    NonOverridableArguments,
    ...(maxCapacity !== undefined && { MaxCapacity: maxCapacity }),
    ...(executionClass !== undefined && { ExecutionClass: executionClass }),
    ...(securityConfiguration !== undefined && { SecurityConfiguration: securityConfiguration }),
    ...(notifyDelayAfter !== undefined && { NotifyDelayAfter: notifyDelayAfter }),
    ...(maintenanceWindow !== undefined && { MaintenanceWindow: maintenanceWindow }),
  };
}

const commands: Readonly<Record<Command, true>> = {
  glueetl: true,
  gluestreaming: true,
  pythonshell: true,
  glueray: true,
};

function refuseWorkers(properties: Properties): void {
  for (const name of ["workerType", "numberOfWorkers"]) {
    if (properties.has(name)) throw properties.error(name, "left out: a Python shell job has maxCapacity");
  }
}

function maintenanceWindowOf(properties: Properties, kind: Command): string | undefined {
  const window = properties.optionalString("maintenanceWindow");
  if (window === undefined) return undefined;
  if (kind !== "gluestreaming") throw properties.error("maintenanceWindow", "left out: it is for streaming jobs");
  if (!windowPattern.test(window)) throw properties.error("maintenanceWindow", 'a day and an hour, like "Sun:3"');
  return window;
}

function scriptOf(command: Properties): ObjectLocation {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(command.optionalString("scriptLocation") ?? "") ?? [];
  if (Bucket !== undefined && Key !== undefined) return { Bucket, Key };
  throw command.error("scriptLocation", "an s3:// location");
}

function argumentsIn(properties: Properties, name: string): Readonly<Record<string, string>> {
  const child = properties.child(name);
  const values = properties.optionalAny(name) ?? {};
  return Object.fromEntries(Object.keys(values).map((key) => [key, child?.string(key) ?? ""]));
}

function choice<T extends string>(
  properties: Properties,
  name: string,
  choices: Readonly<Record<T, unknown>>,
): T | undefined {
  const value = properties.optionalString(name);
  const isChoice = (text: string): text is T => Object.hasOwn(choices, text);
  if (value === undefined || isChoice(value)) return value;
  throw properties.error(name, `one of ${Object.keys(choices).join(", ")}`);
}

const projectRoot = fileURLToPath(new URL("../..", import.meta.url));

/**
 * `process_csv.py` is stood in for by `stand-ins/process-csv.ts` of the program, or by `functions/stand-ins/process-csv.ts`
 * of the program or of this project.
 */
function standInFor(script: string, directory: string): string | undefined {
  const name = `${basename(script)
    .replace(/\.[^.]*$/, "")
    .replaceAll("_", "-")}.ts`;
  return [join(directory, "stand-ins"), ...[directory, projectRoot].map((root) => join(root, "functions", "stand-ins"))]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

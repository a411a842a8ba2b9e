import * as pulumi from "@pulumi/pulumi";
import { jsonata, type Assign, type Value } from "../state-machine/states.ts";
import type { JobRetry } from "../pipeline-definition.ts";
import type { Polling } from "../polling.ts";

export type RunVerb =
  "StartJobRun" | "WaitForJobRun" | "GetJobRun" | "CheckJobRun" | "BackOff" | "StopJobRun" | "FindJobRun";

/** What is remembered while a run goes on. */
export type RunVariable = "attempt" | "jobRunId" | "jobRun" | "waited" | "wait" | "trouble";

/** How the states of a job run are called, what they remember, and where they lead: for a single job or one of many. */
export interface RunFlow {
  readonly state: (verb: RunVerb) => string;
  /** Without its dollar sign. */
  readonly variable: (name: RunVariable) => string;
  readonly jobName: JobNamed;
  /** What tells a run from others of the job, besides its attempt: as its arguments have it. */
  readonly owner: RunOwner;
  /** What StartJobRun is given. */
  readonly startArguments: Readonly<Record<string, Value>>;
  readonly retry: Required<JobRetry>;
  readonly polling: Required<Polling>;
  /** A run that has not ended after this long is given up: an execution's history is limited, and so is patience. */
  readonly giveUpAfterMinutes: number;
  /** Seconds after which a run whose end no event has told of is looked for. */
  readonly eventHeartbeatSeconds: number;
  /** A run that finds no place is asked for again for so long. */
  readonly patienceSeconds: number;
  readonly succeeded: { readonly assign: Assign; readonly next: string };
  readonly failed: {
    /** Holds the failure; without its dollar sign. */
    readonly variable: string;
    readonly describe: (failure: RunFailure) => Readonly<Record<string, Value>>;
    /** Assigned besides. */
    readonly assign?: Assign;
    readonly next: string;
  };
}

interface RunOwner {
  readonly executionName: Value;
  /** Which item of a map. */
  readonly mapItem?: Value;
}

export interface RunFailure {
  /** The run as it was last seen, if it was. */
  readonly jobRun?: Value;
  readonly error: Value;
  readonly cause: Value;
  /** The run that nobody could look at any more. */
  readonly jobRunId?: Value;
}

interface JobNamed {
  /** For a task's arguments. */
  readonly value: Value;
  /** For expressions, in JSONata. */
  readonly expression: pulumi.Input<string>;
}

/** JSONata that reads variables of the run. */
export const reading = (
  { variable }: Pick<RunFlow, "variable">,
  expression: (read: (name: RunVariable) => string) => string,
): string => jsonata(expression((name) => `$${variable(name)}`));

/** Variables of the run, by their full names. */
export const remember = (
  { variable }: Pick<RunFlow, "variable">,
  values: Partial<Readonly<Record<RunVariable, Value>>>,
): Assign => Object.fromEntries(Object.entries(values).map(([name, value]) => [variable(name as RunVariable), value]));

/** Ends the job's part with this failure. */
export const failure = ({ failed }: Pick<RunFlow, "failed">, told: RunFailure): Assign => ({
  ...failed.assign,
  [failed.variable]: failed.describe(told),
});

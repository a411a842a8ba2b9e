import type { Command } from "../../functions/lib/workers.ts";
import type { Api, Principal } from "../services/service.ts";

/** The kinds of job whose scripts can be run here: all but Ray. */
export type ScriptCommand = Exclude<Command, "glueray">;

/** A job run whose script is to be run, with the cloud that the script sees. */
export interface ScriptRun {
  readonly JobName: string;
  readonly JobRunId: string;
  /** The job's arguments and the run's, merged. */
  readonly Arguments: Readonly<Record<string, string>>;
  readonly GlueVersion: string;
  readonly Command: ScriptCommand;
  /** Minutes. */
  readonly Timeout: number;
  readonly script: {
    readonly name: string;
    readonly content: Uint8Array;
    /** Where modules are that Glue would be given as extra Python files, of jobs that upload none. */
    readonly folders?: readonly string[];
  };
  /** Whose permissions the script has. */
  readonly role: Principal;
  readonly cloud: ScriptCloud;
}

/** What of the embedded cloud a script can reach. */
export interface ScriptCloud {
  readonly region: string;
  readonly buckets: readonly string[];
  readonly api: Api;
  /** Calls that no policy is asked about. */
  readonly owner: (service: string, operation: string, input: unknown) => Promise<unknown>;
}

/** How a script ended. */
export interface ScriptOutcome {
  readonly JobRunState: "SUCCEEDED" | "FAILED" | "TIMEOUT" | "STOPPED";
  readonly ErrorMessage?: string;
  /** Milliseconds that it ran, by the wall's clock. */
  readonly runningMs: number;
}

/** Runs the scripts of jobs, each in a process of its own. */
export interface ScriptEngine {
  /** Runs the script to its end; asked again for the same run, gives the same outcome. */
  run(run: ScriptRun): Promise<ScriptOutcome>;
  /** Ends a run's process: its outcome is STOPPED then. */
  stop(JobRunId: string): void;
}

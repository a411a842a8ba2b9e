import type * as pulumi from "@pulumi/pulumi";
import type * as aws from "@pulumi/aws";
import type { JobCalls } from "../glue-job.ts";
import type { JobRetry } from "../pipeline-definition.ts";
import type { Statement } from "../policy.ts";
import type { Polling } from "../polling.ts";
import type { Integration, Value } from "../state-machine/states.ts";
import type { Written } from "./job-flow.ts";
import type { JobStage } from "./stage.ts";

/** What the pipeline knows of a stage's job: its name, and who answers for it. */
export interface StageJob {
  readonly jobName: pulumi.Input<string>;
  readonly calls: JobCalls;
  /** A run that has not ended after this long is given up. */
  readonly giveUpAfterMinutes: number;
  /** Fields of StartJobRun besides its name and arguments. */
  readonly startFields?: Readonly<Record<string, Value>>;
}

/** What stages are made into states with. */
export interface StagesContext {
  readonly jobOf: (stage: JobStage) => StageJob;
  /** Of jobs that do not say otherwise. */
  readonly retry: Required<JobRetry>;
  readonly polling: Required<Polling>;
  /** Seconds after which a run whose end no event has told of is looked for. */
  readonly eventHeartbeatSeconds: number;
  /** A run that finds no place is asked for again for so long. */
  readonly patienceSeconds: number;
  /** Where jobs write, and where distributed maps keep what came of their items. */
  readonly outputBucket: aws.s3.Bucket;
  /** What else the machine's role needs to write there, for example with a key. */
  readonly outputPermissions?: readonly Statement[];
  /**
   * Stops job runs that still go on: given `{executionName, startedAt, stages: [name…]}`, those of the execution and of
   * these stages.
   */
  readonly stopRuns: Integration;
}

/** What is known of the whole while its parts are made into states. */
export interface Compilation extends StagesContext {
  readonly startsWithFile: boolean;
  readonly before: ReadonlyMap<JobStage, Written>;
}

import type * as pulumi from "@pulumi/pulumi";
import { runArguments } from "../../functions/lib/run-arguments.ts";
import { executionName as ownName } from "../file-validation.ts";
import { jsonata, type Value } from "../state-machine/states.ts";

interface RunOfFile {
  readonly outputBucket: pulumi.Input<string>;
  /** The variable that counts runs, without its dollar sign. */
  readonly attempt: string;
  /** JSONata. @default the name of the execution that makes the run */
  readonly executionName?: string;
}

/** What all runs are told of their file; what all runs of a job share is in the job's default arguments. */
export const argumentsOfRun = ({
  outputBucket,
  attempt,
  executionName = ownName,
}: RunOfFile): Record<`--${string}`, Value> =>
  runArguments<Value>({
    bucket: jsonata("$file.bucket"),
    key: jsonata("$file.key"),
    versionId: jsonata("$file.versionId"),
    size: jsonata("$string($file.size)"),
    outputBucket,
    executionName,
    attempt: jsonata(`$string($${attempt})`),
  });

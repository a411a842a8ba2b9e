import type * as pulumi from "@pulumi/pulumi";
import { runArguments } from "../../functions/lib/run-arguments.ts";
import { executionName } from "../file-validation.ts";
import type { PipelineDefinitionArgs } from "../pipeline-definition.ts";
import { jsonata, type Value } from "../state-machine/states.ts";

/** What StartJobRun is given, whoever waits for the run's end. */
export const startArguments = ({
  outputBucket,
  overrides,
}: Pick<PipelineDefinitionArgs, "outputBucket" | "overrides">): Value => ({
  JobName: jsonata("$jobName"),
  ...overrides.arguments,
  Arguments: argumentsOf(outputBucket),
});

/** What all runs share is in the job's default arguments. */
const argumentsOf = (outputBucket: pulumi.Input<string>): Value =>
  runArguments<Value>({
    bucket: jsonata("$file.bucket"),
    key: jsonata("$file.key"),
    versionId: jsonata("$file.versionId"),
    size: jsonata("$string($file.size)"),
    outputBucket,
    executionName,
    attempt: jsonata("$string($attempt)"),
  });

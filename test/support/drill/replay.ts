import type { JobRun } from "@aws-sdk/client-glue";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { HeadObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { describeRun } from "../../../functions/lib/job-run.ts";
import type { Deployed } from "../deployed/deployed.ts";
import type { DispatchAnswer } from "../deployed/events.ts";
import { jobRunsOf } from "../deployed/executions.ts";
import { ended, type LandedFile } from "../deployed/files.ts";
import { s3Record } from "../s3-events.ts";

type Stack = Pick<Deployed, "clients" | "outputs">;

/** Starts the pipeline on an execution's input, as a person would: the name is taken by the execution that failed. */
export async function replayed({ clients, outputs }: Stack, input: unknown): Promise<LandedFile> {
  const { executionArn = "" } = await clients.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn: outputs.stateMachineArn, input: JSON.stringify(input) }),
  );
  return ended(clients, executionArn);
}

/** Hands an event, as it was kept, to the dispatcher as a person would. */
export async function sentAgain({ clients, outputs }: Stack, event: unknown): Promise<DispatchAnswer> {
  const { FunctionError, Payload } = await clients.lambda.send(
    new InvokeCommand({ FunctionName: outputs.dispatcherName, Payload: JSON.stringify(event) }),
  );
  const answer = Payload?.transformToString() ?? "";
  if (FunctionError !== undefined) throw new Error(answer);
  return JSON.parse(answer) as DispatchAnswer;
}

/** The event that S3 sends for the object as it lies in the landing bucket. */
export async function eventOf({ clients, outputs }: Stack, key: string): Promise<unknown> {
  const { landingBucket: bucket = "" } = outputs;
  const { ContentLength: size, VersionId: versionId } = await clients.s3.send(
    new HeadObjectCommand({ Bucket: bucket, Key: key }),
  );
  return { Records: [s3Record({ bucket, key: encodeURIComponent(key), size, versionId })] };
}

/** The job runs there have been for a file, the oldest first, as they are now. */
export async function runsOf({ clients, outputs }: Stack, key: string): Promise<readonly JobRun[]> {
  const runs = await jobRunsOf(clients, outputs);
  return runs.filter(({ details }) => details.Arguments?.["--key"] === key).map((run) => describeRun(run, Date.now()));
}

/** The Parquet files that the output bucket has of executions whose name starts so. */
export async function parquetOf({ clients, outputs }: Stack, name: string): Promise<readonly string[]> {
  const { Contents = [] } = await clients.s3.send(
    new ListObjectsV2Command({ Bucket: outputs.outputBucket, Prefix: `processed/execution=${name}` }),
  );
  return Contents.flatMap(({ Key }) => Key ?? []);
}

import { createStepFunctions } from "./clients/step-functions.ts";
import { once, required } from "./lib/environment.ts";
import { readNotification } from "./lib/events.ts";
import { executionName } from "./lib/execution-name.ts";
import { systemLog } from "./lib/system-log.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { CreatedObject } from "./lib/events.ts";

export type DispatcherDependencies = Pick<Dependencies, "stepFunctions" | "env" | "log">;

/** What became of the records of a notification. */
export interface DispatchSummary {
  readonly started: number;
  /** Those whose execution there was before: the event came twice. */
  readonly already: number;
  readonly ignored: number;
}

/** Some records of a notification could not be dispatched. Thrown, it has Lambda deliver the whole event again. */
export class DispatchError extends Error {
  override readonly name = "DispatchError";
}

type Target = Readonly<Record<"stateMachineArn" | "jobName", string>>;

/**
 * Starts one execution for each object that a notification reports. All records are tried before a failure is
 * thrown; on redelivery those that went well are found to exist, by the execution's name, and are not started twice.
 */
export function createHandler({ stepFunctions, env, log }: DispatcherDependencies) {
  const target = once(() => ({
    stateMachineArn: required(env, "STATE_MACHINE_ARN"),
    jobName: required(env, "JOB_NAME"),
  }));

  return async (event: unknown): Promise<DispatchSummary> => {
    const summary = { started: 0, already: 0, ignored: 0 };
    const failures: string[] = [];
    const records = readNotification(event);
    for (const record of records) {
      if (record.kind === "ignored") {
        summary.ignored += 1;
        log({ level: "INFO", message: "ignored", reason: record.reason });
      } else if (record.kind === "malformed") {
        failures.push(record.problem);
      } else {
        try {
          summary[await startExecution(stepFunctions, target(), record.object)] += 1;
        } catch (error) {
          failures.push(`${record.object.bucket}/${record.object.key}: ${described(error)}`);
        }
      }
    }
    log({ level: failures.length > 0 ? "ERROR" : "INFO", message: "dispatched", ...summary, failures });
    if (failures.length > 0) {
      throw new DispatchError(`${failures.length} of ${records.length} records failed: ${failures.join("; ")}`);
    }
    return summary;
  };
}

export const handler = createHandler({
  stepFunctions: createStepFunctions(),
  env: process.env,
  log: systemLog,
});

async function startExecution(
  stepFunctions: Dependencies["stepFunctions"],
  { stateMachineArn, jobName }: Target,
  object: CreatedObject,
): Promise<"started" | "already"> {
  try {
    await stepFunctions.startExecution({
      stateMachineArn,
      name: executionName(object),
      input: executionInput(jobName, object),
    });
    return "started";
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionAlreadyExists") return "already";
    throw error;
  }
}

/** Made from the event alone, so that a redelivered event gives the same bytes. */
function executionInput(jobName: string, { bucket, key, versionId, size, sequencer }: CreatedObject): string {
  return JSON.stringify({ jobName, arguments: { bucket, key, versionId: versionId ?? "null", size, sequencer } });
}

function described(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

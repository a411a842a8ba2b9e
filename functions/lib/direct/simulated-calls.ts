import { isRecord } from "../json.ts";
import { CallError } from "./job-runs.ts";
import type { GlueCalls, JobRuns, Lambda } from "../aws.ts";

/** The functions that answer for a simulated job, by name. */
export type JobFunctions = Readonly<Record<keyof GlueCalls, string>>;

/** Those that a caller needs: it makes no other calls. */
type NamedFunctions = { readonly [Call in keyof GlueCalls]?: string | undefined };

/** Calls the functions of a simulated job; what they throw comes under the names that they give it. */
export function simulatedCalls(lambda: Lambda, functions: NamedFunctions): GlueCalls {
  return {
    startJobRun: calling(lambda, functions.startJobRun),
    getJobRun: calling(lambda, functions.getJobRun),
    getJobRuns: calling(lambda, functions.getJobRuns),
    batchStopJobRun: calling(lambda, functions.batchStopJobRun),
  };
}

/** The same, as far as runs that others have started are concerned. */
export function simulatedRuns(lambda: Lambda, functions: Readonly<Record<keyof JobRuns, string>>): JobRuns {
  return {
    getJobRuns: calling(lambda, functions.getJobRuns),
    batchStopJobRun: calling(lambda, functions.batchStopJobRun),
  };
}

function calling(lambda: Lambda, functionName: string | undefined): (input: object) => Promise<object> {
  return async (input) => {
    if (functionName === undefined) throw new Error("No function is named that makes this call of the simulated job");
    const { Payload, FunctionError } = await invoked(lambda, functionName, input);
    const answer: unknown = JSON.parse(Payload);
    if (FunctionError === undefined) return isRecord(answer) ? answer : {};
    const errorType = isRecord(answer) && typeof answer.errorType === "string" ? answer.errorType : "Lambda.Unknown";
    // The whole of it, as Step Functions gives it as the cause.
    throw new CallError(errorType, Payload);
  };
}

async function invoked(lambda: Lambda, FunctionName: string, input: object): ReturnType<Lambda["invoke"]> {
  try {
    return await lambda.invoke({ FunctionName, Payload: JSON.stringify(input) });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const name = error.name.endsWith("Exception") ? error.name : "SdkClientException";
    throw new CallError(`Lambda.${name}`, error.message);
  }
}

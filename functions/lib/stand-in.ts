import { JobFailure } from "./glue-error.ts";
import { isRecord } from "./json.ts";
import type { Lambda } from "./aws.ts";
import type { StandInEvent } from "./glue.ts";

/**
 * A stand-in that is a Lambda function. What the function throws fails the run; that it could not be called at all (no
 * permission, too many calls) is thrown as it is.
 */
export function lambdaStandIn(lambda: Lambda, functionName: string): (event: StandInEvent) => Promise<unknown> {
  return async (event) => {
    const { FunctionError, Payload } = await lambda.invoke({
      FunctionName: functionName,
      Payload: JSON.stringify(event),
    });
    if (FunctionError !== undefined) throw new JobFailure(messageFrom(Payload));
    return parsed(Payload);
  };
}

/** Glue shows a script's exception as its type and message. */
function messageFrom(payload: string): string {
  const error = parsed(payload);
  if (!isRecord(error) || typeof error.errorMessage !== "string") return payload;
  const { errorType, errorMessage } = error;
  return typeof errorType === "string" && errorType !== "Error" ? `${errorType}: ${errorMessage}` : errorMessage;
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    return payload;
  }
}

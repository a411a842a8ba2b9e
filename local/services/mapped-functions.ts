import { isRecord } from "../../functions/lib/json.ts";
import type { LambdaService } from "./lambda.ts";
import type { Properties } from "./properties.ts";
import { ServiceError } from "./service.ts";
import type { World } from "./world.ts";

/** A function that is handed batches of a queue or a stream. */
export interface MappedFunction {
  readonly functionName: string;
  /** Whether it names what of a batch it could not handle. */
  readonly reportsItems: boolean;
}

/** Whether a mapping lets its function name what it could not handle. */
export const readReportsItems = (properties: Properties): boolean => {
  const types = properties.optionalAny("functionResponseTypes");
  return Array.isArray(types) && types.includes("ReportBatchItemFailures");
};

/** Hands a batch to a function and gives what this names as not handled. Undefined: all of it. */
export const handBatch = async (
  { observe }: Pick<World, "observe">,
  lambda: Pick<LambdaService, "invoke">,
  { functionName, reportsItems }: MappedFunction,
  Records: readonly object[],
): Promise<readonly unknown[] | undefined> => {
  try {
    const { FunctionError, Payload } = await lambda.invoke({
      FunctionName: functionName,
      Payload: JSON.stringify({ Records }),
    });
    if (FunctionError !== undefined) return undefined;
    return reportsItems ? namedIn(JSON.parse(Payload)) : [];
  } catch (error) {
    // No room for the call, or the function cannot be started: the batch waits or comes back.
    if (!(error instanceof ServiceError)) throw error;
    const { name, message } = error;
    if (name !== "TooManyRequestsException") {
      observe({ kind: "function-failed", functionName, requestId: "", error: name, message });
    }
    return undefined;
  }
};

const namedIn = (answer: unknown): readonly unknown[] => {
  const named = isRecord(answer) && Array.isArray(answer.batchItemFailures) ? answer.batchItemFailures : [];
  return named.map((item: unknown) => (isRecord(item) ? item.itemIdentifier : undefined));
};

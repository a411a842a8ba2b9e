import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { at, parsed, textAt } from "../run/json.ts";
import { withPatience, type Patience } from "./retries.ts";

/** What a function made of an event. */
export interface Invocation {
  /** How many executions it has started, of a dispatcher. */
  readonly started: number;
  /** Those that there were before. */
  readonly already: number;
}

/** Gives an event to a function and waits until it has taken all of it. Functions of a pipeline take the same twice. */
export async function invokeWith(
  lambda: LambdaClient,
  FunctionName: string,
  event: unknown,
  patience: Patience,
): Promise<Invocation> {
  let answer: unknown;
  await withPatience(patience, async () => {
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    answer = parsed(Payload?.transformToString());
    return FunctionError === undefined
      ? undefined
      : `${FunctionName} failed with ${textAt(answer, "errorType") ?? "Error"}: ${textAt(answer, "errorMessage") ?? ""}`;
  });
  return { started: numberAt(answer, "started"), already: numberAt(answer, "already") };
}

function numberAt(value: unknown, name: string): number {
  const found = at(value, name);
  return typeof found === "number" ? found : 0;
}

import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { once } from "../lib/environment.ts";
import type { Lambda } from "../lib/aws.ts";

/** Lambda by way of the SDK, which waits for an answer as long as the caller lives. */
export function createLambda(makeClient = (): LambdaClient => new LambdaClient()): Lambda {
  const client = once(makeClient);
  return {
    invoke: async ({ FunctionName, Payload }) => {
      const answer = await client().send(new InvokeCommand({ FunctionName, Payload }));
      return {
        Payload: answer.Payload?.transformToString() ?? "",
        ...(answer.FunctionError !== undefined && { FunctionError: answer.FunctionError }),
      };
    },
  };
}

/** The same, kept from trying again: for calls that must not be made twice unseen. */
export function createLambdaOnce(): Lambda {
  return createLambda(() => new LambdaClient({ maxAttempts: 1 }));
}

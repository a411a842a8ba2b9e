import type { Dependencies, InvocationContext } from "../../../functions/lib/aws.ts";

/** What a test wants the function to do. */
export type Probe =
  | { readonly does: "answer"; readonly value?: unknown }
  | { readonly does: "fail"; readonly name: string; readonly message: string }
  | { readonly does: "fail-first"; readonly times: number }
  | { readonly does: "report" }
  | { readonly does: "log"; readonly text: string }
  | { readonly does: "hang" }
  | { readonly does: "pause" }
  | { readonly does: "sleep"; readonly seconds: number }
  | { readonly does: "fill"; readonly bytes: number }
  | { readonly does: "call"; readonly client: "dynamoDb" | "s3" | "lambda"; readonly input: never };

/** A function that does what it is told. */
export const createHandler = (deps: Dependencies): ((event: Probe, context: InvocationContext) => Promise<unknown>) => {
  let calls = 0;
  return async (event, context) => {
    calls++;
    switch (event.does) {
      case "answer":
        return event.value;
      case "fail":
        throw Object.assign(new Error(event.message), { name: event.name });
      case "fail-first":
        if (calls <= event.times) throw new Error(`call ${calls} fails`);
        return calls;
      case "report":
        return { calls, env: deps.env, now: deps.now(), requestId: context.awsRequestId };
      case "log":
        deps.log({ text: event.text });
        await Promise.resolve();
        deps.log({ text: event.text });
        return undefined;
      case "hang":
        return new Promise(() => undefined);
      case "pause":
        return new Promise((resolve) => setTimeout(resolve, 20));
      case "sleep":
        await deps.sleep(event.seconds * 1000);
        return deps.now();
      case "fill":
        return "x".repeat(event.bytes);
      case "call":
        if (event.client === "dynamoDb") return deps.dynamoDb.putItem(event.input);
        if (event.client === "s3") return deps.s3.putObject(event.input);
        return deps.lambda.invoke(event.input);
    }
  };
};

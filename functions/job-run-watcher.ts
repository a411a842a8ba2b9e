import { createDynamoDb } from "./clients/dynamodb.ts";
import { createGlueCalls } from "./clients/glue.ts";
import { createLambdaOnce } from "./clients/lambda.ts";
import { createSns } from "./clients/sns.ts";
import { createSqs } from "./clients/sqs.ts";
import { describedError } from "./lib/described-error.ts";
import { directContext, reportsFrom } from "./lib/direct/environment.ts";
import { OvertakenError } from "./lib/direct/ledger.ts";
import { follow, type WatchMessage } from "./lib/direct/watch.ts";
import { once } from "./lib/environment.ts";
import { isRecord } from "./lib/json.ts";
import { systemClock } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { DirectDependencies } from "./lib/direct/environment.ts";

/** What of Lambda's event for a queue is read. */
interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Takes files further that the dispatcher has started: looks at their runs, starts further attempts, and tells what came
 * of them. Messages that another watcher is at already stay in the queue, in case that it dies.
 */
export function createHandler(
  deps: DirectDependencies & Pick<Dependencies, "sns">,
): (event: QueueEvent) => Promise<BatchAnswer> {
  const context = once(() => directContext(deps, reportsFrom(deps)));
  return async ({ Records }) => {
    const failed: string[] = [];
    for (const { messageId, body } of Records) {
      try {
        await follow(context(), watchMessage(body));
      } catch (error) {
        const level = error instanceof OvertakenError ? "INFO" : "ERROR";
        deps.log({ level, message: "left in the queue", body, ...describedError(error) });
        failed.push(messageId);
      }
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

export const handler = createHandler({
  dynamoDb: createDynamoDb(),
  glueCalls: createGlueCalls(),
  lambda: createLambdaOnce(),
  sqs: createSqs(),
  sns: createSns(),
  env: process.env,
  now: systemClock,
  log: systemLog,
});

function watchMessage(body: string): WatchMessage {
  const message: unknown = JSON.parse(body);
  if (isRecord(message) && typeof message.executionName === "string" && typeof message.turn === "number") {
    return { executionName: message.executionName, turn: message.turn };
  }
  throw new Error(`The message must be {"executionName", "turn"}, got ${body}`);
}

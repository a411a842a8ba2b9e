import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { withPatience, type Patience } from "./retries.ts";

/** As many as SendMessageBatch takes. */
export const MESSAGES_IN_BATCH = 10;

/** Sends up to ten messages; resolves once the queue has taken each. Of one that is tried again it may take two. */
export async function sendMessages(
  sqs: SQSClient,
  QueueUrl: string,
  bodies: readonly string[],
  patience: Patience,
): Promise<void> {
  let left = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
  await withPatience(patience, async () => {
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: left }));
    const refused = new Map(Failed.map((entry) => [entry.Id, entry]));
    left = left.filter(({ Id }) => refused.has(Id));
    const [first] = Failed;
    return first === undefined
      ? undefined
      : `the queue ${QueueUrl} did not take a message: ${first.Code ?? "?"}: ${first.Message ?? ""}`;
  });
}

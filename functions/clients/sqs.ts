import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { once } from "../lib/environment.ts";
import type { Sqs } from "../lib/aws.ts";

/** SQS by way of the SDK. */
export function createSqs(makeClient = defaultClient): Sqs {
  const client = once(makeClient);
  return { sendMessage: (input) => client().send(new SendMessageCommand(input)) };
}

function defaultClient(): SQSClient {
  // The host in a queue's URL need not be one that a function of an emulator can reach.
  return new SQSClient({ useQueueUrlAsEndpoint: process.env.AWS_ENDPOINT_URL === undefined });
}

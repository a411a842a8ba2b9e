import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { once } from "../lib/environment.ts";
import type { Sns } from "../lib/aws.ts";

/** SNS by way of the SDK. */
export function createSns(makeClient = (): SNSClient => new SNSClient()): Sns {
  const client = once(makeClient);
  return { publish: (input) => client().send(new PublishCommand(input)) };
}

import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { once } from "../lib/environment.ts";
import type { Events } from "../lib/aws.ts";

/** EventBridge by way of the SDK. */
export function createEvents(makeClient = (): EventBridgeClient => new EventBridgeClient()): Events {
  const client = once(makeClient);
  return { putEvents: (input) => client().send(new PutEventsCommand(input)) };
}

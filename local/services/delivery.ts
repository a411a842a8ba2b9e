import type { ServicePrincipal } from "../iam/authoriser.ts";

/** The action that a service needs on what it sends events to. */
export const deliveryAction = (arn: string): string => {
  const action = actions[arn.split(":")[2] ?? ""];
  if (action === undefined) {
    throw new Error(`events go to functions, queues and topics, got "${arn}"`);
  }
  return action;
};

const actions: Readonly<Record<string, string>> = {
  lambda: "lambda:InvokeFunction",
  sqs: "sqs:SendMessage",
  sns: "sns:Publish",
};

/** Hands an event of one service to a function, queue or topic, in that resource's name. */
export type Deliver = (target: string, from: ServicePrincipal, body: string) => void;

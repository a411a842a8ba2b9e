import { type Deliver, deliveryAction } from "./services/delivery.ts";
import type { LambdaService } from "./services/lambda.ts";
import { type Permission, ServiceError } from "./services/service.ts";
import type { SnsService } from "./services/sns.ts";
import type { SqsService } from "./services/sqs.ts";
import type { World } from "./services/world.ts";

/** The services that others send events to. */
export interface Receivers {
  readonly lambda: Pick<LambdaService, "accept">;
  readonly sqs: Pick<SqsService, "sendMessage">;
  readonly sns: Pick<SnsService, "publish">;
}

/** Events from one service to another: the receiver's own policy must allow the sender. */
export const createDeliver =
  ({ authoriser, keys }: Pick<World, "authoriser" | "keys">, receivers: () => Receivers): Deliver =>
  (target, from, body) => {
    const action = deliveryAction(target);
    for (const needed of [{ action, resource: target }, ...keys.neededForDelivery(target)] as readonly Permission[]) {
      const decision = authoriser.decideService(from, needed.action, needed.resource, needed.context);
      if (decision.allowed) continue;
      throw new ServiceError(
        "AccessDeniedException",
        `${from.source} (${from.service}) is not authorized to perform: ${needed.action} on resource: ` +
          `${needed.resource} ${decision.reason}`,
      );
    }
    const { lambda, sqs, sns } = receivers();
    switch (action) {
      case "lambda:InvokeFunction":
        lambda.accept(target, body);
        return;
      case "sqs:SendMessage":
        sqs.sendMessage({ QueueUrl: target, MessageBody: body });
        return;
      default:
        sns.publish({ TopicArn: target, Message: body });
    }
  };

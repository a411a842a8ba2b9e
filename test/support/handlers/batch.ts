import type { Dependencies } from "../../../functions/lib/aws.ts";

/** What a message wants of the function: to be handled when it comes for that time, or to bring the call down until then. */
export interface Wish {
  readonly text: string;
  readonly handledAt?: number;
  readonly throws?: boolean;
  /** How long the call takes for it. */
  readonly seconds?: number;
  /** What the function answers about it, in place of its id. */
  readonly named?: string;
}

interface QueueEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly body: string;
    readonly attributes: { readonly ApproximateReceiveCount: string };
  }[];
}

/** A function that handles the messages of a queue as they wish. */
export const createHandler =
  (deps: Dependencies) =>
  async (event: QueueEvent): Promise<unknown> => {
    const failed: string[] = [];
    let seconds = 0;
    for (const { messageId, body, attributes } of event.Records) {
      const { text, handledAt = 1, throws = false, named, ...wish }: Wish = JSON.parse(body) as Wish;
      seconds = Math.max(seconds, wish.seconds ?? 0);
      const isReady = Number(attributes.ApproximateReceiveCount) >= handledAt;
      deps.log({ text, isReady, at: deps.now() });
      if (!isReady && throws) throw new Error(`not yet: ${text}`);
      if (!isReady) failed.push(named ?? messageId);
    }
    if (seconds > 0) await deps.sleep(seconds * 1000);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };

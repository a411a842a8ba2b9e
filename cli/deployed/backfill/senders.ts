import type { Clients } from "../clients.ts";
import type { Deployment } from "../deployment.ts";
import { invokeWith } from "../dispatching.ts";
import { MESSAGES_IN_BATCH, sendMessages } from "../queue-messages.ts";
import type { Patience } from "../retries.ts";
import { recordOf } from "./records.ts";
import type { LandedVersion } from "./versions.ts";

/** What became of files that were sent; where they wait in a queue, what becomes of them is not known yet. */
export interface Sent {
  readonly sent: number;
  readonly already: number;
}

/** The way to the dispatcher. A file that goes there twice still has one execution. */
export interface Sender {
  /** Files that go at a time. */
  readonly pieces: number;
  /** How many times at once. */
  readonly parallel: number;
  /** Resolves once all of them have been taken; rejects with GivenUpError. */
  readonly send: (files: readonly LandedVersion[]) => Promise<Sent>;
}

/** As S3 does it: through the queue of arrivals where there is one, else by the function itself. */
export function senderTo({ outputs }: Deployment, clients: Clients, patience: Patience): Sender {
  const { arrivalQueueUrl } = outputs;
  if (arrivalQueueUrl !== undefined) {
    return {
      pieces: MESSAGES_IN_BATCH,
      parallel: 8,
      send: async (files) => {
        // A message for each: those that cannot be taken come again alone.
        const bodies = files.map((file) => JSON.stringify({ Records: [recordOf(file)] }));
        await sendMessages(clients.sqs, arrivalQueueUrl, bodies, patience);
        return { sent: files.length, already: 0 };
      },
    };
  }
  return {
    // One call after the other within the function, in far less than the minute that it has.
    pieces: 20,
    parallel: 4,
    send: async (files) => {
      const { already } = await invokeWith(
        clients.lambda,
        outputs.dispatcherName,
        { Records: files.map(recordOf) },
        patience,
      );
      return { sent: files.length, already };
    },
  };
}

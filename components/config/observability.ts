import type { ObservabilityArgs } from "../observability.ts";
import type { ConfigReader } from "./config-reader.ts";

const lists = ["alarmSubscribers", "successSubscribers", "failureSubscribers", "delaySubscribers"] as const;

/** What the stack config says of observability. Nothing, where it leaves all to the mode. */
export const readObservability = (
  read: ConfigReader,
): { readonly observability?: ObservabilityArgs; readonly tracing: boolean } => {
  const key = read.oneOf("observability", ["auto", "true", "false"], "auto");
  const subscribers = lists.map(
    (list) => [list, read.texts(list, [], { says: "an e-mail address or the ARN of an SQS queue" })] as const,
  );
  const given: ObservabilityArgs = {
    ...(key !== "auto" && { enabled: key === "true" }),
    ...Object.fromEntries(subscribers.filter(([, found]) => found.length > 0)),
  };
  const tracing = read.boolean("tracing", false);
  return Object.keys(given).length === 0 ? { tracing } : { observability: given, tracing };
};

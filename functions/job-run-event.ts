import { createSns } from "./clients/sns.ts";
import { required } from "./lib/environment.ts";
import { isRecord } from "./lib/json.ts";
import { systemLog } from "./lib/system-log.ts";
import type { Dependencies } from "./lib/aws.ts";

export type JobRunEventDependencies = Pick<Dependencies, "sns" | "env" | "log">;

/** What Glue's delay notification says of a run. */
interface DelayedRun {
  readonly jobName: string;
  readonly jobRunId: string;
  readonly state: string;
  readonly startedOn?: unknown;
  readonly notificationCondition?: unknown;
}

/**
 * Hears what Glue tells EventBridge of job runs. A run that takes long is told to the results topic, with the outcome
 * "delayed"; one that failed is written to the log: whether its file has failed is the state machine's to say.
 */
export function createHandler({ sns, env, log }: JobRunEventDependencies): (event: unknown) => Promise<void> {
  return async (event) => {
    const detail = isRecord(event) ? event.detail : undefined;
    if (!isRecord(event) || !isRecord(detail)) throw new Error(`An event must have a detail, got ${shown(event)}`);
    log({ level: "WARN", type: event["detail-type"], ...detail });
    if (event["detail-type"] !== "Glue Job Run Status") return;
    const { jobName, jobRunId, state, startedOn, notificationCondition } = delayedRun(detail);
    await sns.publish({
      TopicArn: required(env, "RESULTS_TOPIC_ARN"),
      Subject: "Job run delayed",
      Message: JSON.stringify({ outcome: "delayed", jobName, jobRunId, state, startedOn, notificationCondition }),
      MessageAttributes: { outcome: { DataType: "String", StringValue: "delayed" } },
    });
  };
}

export const handler = createHandler({ sns: createSns(), env: process.env, log: systemLog });

function delayedRun(detail: Readonly<Record<string, unknown>>): DelayedRun {
  const { jobName, jobRunId, state, startedOn, notificationCondition } = detail;
  if (typeof jobName === "string" && typeof jobRunId === "string" && typeof state === "string") {
    return { jobName, jobRunId, state, startedOn, notificationCondition };
  }
  throw new Error(`A delayed run must have jobName, jobRunId and state, got ${shown(detail)}`);
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

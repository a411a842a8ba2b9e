import { createLedger } from "./ledger.ts";
import { CallError, createJobRuns } from "./job-runs.ts";
import { simulatedCalls, type JobFunctions } from "./simulated-calls.ts";
import { jsonFrom, required } from "../environment.ts";
import type { Dependencies } from "../aws.ts";
import type { Result } from "./entry.ts";
import type { DirectSettings } from "./settings.ts";
import type { Reports } from "./steps.ts";
import type { WatchContext } from "./watch.ts";

export type DirectDependencies = Pick<
  Dependencies,
  "dynamoDb" | "glueCalls" | "lambda" | "sqs" | "env" | "now" | "log"
>;

/**
 * What a function of the direct mode works with: LEDGER_TABLE, WATCH_QUEUE_URL, JOB_NAME, SETTINGS and, for a simulated
 * job, JOB_FUNCTIONS.
 */
export function directContext(deps: DirectDependencies, reports: Reports): WatchContext {
  const { dynamoDb, glueCalls, lambda, sqs, env, now, log } = deps;
  const isSimulated = (env.JOB_FUNCTIONS ?? "") !== "";
  const calls = isSimulated ? simulatedCalls(lambda, jsonFrom(env, "JOB_FUNCTIONS") as JobFunctions) : glueCalls;
  return {
    settings: jsonFrom(env, "SETTINGS") as DirectSettings,
    ledger: createLedger(dynamoDb, required(env, "LEDGER_TABLE")),
    jobRuns: createJobRuns(calls, required(env, "JOB_NAME")),
    reports,
    sqs,
    watchQueueUrl: required(env, "WATCH_QUEUE_URL"),
    now,
    log,
  };
}

/** Tells outcomes by FAILURE_QUEUE_URL and RESULTS_TOPIC_ARN, as the state machine's tasks do. */
export function reportsFrom({ sqs, sns, env }: Pick<Dependencies, "sqs" | "sns" | "env">): Reports {
  const queueUrl = required(env, "FAILURE_QUEUE_URL");
  const topicArn = required(env, "RESULTS_TOPIC_ARN");
  return {
    keepFailure: (result) =>
      sent("SQS", () => sqs.sendMessage({ QueueUrl: queueUrl, MessageBody: JSON.stringify(result) })),
    notify: (result) => sent("SNS", () => sns.publish(notification(topicArn, result))),
  };
}

function notification(TopicArn: string, result: Result): Parameters<Dependencies["sns"]["publish"]>[0] {
  return {
    TopicArn,
    Subject: `File ${result.outcome}`,
    Message: JSON.stringify(result),
    MessageAttributes: { outcome: { DataType: "String", StringValue: result.outcome } },
  };
}

async function sent(service: string, send: () => Promise<object>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CallError(`${service}.${error.name}`, error.message);
  }
}

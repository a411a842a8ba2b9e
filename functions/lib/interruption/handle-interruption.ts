import { once, required } from "../environment.ts";
import { createInterruptionLog } from "./interruption-log.ts";
import { stopRunsOf, type Sweep } from "./job-runs-of-execution.ts";
import { failureReport, type FailureReport } from "./report.ts";
import { readStatusChange, type StatusChange } from "./status-change.ts";
import type { Dependencies, InvocationContext, JobRuns } from "../aws.ts";
import type { InterruptionLog, ReportProgress } from "./interruption-log.ts";

export type InterruptionDependencies = Pick<
  Dependencies,
  "dynamoDb" | "executions" | "sqs" | "sns" | "env" | "now" | "sleep" | "log"
>;

/** What became of an event. */
export interface InterruptionSummary {
  /** `already`: another delivery of the event reports it. `machine`: the execution itself has. */
  readonly reported: "now" | "already" | "machine";
  readonly stopped: readonly string[];
}

export type InterruptionHandler = (event: unknown, context: InvocationContext) => Promise<InterruptionSummary>;

/** A StartJobRun that was on its way when its execution ended has been answered by then. */
const inFlightMs = 10_000;

/**
 * Does for an execution that was interrupted what it could not do any more: stops its job runs, keeps the failure and
 * tells of it.
 *
 * Once: a table remembers who reports an interruption and how far that got, so an event that comes twice reports once. A
 * function that dies between a step and the note of it repeats that step when the event is tried again.
 */
export function createInterruptionHandler(deps: InterruptionDependencies, glue: () => JobRuns): InterruptionHandler {
  const { env, log } = deps;
  const settings = once(() => ({
    jobName: required(env, "JOB_NAME"),
    tableName: required(env, "INTERRUPTIONS_TABLE"),
    queueUrl: required(env, "FAILURE_QUEUE_URL"),
    topicArn: required(env, "RESULTS_TOPIC_ARN"),
  }));
  return async (event, { awsRequestId }) => {
    const change = readStatusChange(event);
    const { jobName, tableName, queueUrl, topicArn } = settings();
    if (await hasReported(deps, change)) {
      // What it failed with may have been that it could not reach its run any more.
      const { stopped } = await stopAll(deps, glue(), jobName, change);
      return told(log, change, { reported: "machine", stopped });
    }
    const notes = createInterruptionLog(deps.dynamoDb, { tableName, change, delivery: awsRequestId });
    const progress = await notes.begin();
    if (progress === undefined) return told(log, change, { reported: "already", stopped: [] });
    const sweep = await stopAll(deps, glue(), jobName, change);
    const input = change.input ?? (await inputOf(deps, change));
    const report = failureReport({ change, input, jobName, ...sweep });
    await send(deps, { queueUrl, topicArn }, { report, notes, progress });
    return told(log, change, { reported: "now", stopped: sweep.stopped });
  };
}

/**
 * An execution that failed by its Fail state has reported everything before. What else fails one, such as a history that
 * is full, no Catch can see.
 */
async function hasReported({ executions }: InterruptionDependencies, change: StatusChange): Promise<boolean> {
  if (change.status !== "FAILED") return false;
  const { events = [] } = await executions.getExecutionHistory({
    executionArn: change.executionArn,
    reverseOrder: true,
    maxResults: 2,
    includeExecutionData: false,
  });
  return events.some(({ type }) => type === "FailStateEntered");
}

/** Looks twice, so that a run whose start was on its way is found as well. */
async function stopAll(
  { now, sleep }: InterruptionDependencies,
  glue: JobRuns,
  jobName: string,
  { name, startDate, stopDate }: StatusChange,
): Promise<Sweep> {
  const owner = { jobName, executionName: name, startedAt: startDate };
  const first = await stopRunsOf(glue, owner);
  const wait = stopDate + inFlightMs - now();
  if (wait <= 0) return first;
  await sleep(wait);
  const second = await stopRunsOf(glue, owner);
  return { ...second, stopped: [...new Set([...first.stopped, ...second.stopped])] };
}

async function inputOf({ executions }: InterruptionDependencies, { executionArn }: StatusChange): Promise<string> {
  const { events = [] } = await executions.getExecutionHistory({ executionArn, maxResults: 1 });
  return events[0]?.executionStartedEventDetails?.input ?? "{}";
}

interface Targets {
  readonly queueUrl: string;
  readonly topicArn: string;
}

interface Reporting {
  readonly report: FailureReport;
  readonly notes: InterruptionLog;
  readonly progress: ReportProgress;
}

async function send(
  { sqs, sns }: InterruptionDependencies,
  { queueUrl, topicArn }: Targets,
  { report, notes, progress }: Reporting,
): Promise<void> {
  const message = JSON.stringify(report);
  if (!progress.kept) {
    await sqs.sendMessage({ QueueUrl: queueUrl, MessageBody: message });
    await notes.done("kept");
  }
  if (progress.notified) return;
  await sns.publish({
    TopicArn: topicArn,
    Subject: "File failed",
    Message: message,
    MessageAttributes: { outcome: { DataType: "String", StringValue: report.outcome } },
  });
  await notes.done("notified");
}

function told(
  log: InterruptionDependencies["log"],
  { name, status }: StatusChange,
  summary: InterruptionSummary,
): InterruptionSummary {
  log({ level: "INFO", message: "interrupted", executionName: name, status, ...summary });
  return summary;
}

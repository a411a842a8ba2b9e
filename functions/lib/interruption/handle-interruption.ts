import { once, required } from "../environment.ts";
import { createInterruptionLog } from "./interruption-log.ts";
import { stopAllRuns, type OwnedJob, type Sweep } from "./job-runs-of-execution.ts";
import { failureReport, type FailureReport } from "./report.ts";
import { readStatusChange, type StatusChange } from "./status-change.ts";
import type { Dependencies, InvocationContext } from "../aws.ts";
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

/** The input of an execution that goes on where another was interrupted, which had this one. */
type ReplayReader = (change: StatusChange, input: unknown) => Promise<unknown>;

export type InterruptionHandler = (event: unknown, context: InvocationContext) => Promise<InterruptionSummary>;

/**
 * Does for an execution that was interrupted what it could not do any more: stops its job runs, keeps the failure and
 * tells of it.
 *
 * Once: a table remembers who reports an interruption and how far that got, so an event that comes twice reports once. A
 * function that dies between a step and the note of it repeats that step when the event is tried again.
 */
export function createInterruptionHandler(
  deps: InterruptionDependencies,
  jobs: () => readonly OwnedJob[],
  replay?: ReplayReader,
): InterruptionHandler {
  const { env, log } = deps;
  const settings = once(() => ({
    tableName: required(env, "INTERRUPTIONS_TABLE"),
    queueUrl: required(env, "FAILURE_QUEUE_URL"),
    topicArn: required(env, "RESULTS_TOPIC_ARN"),
  }));
  return async (event, { awsRequestId }) => {
    const change = readStatusChange(event);
    const { tableName, queueUrl, topicArn } = settings();
    if (await hasReported(deps, change)) {
      // What it failed with may have been that it could not reach its run any more.
      return told(log, change, { reported: "machine", stopped: stoppedIn(await stopAll(deps, jobs(), change)) });
    }
    const notes = createInterruptionLog(deps.dynamoDb, { tableName, change, delivery: awsRequestId });
    const progress = await notes.begin();
    if (progress === undefined) return told(log, change, { reported: "already", stopped: [] });
    const sweeps = await stopAll(deps, jobs(), change);
    const input = change.input ?? (await inputOf(deps, change));
    const going = replay === undefined ? {} : { replay: await replay(change, JSON.parse(input)) };
    const report = failureReport({ change, input, sweeps, ...going });
    await send(deps, { queueUrl, topicArn }, { report, notes, progress });
    return told(log, change, { reported: "now", stopped: stoppedIn(sweeps) });
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

const stopAll = (
  clock: InterruptionDependencies,
  jobs: readonly OwnedJob[],
  { name: executionName, startDate: startedAt, stopDate }: StatusChange,
): Promise<readonly Sweep[]> => stopAllRuns(clock, jobs, { executionName, startedAt }, stopDate);

const stoppedIn = (sweeps: readonly Sweep[]): readonly string[] => sweeps.flatMap(({ stopped }) => stopped);

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

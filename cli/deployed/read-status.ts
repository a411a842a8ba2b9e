import type { ExecutionListItem } from "@aws-sdk/client-sfn";
import type { Clients } from "./clients.ts";
import type { Deployment } from "./deployment.ts";
import { Executions } from "./executions.ts";
import { dispatchFailureIn, FailureQueue, sentAt } from "./failure-queue.ts";
import { ledgerStatus } from "./ledger-status.ts";
import { LedgerTable } from "./ledger-table.ts";
import { summaryOf } from "./results.ts";
import {
  endedFile,
  runningFile,
  StateSearch,
  undispatchedIn,
  type EndedFile,
  type RunningFile,
  type StatusReport,
} from "./status-report.ts";
import { inParallel } from "./upload.ts";

/** Executions that are looked at at the same time. */
const LOOKS = 5;
const MOST_COUNTED = 1000;

const FAILURES = ["FAILED", "TIMED_OUT", "ABORTED"] as const;

/** Reads how a deployed stack is doing. Changes nothing. `limit`: so many files of each kind. */
export async function readStatus(deployment: Deployment, clients: Clients, limit: number): Promise<StatusReport> {
  const { stack, mode, outputs } = deployment;
  const executions = new Executions(clients.stepFunctions, outputs.stateMachineArn);
  const queue = new FailureQueue(clients.sqs, outputs.failureQueueUrl);
  const { ledgerTable } = outputs;
  const [running, succeeded, level, messages, ledger, ...failures] = await Promise.all([
    executions.list({ limit: MOST_COUNTED, status: "RUNNING" }),
    executions.list({ limit, status: "SUCCEEDED" }),
    queue.level(),
    queue.peek(),
    ledgerTable === undefined ? undefined : ledgerStatus(new LedgerTable(clients.dynamoDb, ledgerTable).scan(), limit),
    ...FAILURES.map((status) => executions.list({ limit, status })),
  ]);
  const failed = failures.flat().sort(lastEndedFirst).slice(0, limit);
  const ended = [...succeeded, ...failed].sort(lastEndedFirst).slice(0, limit);

  const described = new Map<string, EndedFile>();
  await inParallel([...ended, ...failed], LOOKS, async ({ executionArn = "", name = "" }) => {
    if (described.has(executionArn)) return;
    const execution = await executions.describe(executionArn);
    if (execution === undefined) return;
    const summary =
      execution.status === "SUCCEEDED" ? await summaryOf(clients.s3, outputs.outputBucket, name) : undefined;
    described.set(executionArn, endedFile(execution, summary));
  });
  const filesOf = (items: readonly ExecutionListItem[]): readonly EndedFile[] =>
    items.map(({ executionArn = "" }) => described.get(executionArn)).filter((file) => file !== undefined);

  const oldest = Math.min(...messages.map(sentAt).filter((time) => time !== undefined));
  const undispatched = undispatchedIn(
    messages.map(({ Body }) => dispatchFailureIn(Body)).filter((failure) => failure !== undefined),
  );
  return {
    stack,
    mode,
    runningCount: running.length,
    running: await runningFiles(executions, running.slice(0, limit)),
    ended: filesOf(ended),
    failed: filesOf(failed),
    ...(ledger !== undefined && { ledger }),
    failureQueue: {
      ...level,
      ...(Number.isFinite(oldest) ? { oldest: new Date(oldest).toISOString() } : {}),
      undispatched,
    },
  };
}

const lastEndedFirst = (a: ExecutionListItem, b: ExecutionListItem): number =>
  (b.stopDate?.getTime() ?? 0) - (a.stopDate?.getTime() ?? 0);

async function runningFiles(
  executions: Executions,
  items: readonly ExecutionListItem[],
): Promise<readonly RunningFile[]> {
  const files = new Map<string, RunningFile>();
  await inParallel(items, LOOKS, async ({ executionArn = "" }) => {
    const search = new StateSearch();
    const [execution] = await Promise.all([
      executions.describe(executionArn),
      executions.lastEvent(executionArn, (event) => search.take(event)),
    ]);
    if (execution !== undefined) files.set(executionArn, runningFile(execution, search.found));
  });
  return items.map(({ executionArn = "" }) => files.get(executionArn)).filter((file) => file !== undefined);
}

import type { Io } from "../../lib/command.ts";
import { count, plural } from "../../render/format.ts";
import { deployedHeadingLine } from "../../render/header.ts";
import { Screen } from "../../render/screen.ts";
import { paintFor } from "../../render/style.ts";
import { printable } from "../../render/text.ts";
import { placeOf, type Clients } from "../clients.ts";
import { isConfirmed } from "../confirm.ts";
import { refuseExpress, type Deployment } from "../deployment.ts";
import { FailureQueue } from "../failure-queue.ts";
import { HeldMessages } from "../held-messages.ts";
import { replayMessages, startsAgain } from "./messages.ts";
import type { ReplayOptions } from "./options.ts";
import { failedAt, ledgerOf, replayQueued } from "./queued.ts";
import { Tally, type Left, type Replayed } from "./tally.ts";
import { isWanted, type ReplayWork } from "./work.ts";

/** What a replay works with. */
export interface Replay extends Pick<ReplayWork, "sleep" | "isStopped"> {
  readonly options: ReplayOptions;
  readonly deployment: Deployment;
  readonly clients: Clients;
  readonly io: Io;
}

/** What `npm run replay -- --json` prints. */
export interface ReplayReport {
  readonly stack: string;
  readonly mode: string;
  readonly dryRun: boolean;
  /** Files, executions and events that were taken again, and messages that were put back for the recorder. */
  readonly replayed: number;
  /** Of those, reminders of executions whose end is not recorded, and what executions told of their end. */
  readonly reminders: number;
  readonly results: number;
  /** Of those, the ones that had been taken again before. */
  readonly already: number;
  /** Messages that were deleted from the failure queue. */
  readonly deleted: number;
  /** The first of them. */
  readonly items: readonly Replayed[];
  readonly left: readonly Left[];
  /** Whether all was looked at. */
  readonly complete: boolean;
}

const SHOWN = 20;
const SHOWN_IN_JSON = 1000;

/** Takes again what failed: the exit code. */
export async function runReplay({ options, deployment, clients, io, sleep, isStopped }: Replay): Promise<number> {
  refuseExpress(deployment);
  const isOnTerminal = io.isTerminal && !options.json;
  const screen = new Screen(options.json ? io.err : io.out, isOnTerminal);
  const paint = paintFor(isOnTerminal, io.env);
  screen.line(deployedHeadingLine({ ...deployment, place: placeOf(deployment.aws) }, paint));

  const messages = new HeldMessages(clients.sqs, deployment.outputs.failureQueueUrl);
  const tally = new Tally(options.json ? SHOWN_IN_JSON : SHOWN);
  const work = { options, deployment, clients, messages, tally, sleep, isStopped };
  const files = options.isDryRun ? 0 : await expected(work);
  if (!(await isConfirmed(io, { ...options, files, verb: "Take again" }))) {
    screen.line("Nothing was taken again.");
    return 1;
  }
  try {
    if (deployment.outputs.arrivalQueueUrl === undefined) await replayMessages(work, startsAgain(work));
    else await replayQueued(work);
  } finally {
    await messages.release();
  }

  const complete = !isStopped();
  const { replayed, reminders, results, already, deleted, left, shown: items } = tally;
  if (options.json) {
    const { stack, mode } = deployment;
    const { isDryRun: dryRun } = options;
    const counts = { replayed, reminders, results, already, deleted };
    const report: ReplayReport = { stack, mode, dryRun, ...counts, items, left, complete };
    io.out(`${JSON.stringify(report, undefined, 2)}\n`);
  }
  for (const line of linesOf(tally, { options, stack: deployment.stack, complete })) screen.line(line);
  return complete && left.length === 0 ? 0 : 1;
}

/** How many files it will be about: SQS gives approximate numbers, and a file may be told of in both places. */
async function expected(work: ReplayWork): Promise<number> {
  const { clients, deployment, options } = work;
  const { visible } = await new FailureQueue(clients.sqs, deployment.outputs.failureQueueUrl).level();
  if (deployment.outputs.arrivalQueueUrl === undefined) return visible;
  let failed = 0;
  for await (const entry of ledgerOf(work).scan(["failed"])) {
    if (isWanted(options, failedAt(entry), [entry.file.key])) failed++;
  }
  return Math.max(failed, visible);
}

function linesOf(
  { replayed, reminders, results, already, left, shown }: Tally,
  { options, stack, complete }: { readonly options: ReplayOptions; readonly stack: string; readonly complete: boolean },
): readonly string[] {
  const known = already === 0 ? "" : `, ${count(already)} of which had been before`;
  if (replayed === 0 && left.length === 0 && complete) return ["There is nothing to take again."];
  const failures = replayed - reminders - results;
  const parts = [
    ...(failures > 0 || replayed === 0 ? [plural(failures, "failure")] : []),
    ...(reminders > 0 ? [plural(reminders, "reminder")] : []),
    ...(results > 0 ? [plural(results, "result")] : []),
  ];
  const what = [parts.slice(0, -1).join(", "), parts.at(-1)].filter((part) => part !== "").join(" and ");
  const ending = options.isDryRun
    ? `${what} would be taken again. Nothing was changed.`
    : `${what} taken again${known}. How they fare: npm run status -- --stack ${stack}`;
  return [
    ...shown.map(({ kind, key, executionName }) =>
      [`  ${printable(key ?? "–")}`, executionName === undefined ? kind : `${kind} ${executionName}`].join("  "),
    ),
    ...(replayed > shown.length ? [`  … and ${count(replayed - shown.length)} more`] : []),
    ...left.map(({ what, why }) => `  ${what} stays: ${printable(why)}`),
    ending,
    ...(complete ? [] : ["Interrupted before all was looked at: the same command does the rest."]),
  ];
}

import { setTimeout as sleepFor } from "node:timers/promises";
import type { CloudEvent } from "../../local/events.ts";
import type { Io } from "../lib/command.ts";
import { deployedHeadingLine, uploadLines } from "../render/header.ts";
import { LiveView } from "../render/live-view.ts";
import { Screen } from "../render/screen.ts";
import { paintFor, type Paint } from "../render/style.ts";
import { planUploadsTo, type Landing, type PlannedUpload } from "../run/landing.ts";
import { Ledger } from "../run/ledger.ts";
import { verdictOn } from "../run/outcome.ts";
import type { FileRecord } from "../run/records.ts";
import { isEmulated, isUnreachable, placeOf, type Clients } from "./clients.ts";
import type { Deployment } from "./deployment.ts";
import { detachedReport, dropReport, followedLines, detachedLines, stoppedLine } from "./drop-report.ts";
import type { DropOptions } from "./drop-options.ts";
import { Executions, type UploadedObject } from "./executions.ts";
import { FailureQueue } from "./failure-queue.ts";
import { awsPace, emulatorPace, Follower } from "./follow.ts";
import { QueuedFollower } from "./follow-queued.ts";
import { onInterrupt, type Interruption } from "./interruption.ts";
import { ignoredBecause, readLandings } from "./landings.ts";
import { LedgerTable } from "./ledger-table.ts";
import { objectsOf, objectsUnder, summaryOf } from "./results.ts";
import { JointWork } from "./joint-work.ts";
import { inParallel, uploadFile } from "./upload.ts";
import { UploadBar } from "./upload-bar.ts";

/** Files that are uploaded at the same time. */
const UPLOADS = 4;

/** What a drop works with. */
interface Drop {
  readonly options: DropOptions;
  readonly deployment: Deployment;
  readonly clients: Clients;
  readonly io: Io;
  readonly screen: Screen;
  readonly paint: Paint;
  readonly landings: readonly Landing[];
  readonly uploads: readonly PlannedUpload[];
  readonly ledger: Ledger;
  readonly interruption: Interruption;
}

/** Uploads files to a deployed stack, follows them unless told otherwise, and says what came of them: the exit code. */
export async function dropFiles(
  options: DropOptions,
  deployment: Deployment,
  clients: Clients,
  io: Io,
): Promise<number> {
  const began = io.now();
  const isOnTerminal = io.isTerminal && !options.json;
  const screen = new Screen(options.json ? io.err : io.out, isOnTerminal);
  const paint = paintFor(isOnTerminal, io.env);
  screen.line(deployedHeadingLine({ ...deployment, place: placeOf(deployment.aws) }, paint));
  if (deployment.aws.assumedRole !== undefined) screen.line(paint("warning", roleNote(deployment.aws.assumedRole)));

  const landings = await readLandings(clients.s3, deployment.outputs.landingBucket);
  const anywhere = { bucket: deployment.outputs.landingBucket, prefix: "", suffix: "" };
  const [first = anywhere, ...others] = landings;
  const uploads = planUploadsTo([first, ...others], options.files, options.key);
  const ledger = new Ledger(uploads);
  screen.line();
  for (const line of uploadLines(uploads, Math.min(io.columns, 160), paint)) screen.line(line);

  const interruption = onInterrupt();
  const drop = { options, deployment, clients, io, screen, paint, landings, uploads, ledger, interruption };
  try {
    return options.isFollowed ? await followed(drop, began) : await detached(drop, began);
  } finally {
    interruption.release();
  }
}

const roleNote = (role: string): string =>
  `The stack's provider assumes ${role}; this command does not, and speaks with the credentials that it is given.`;

async function followed(drop: Drop, began: number): Promise<number> {
  const { options, deployment, clients, io, screen, paint, ledger, interruption } = drop;
  const { signal } = interruption;
  const view = new LiveView({ ledger, screen, columns: io.columns, paint, now: io.now, silence: "nothing new" });
  const observe = (event: CloudEvent, at: number): void => {
    view.show(event, at, ledger.observe(event, at));
  };
  const { outputs, aws } = deployment;
  const until = options.timeout === undefined ? undefined : began + options.timeout;
  const follower = new Follower({
    executions: new Executions(clients.stepFunctions, outputs.stateMachineArn),
    queue: new FailureQueue(clients.sqs, outputs.failureQueueUrl),
    pace: isEmulated(aws) ? emulatorPace : awsPace,
    names: { queue: outputs.failureQueueUrl, topic: outputs.resultsTopicArn ?? "results" },
    objectsOf: (executionName) => objectsOf(clients.s3, outputs.outputBucket, executionName),
    observe,
    onLook: () => {
      view.tick();
    },
    now: io.now,
    sleep: (ms) => sleepFor(ms, undefined, { signal }),
    until,
  });

  const followed = queuedFollower(drop, follower, observe) ?? follower;
  const work = new JointWork(interruption);
  await work.add(
    uploadAll(drop, observe, (file, object) => {
      void work.add(followed.follow(file, object));
    }),
  );
  await work.done();

  const summaries = await summaryTexts(drop);
  const objects = follower.objects;
  if (options.json) {
    const wallSeconds = (io.now() - began) / 1000;
    io.out(`${JSON.stringify(dropReport(ledger, deployment, objects, wallSeconds), undefined, 2)}\n`);
  } else {
    screen.line();
    for (const line of followedLines(ledger, objects, summaries, io.columns, paint)) screen.line(line);
  }
  const stopped = stoppedLine(ledger, deployment.stack, signal.aborted);
  if (stopped !== undefined) {
    screen.line();
    screen.line(stopped);
  }
  return ledger.files.every((file) => verdictOn(file).outcome === "succeeded") ? 0 : 1;
}

/** Where files wait in a queue, an execution need not be one file's: the ledger tells of each. */
function queuedFollower(
  { deployment: { outputs }, clients, io, interruption: { signal } }: Drop,
  follower: Follower,
  observe: (event: CloudEvent, at: number) => void,
): QueuedFollower | undefined {
  const { ledgerTable, arrivalQueueUrl } = outputs;
  if (ledgerTable === undefined || arrivalQueueUrl === undefined) return undefined;
  return new QueuedFollower({
    follower,
    table: new LedgerTable(clients.dynamoDb, ledgerTable),
    arrivalQueueUrl,
    objectsIn: (place) => objectsUnder(clients.s3, place),
    observe,
    now: io.now,
    sleep: (ms) => sleepFor(ms, undefined, { signal }),
  });
}

async function detached(drop: Drop, began: number): Promise<number> {
  const { options, deployment, io, screen, ledger, interruption } = drop;
  const uploaded = new Map<FileRecord, UploadedObject>();
  const observe = (event: CloudEvent, at: number): void => void ledger.observe(event, at);
  const work = new JointWork(interruption);
  void work.add(uploadAll(drop, observe, (file, object) => uploaded.set(file, object)));
  await work.done();
  const lines = detachedLines(ledger, uploaded, deployment.stack);
  if (options.json) {
    const wallSeconds = (io.now() - began) / 1000;
    io.out(`${JSON.stringify(detachedReport(ledger, uploaded, deployment, wallSeconds), undefined, 2)}\n`);
  } else {
    screen.line();
    for (const line of lines) screen.line(line);
  }
  return !interruption.signal.aborted && ledger.files.every((file) => uploaded.has(file) && file.ignored === undefined)
    ? 0
    : 1;
}

/** Uploads all files, and hands on those that the pipeline sees as they arrive. */
async function uploadAll(
  drop: Drop,
  observe: (event: CloudEvent, at: number) => void,
  onUploaded: (file: FileRecord, object: UploadedObject) => void,
): Promise<void> {
  const { clients, io, screen, paint, landings, uploads, ledger } = drop;
  const { signal } = drop.interruption;
  const bar = new UploadBar({
    sizes: uploads.map(({ size }) => size),
    screen,
    columns: io.columns,
    paint,
    now: io.now,
  });
  const jobs = uploads.map((upload, index) => ({ upload, index, file: ledger.files[index] }));
  await inParallel(jobs, UPLOADS, async ({ upload, index, file }) => {
    if (file === undefined) return;
    try {
      const object = await uploadFile(clients.s3, upload, {
        signal,
        onProgress: (loaded) => {
          bar.show(index, loaded);
        },
      });
      const { bucket, key, size } = upload;
      observe({ kind: "object-created", bucket, key, size, versionId: object.versionId ?? "" }, io.now());
      screen.live("");
      const reason = ignoredBecause(landings, key);
      if (reason === undefined) onUploaded(file, object);
      else observe({ kind: "object-ignored", bucket, key, reason }, io.now());
    } catch (error) {
      if (isUnreachable(error) || !(error instanceof Error)) throw error;
      const said = signal.aborted ? { name: "Interrupted", message: "not all of it had arrived" } : error;
      file.functionFailures.push({ functionName: "the upload", error: said.name, message: said.message });
    }
  });
}

/** What the jobs say of their rows, by execution. */
async function summaryTexts({ clients, deployment, ledger }: Drop): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  await inParallel(ledger.executions, UPLOADS, async ({ name, status }) => {
    if (status !== "SUCCEEDED") return;
    const text = await summaryOf(clients.s3, deployment.outputs.outputBucket, name);
    if (text !== undefined) texts.set(name, text);
  });
  return texts;
}

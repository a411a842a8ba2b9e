import { UsageError, type Io } from "../../lib/command.ts";
import { deployedHeadingLine } from "../../render/header.ts";
import { plural } from "../../render/format.ts";
import { Screen } from "../../render/screen.ts";
import { paintFor } from "../../render/style.ts";
import { placeOf, type Clients } from "../clients.ts";
import { isConfirmed } from "../confirm.ts";
import { DeploymentError, refuseExpress, type Deployment } from "../deployment.ts";
import { jobSettingsOf } from "../job-settings.ts";
import { readLandings } from "../landings.ts";
import { runLengthOf } from "../run-length.ts";
import { estimateOf } from "./estimate.ts";
import { RATES, type BackfillOptions } from "./options.ts";
import { ProgressBar } from "./progress-bar.ts";
import { endLines, planLines, reportOf, sampleLines, type Plan } from "./report.ts";
import { prefixToList, type Selection } from "./selection.ts";
import { sendFrom } from "./send.ts";
import { senderTo } from "./senders.ts";
import { stateFile, type BackfillState, type StateFile } from "./state.ts";
import { surveyOf, type Source, type Survey } from "./survey.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What a backfill works with. */
export interface Backfill {
  readonly options: BackfillOptions;
  readonly deployment: Deployment;
  readonly clients: Clients;
  readonly io: Io;
  /** Returns sooner when `isStopped`. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly isStopped: () => boolean;
}

/** Sends what is in the landing bucket to the dispatcher, or what is left of it: the exit code. */
export async function runBackfill(backfill: Backfill): Promise<number> {
  const { options, deployment, io, isStopped } = backfill;
  refuseExpress(deployment);
  const began = io.now();
  const isOnTerminal = io.isTerminal && !options.json;
  const screen = new Screen(options.json ? io.err : io.out, isOnTerminal);
  const paint = paintFor(isOnTerminal, io.env);
  screen.line(deployedHeadingLine({ ...deployment, place: placeOf(deployment.aws) }, paint));

  const file = stateFile(options.target.directory, deployment.stack, aboutOf(options, deployment));
  const before = options.startsOver || options.isDryRun ? undefined : file.load();
  const { since, until = began } = before ?? options;
  const source = await sourceOf(backfill, { since, until });
  const plan = await planOf(backfill, source, screen, before);
  const { totals } = plan;
  const finish = (state: Pick<BackfillState, "sent" | "already">, complete: boolean, code: number): number => {
    if (options.json) {
      const done = { dryRun: options.isDryRun, sent: state.sent, already: state.already, complete };
      const report = reportOf(plan, { ...done, wallSeconds: (io.now() - began) / 1000 });
      io.out(`${JSON.stringify(report, undefined, 2)}\n`);
    }
    return code;
  };
  const none = { sent: 0, already: 0 };
  // What was counted until then is no plan.
  if (isStopped()) {
    screen.line(before === undefined ? "Interrupted before all was counted: nothing was sent." : "Interrupted.");
    return finish(before ?? none, false, 1);
  }
  if (before !== undefined) screen.line(resumedLine(before));
  for (const line of planLines(plan, paint)) screen.line(line);
  if (options.isDryRun) {
    for (const line of sampleLines(plan, paint)) screen.line(line);
    return finish(none, false, 0);
  }
  if (totals.files === 0) {
    screen.line("There is nothing to send.");
    return finish(none, true, 0);
  }
  const files = totals.files - (before?.sent ?? 0);
  if (!(await isConfirmed(io, { ...options, files, verb: "Send" }))) {
    screen.line("Nothing was sent.");
    return finish(before ?? none, false, 1);
  }

  const begun = before ?? { begunAt: began, since, until, ...pick(plan), sent: 0, sentBytes: 0, already: 0 };
  const state = await sent(backfill, source, { begun, file, screen });
  screen.live("");
  // Files may have been replaced since they were counted: their new versions have notifications of their own.
  const complete = !isStopped() || state.sent >= totals.files;
  if (complete) file.remove();
  const ending = { ...state, complete, total: totals.files, ms: io.now() - began, stack: deployment.stack };
  for (const line of endLines(ending)) screen.line(line);
  return finish(state, complete, complete ? 0 : 1);
}

const resumedLine = ({ sent: files, begunAt }: BackfillState): string =>
  `Goes on behind ${plural(files, "file")} sent since ${new Date(begunAt).toISOString()}; --restart begins again`;

const pick = ({ totals, known }: Plan): Pick<BackfillState, "totals" | "known"> => ({ totals, known });

/** All that makes a difference to what is sent, as it was typed. */
const aboutOf = ({ typed }: BackfillOptions, { outputs }: Deployment): unknown => ({
  bucket: outputs.landingBucket,
  ...typed,
});

async function sourceOf(
  { options, deployment, clients, isStopped }: Backfill,
  times: Pick<Selection, "since" | "until">,
): Promise<Source> {
  const bucket = deployment.outputs.landingBucket;
  const landings = await readLandings(clients.s3, bucket);
  const prefix = prefixToList(landings, options.prefix ?? "");
  if (prefix === undefined) throw nothingLands(bucket, landings, options.prefix ?? "");
  const selection: Selection = { landings, prefix, suffix: options.suffix, ...times };
  return { clients, deployment, selection, limit: options.limit, isStopped };
}

function nothingLands(bucket: string, landings: Selection["landings"], prefix: string): Error {
  if (landings.length === 0) {
    return new DeploymentError(`bucket ${bucket} has no notification: the pipeline takes no files from it`);
  }
  const prefixes = landings.map((landing) => `"${landing.prefix}"`).join(" or ");
  return new UsageError([`--prefix must begin with ${prefixes}, where files land, got "${prefix}"`]);
}

async function planOf(
  { options, deployment, clients, sleep }: Backfill,
  source: Source,
  screen: Screen,
  before: BackfillState | undefined,
): Promise<Plan> {
  const settings = jobSettingsOf(deployment);
  const onCount = (files: number): void => {
    screen.live(`  counting  ${plural(files, "file")}`);
  };
  const counted: Survey =
    before === undefined
      ? await surveyOf(source, settings, { patience: { sleep }, onCount })
      : { totals: before.totals, known: before.known, sample: [] };
  screen.live("");
  const run = await runLengthOf(deployment, clients, settings.expectedRunSeconds);
  const isQueued = deployment.outputs.arrivalQueueUrl !== undefined;
  const { totals, known } = counted;
  const rate = rateOf(options, isQueued);
  const isSimulated = deployment.mode === "simulated";
  const estimate = estimateOf({ totals, known, settings, run, rate, isSimulated, isQueued });
  return { deployment, selection: source.selection, ...counted, estimate };
}

const rateOf = ({ rate }: BackfillOptions, isQueued: boolean): number =>
  rate ?? (isQueued ? RATES.queued : RATES.direct);

async function sent(
  { options, deployment, clients, io, sleep }: Backfill,
  source: Source,
  { begun, file, screen }: { readonly begun: BackfillState; readonly file: StateFile; readonly screen: Screen },
): Promise<BackfillState> {
  const isQueued = deployment.outputs.arrivalQueueUrl !== undefined;
  const bar = new ProgressBar({
    total: begun.totals.files,
    before: begun.sent,
    screen,
    columns: io.columns,
    paint: paintFor(screen.isTerminal, io.env),
    now: io.now,
  });
  file.save(begun);
  return sendFrom(begun, {
    source,
    sender: senderTo(deployment, clients, { sleep }),
    tokens: new TokenBucket(rateOf(options, isQueued), { now: io.now, sleep }),
    onSent: (state) => {
      file.save(state);
      bar.show(state.sent);
    },
  });
}

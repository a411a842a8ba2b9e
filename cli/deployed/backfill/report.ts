import { bytes, count, duration, plural } from "../../render/format.ts";
import type { Paint } from "../../render/style.ts";
import { printable } from "../../render/text.ts";
import type { Deployment } from "../deployment.ts";
import { estimateLines, type Estimate, type Known, type Totals } from "./estimate.ts";
import type { Selection } from "./selection.ts";
import type { LandedVersion } from "./versions.ts";

/** What `npm run backfill -- --json` prints. Times are ISO texts, sizes bytes. */
export interface BackfillReport {
  readonly stack: string;
  readonly mode: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly since?: string;
  readonly until: string;
  readonly dryRun: boolean;
  readonly totals: Totals;
  readonly known: Known;
  readonly estimate: Estimate;
  /** The first keys, before anything is sent. */
  readonly sample: readonly { readonly key: string; readonly versionId: string; readonly size: number }[];
  /** Those of an interrupted run of the same backfill included. */
  readonly sent: number;
  /** Of those sent, the ones whose execution had ended before; known where the dispatcher answers at once. */
  readonly already: number;
  /** Whether all there is has been sent. */
  readonly complete: boolean;
  readonly wallSeconds: number;
}

export interface Plan {
  readonly deployment: Deployment;
  readonly selection: Selection;
  readonly totals: Totals;
  readonly known: Known;
  readonly estimate: Estimate;
  readonly sample: readonly LandedVersion[];
}

export const reportOf = (
  { deployment, selection, totals, known, estimate, sample }: Plan,
  done: Pick<BackfillReport, "dryRun" | "sent" | "already" | "complete" | "wallSeconds">,
): BackfillReport => ({
  stack: deployment.stack,
  mode: deployment.mode,
  bucket: deployment.outputs.landingBucket,
  prefix: selection.prefix,
  suffix: selection.suffix,
  ...(selection.since !== undefined && { since: new Date(selection.since).toISOString() }),
  until: new Date(selection.until).toISOString(),
  totals,
  known,
  estimate,
  sample: sample.map(({ key, versionId, size }) => ({ key, versionId, size })),
  ...done,
});

/** What is to be sent, and what it will take. */
export function planLines({ deployment, selection, totals, known, estimate }: Plan, paint: Paint): readonly string[] {
  const place = printable(`${deployment.outputs.landingBucket}/${selection.prefix}`);
  const exactly = known.looked === totals.files;
  const share = exactly
    ? `${count(known.known)} of them known already`
    : `${count(known.known)} of ${plural(known.looked, "file")} looked up are known already`;
  return [
    `${paint("strong", plural(totals.files, "file"))} in ${place}, ${bytes(totals.bytes)}; ${share}`,
    ...(totals.unversioned === 0
      ? []
      : [
          paint(
            "warning",
            `${plural(totals.unversioned, "object")} left out that landed before the bucket kept versions: upload them again`,
          ),
        ]),
    ...(totals.files === 0 ? [] : estimateLines(estimate)),
  ];
}

/** Some of what a dry run would send. */
export const sampleLines = ({ sample, totals }: Plan, paint: Paint): readonly string[] => [
  ...sample.map(({ key, size }) => `  ${printable(key)}  ${paint("dim", bytes(size))}`),
  ...(totals.files > sample.length ? [paint("dim", `  … and ${count(totals.files - sample.length)} more`)] : []),
];

export interface Ending {
  readonly sent: number;
  readonly already: number;
  readonly total: number;
  readonly complete: boolean;
  readonly ms: number;
  readonly stack: string;
}

export function endLines({ sent, already, total, complete, ms, stack }: Ending): readonly string[] {
  const known = already === 0 ? "" : `, ${count(already)} of them known already`;
  return !complete
    ? [`Interrupted: ${count(sent)} of ${plural(total, "file")} sent. The same command goes on from there.`]
    : [`${plural(sent, "file")} sent${known} in ${duration(ms)}. How they fare: npm run status -- --stack ${stack}`];
}

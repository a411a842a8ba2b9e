import { executionName } from "../../../functions/lib/execution-name.ts";
import { Executions } from "../executions.ts";
import { LedgerTable } from "../ledger-table.ts";
import type { Clients } from "../clients.ts";
import type { Deployment } from "../deployment.ts";
import type { JobSettingsOfStack } from "../job-settings.ts";
import type { Patience } from "../retries.ts";
import { inParallel } from "../upload.ts";
import { UnitCounter, type Known, type Totals } from "./estimate.ts";
import { Sample } from "./sample.ts";
import { isSelected, type Selection } from "./selection.ts";
import { latestVersions, type LandedVersion, type ListPosition } from "./versions.ts";

/** What there is to send. */
export interface Survey {
  readonly totals: Totals;
  readonly known: Known;
  /** Some of the keys: the first ones. */
  readonly sample: readonly LandedVersion[];
}

/** Files whose state is looked up; up to so many all of them. */
const LOOKED_UP = 100;
const SHOWN = 10;

export interface Source {
  readonly clients: Clients;
  readonly deployment: Deployment;
  readonly selection: Selection;
  /** Files at the most. */
  readonly limit: number | undefined;
  readonly isStopped: () => boolean;
}

/** The files of a selection, a page at a time, up to a limit, with where to go on behind each page. */
export async function* selectedPages(
  { clients, deployment, selection, isStopped }: Source,
  limit: number,
  after?: ListPosition,
): AsyncGenerator<{
  readonly files: readonly LandedVersion[];
  readonly unversioned: number;
  readonly next?: ListPosition;
}> {
  const bucket = deployment.outputs.landingBucket;
  let left = limit;
  for await (const page of latestVersions(clients.s3, { bucket, prefix: selection.prefix, after })) {
    const files = page.versions.filter((version) => isSelected(selection, version)).slice(0, left);
    left -= files.length;
    yield { files, unversioned: page.unversioned, ...(page.next !== undefined && { next: page.next }) };
    if (left === 0 || isStopped()) return;
  }
}

/** Counts what there is to send, and looks up how much of it is known. Memory does not grow with the files. */
export async function surveyOf(
  source: Source,
  { batch }: JobSettingsOfStack,
  { patience, onCount }: { readonly patience: Patience; readonly onCount: (files: number) => void },
): Promise<Survey> {
  const units = new UnitCounter(batch);
  const lookedUp = new Sample<string>(LOOKED_UP);
  const sample: LandedVersion[] = [];
  let [files, bytes, unversioned] = [0, 0, 0];
  for await (const page of selectedPages(source, source.limit ?? Infinity)) {
    for (const file of page.files) {
      files++;
      bytes += file.size;
      units.add(file.size);
      if (sample.length < SHOWN) sample.push(file);
      const name = executionName({ ...file, sequencer: "" });
      lookedUp.add(name.slice(-64), name);
    }
    unversioned += page.unversioned;
    onCount(files);
  }
  return {
    totals: { files, bytes, units: units.units, unversioned },
    known: await knownOf(source, lookedUp.items, patience),
    sample,
  };
}

/** How many of some files have an execution, as the ledger or Step Functions knows. */
async function knownOf(
  { clients, deployment: { outputs } }: Source,
  names: readonly string[],
  patience: Patience,
): Promise<Known> {
  if (outputs.ledgerTable !== undefined) {
    const entries = await new LedgerTable(clients.dynamoDb, outputs.ledgerTable).find(names, patience);
    return { looked: names.length, known: entries.length };
  }
  const executions = new Executions(clients.stepFunctions, outputs.stateMachineArn);
  let known = 0;
  await inParallel(names, 5, async (name) => {
    if ((await executions.describe(executions.arnOf(name))) !== undefined) known++;
  });
  return { looked: names.length, known };
}

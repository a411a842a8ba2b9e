import { executionName } from "../../functions/lib/execution-name.ts";
import { at, parsed, textAt } from "../run/json.ts";
import { allVersionsOf } from "./backfill/versions.ts";
import type { Clients } from "./clients.ts";
import type { Deployment } from "./deployment.ts";
import { Executions } from "./executions.ts";
import { ledgerFile, type LedgerFile } from "./ledger-status.ts";
import { LedgerTable } from "./ledger-table.ts";
import { summaryOf } from "./results.ts";
import { endedFile } from "./status-report.ts";
import type { LandedVersion } from "./backfill/versions.ts";
import type { Patience } from "./retries.ts";

/** All that is known of the versions of one key, the newest first. */
export interface FileStatus {
  readonly bucket: string;
  readonly key: string;
  readonly versions: readonly LedgerFile[];
}

/** Versions of a key that are looked at, the newest ones. */
const MOST_VERSIONS = 100;

/** Looks a key's versions up: in the ledger where the stack has one, else by the names that their executions have. */
export async function fileStatus(
  { outputs }: Deployment,
  clients: Clients,
  key: string,
  patience: Patience,
): Promise<FileStatus> {
  const bucket = outputs.landingBucket;
  const versions = await allVersionsOf(clients.s3, bucket, key, MOST_VERSIONS);
  const named = versions.map((version) => ({ version, name: executionName({ ...version, sequencer: "" }) }));
  if (outputs.ledgerTable !== undefined) {
    const found = await new LedgerTable(clients.dynamoDb, outputs.ledgerTable).find(
      named.map(({ name }) => name),
      patience,
    );
    const entries = new Map(found.map((entry) => [entry.name, ledgerFile(entry)]));
    return { bucket, key, versions: named.map(({ version, name }) => entries.get(name) ?? unknown(version, name)) };
  }
  const executions = new Executions(clients.stepFunctions, outputs.stateMachineArn);
  const files: LedgerFile[] = [];
  for (const { version, name } of named) {
    const execution = await executions.describe(executions.arnOf(name));
    if (execution === undefined) {
      files.push(unknown(version, name));
      continue;
    }
    const isOver = execution.status !== "RUNNING";
    const output = parsed(execution.output);
    const place = at(output, "output");
    const summary =
      execution.status === "SUCCEEDED" ? await summaryOf(clients.s3, outputs.outputBucket, name) : undefined;
    const { outcome, reason, attempts, rowsWritten, rowsRejected } = endedFile(execution, summary);
    const jobRunId = textAt(output, "jobRun", "Id");
    files.push({
      ...unknown(version, name),
      state: isOver ? outcome : "started",
      executionName: name,
      ...(execution.startDate !== undefined && { started: execution.startDate.toISOString() }),
      ...(isOver && {
        ...(attempts !== undefined && { attempts }),
        ...(jobRunId !== undefined && { jobRunId }),
        ...(place !== undefined && {
          output: `s3://${textAt(place, "bucket") ?? ""}/${textAt(place, "prefix") ?? ""}`,
        }),
        ...(rowsWritten !== undefined && { rowsWritten }),
        ...(rowsRejected !== undefined && { rowsRejected }),
        ...(reason !== undefined && { reason }),
        ...(execution.stopDate !== undefined && { ended: execution.stopDate.toISOString() }),
      }),
    });
  }
  return { bucket, key, versions: files };
}

/** A version that was not taken on, or that is forgotten. */
const unknown = ({ bucket, key, versionId, size }: LandedVersion, name: string): LedgerFile => ({
  name,
  bucket,
  key,
  versionId,
  size,
  state: "unknown",
});

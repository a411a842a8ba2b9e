import { expect } from "chai";
import { readFileEntries } from "../../cli/run/file-entries.ts";
import type { FileEntry } from "../../functions/lib/queued/file-entry.ts";
import { VirtualClock } from "../../local/clock.ts";
import type { CloudEvent } from "../../local/events.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { ServiceError } from "../../local/services/service.ts";
import { interfere } from "../support/interference.ts";
import { aSimulation, start } from "../support/jobs.ts";
import { cloudOf } from "../support/pipeline.ts";
import { graphOf } from "../support/stacks.ts";

const simulation = aSimulation({ startUpSeconds: 1, durationSeconds: 30 });

/** What the recorder finds in the place of some files' summaries. */
type Summaries = Readonly<Record<string, "denied" | "absent" | { readonly text: string }>>;

type Files = readonly (readonly [name: string, body: string])[];

interface Ledger {
  /** In the order in which the files landed. */
  readonly entries: readonly FileEntry[];
  /** What functions have logged as a warning. */
  readonly warnings: readonly unknown[];
}

/**
 * Lets files land at the same time. An execution of a key that says so is stopped two seconds after its start, and the
 * older version of a key that says so comes late.
 */
const ledgerAfter = async (graph: ResourceGraph, files: Files, summaries: Summaries = {}): Promise<Ledger> => {
  const clock = new VirtualClock(start);
  const warnings: unknown[] = [];
  const later: Promise<unknown>[] = [];
  const observer = (event: CloudEvent): void => {
    if (event.kind === "function-log" && event.entry.level === "WARN") warnings.push(event.entry.message);
    if (event.kind !== "execution-started" || !event.name.startsWith("stopped")) return;
    const { executionArn } = event;
    clock.schedule(2000, () => {
      later.push(cloud.asUser.call("states", "stopExecution", { executionArn }));
      return Promise.resolve();
    });
  };
  const { cloud } = await cloudOf(graph, {
    clock,
    simulation,
    observer,
    deliveries: ({ s3: { object } }) => [object.key.endsWith("late.csv") && object.size === 4 ? 5000 : 0],
  });
  interfere(cloud, async ({ operation, input, proceed }) => {
    const place = operation === "getObject" ? JSON.stringify(input) : "";
    const [, found] = Object.entries(summaries).find(([file]) => place.includes(`summary/execution=${file}`)) ?? [];
    if (found === "absent") throw new ServiceError("NoSuchKey", "The specified key does not exist.");
    if (found === "denied") throw new ServiceError("AccessDenied", "Access Denied");
    return found === undefined ? proceed() : { Body: [Buffer.from(found.text)] };
  });
  const Bucket = String(graph.outputs.landingBucket);
  const versions: unknown[] = [];
  for (const [name, body] of files) {
    const put = { Bucket, Key: `incoming/${name}`, Body: Buffer.from(body) };
    versions.push((await cloud.asUser.putObject(put)).VersionId);
  }
  await cloud.settle();
  await Promise.all(later);
  await cloud.settle();
  const entries = await readFileEntries(cloud, graph);
  return {
    entries: [...entries].sort((a, b) => versions.indexOf(a.file.versionId) - versions.indexOf(b.file.versionId)),
    warnings,
  };
};

const config = { simulatedFailureRate: "0", observability: "false", maxAttempts: "1" };

for (const stack of ["local", "prod"]) {
  describe(`What the ledger has of files with an execution each, on the ${stack} stack`, () => {
    it("is state, execution, attempts, run, output, rows and times, however they ended", async () => {
      const graph = await graphOf(stack, { ...config, fileOrder: "per-key" });
      const { entries, warnings } = await ledgerAfter(graph, [
        ["good.csv", "a,b\n1,2\n3,4,5\n6,7\n"],
        ["poison.csv", 'a\n"1\n'],
        ["wrong.pdf", "a\n1\n"],
        ["stopped.csv", "a\n1\n"],
        ["late.csv", "a\n1\n"],
        ["late.csv", "a\n22\n"],
      ]);
      expect(warnings).to.deep.equal([]);
      const [good, poison, wrong, stopped, older, newer] = entries;
      for (const entry of [good, poison, wrong, stopped, newer]) {
        expect(entry?.executionName).to.equal(entry?.name);
        expect(entry?.startedAt).to.be.within(entry?.arrivedAt ?? Infinity, entry?.endedAt ?? 0);
      }
      for (const entry of [good, poison, stopped, newer]) {
        expect(entry?.attempts).to.equal(1);
        expect(entry?.jobRunId).to.match(/^jr_/);
      }
      const output = {
        bucket: graph.outputs.outputBucket,
        prefix: `processed/execution=${String(good?.executionName)}/`,
      };
      expect(good).to.deep.include({ state: "succeeded", output, rowsIn: 3, rowsWritten: 2, rowsRejected: 1 });
      expect(newer).to.include({ state: "succeeded", rowsIn: 1, rowsWritten: 1, rowsRejected: 0 });
      expect(poison).to.include({ state: "failed", error: "JobRun.FAILED" });
      expect(poison?.cause).to.match(/never closed/);
      expect(stopped).to.include({ state: "failed", error: "Execution.ABORTED" });
      expect(wrong).to.include({ state: "rejected" });
      expect(wrong?.reason).to.match(/\.csv/);
      for (const entry of [poison, wrong, stopped, older]) {
        expect(entry).to.not.have.any.keys("output", "rowsIn", "rowsWritten", "rowsRejected");
      }
      expect(older).to.include({ state: "superseded" }).and.to.not.have.any.keys("executionName", "startedAt");
      expect(older?.endedAt).to.be.at.least(older?.arrivedAt ?? Infinity);
    });

    it("is all but the rows where a summary is gone, cannot be read or says nothing of them", async () => {
      const graph = await graphOf(stack, { ...config, ledger: "true" });
      const names = ["gone", "denied", "broken", "silent", "odd"];
      const { entries, warnings } = await ledgerAfter(
        graph,
        names.map((name) => [`${name}.csv`, "a\n1\n"]),
        {
          gone: "absent",
          denied: "denied",
          broken: { text: '{"rowsIn"' },
          silent: { text: '"done"' },
          odd: { text: '{"rowsIn": -1, "rowsWritten": "2", "rowsRejected": 1.5}' },
        },
      );
      expect(entries.map(({ state }) => state)).to.deep.equal(names.map(() => "succeeded"));
      for (const entry of entries) {
        expect(entry).to.include.keys("output", "attempts", "endedAt");
        expect(entry).to.not.have.any.keys("rowsIn", "rowsWritten", "rowsRejected");
      }
      expect(warnings).to.deep.equal(["rows unknown", "rows unknown"], "of those that are there");
    });
  });
}

import { expect } from "chai";
import { fileStatus } from "../../../cli/deployed/file-status.ts";
import { fileLines, ledgerLines } from "../../../cli/deployed/ledger-lines.ts";
import { ledgerStatus } from "../../../cli/deployed/ledger-status.ts";
import { readStatus } from "../../../cli/deployed/read-status.ts";
import { unpainted } from "../../../cli/render/style.ts";
import type { FileEntry } from "../../../functions/lib/queued/file-entry.ts";
import { backfilled, benchOf } from "../../support/deployed/backfill.ts";
import { graphOf } from "../../support/stacks.ts";

const config = {
  ledger: "true",
  standIn: "false",
  maxConcurrentRuns: "1000",
  maxAttempts: "1",
  simulatedFailureRate: "0",
  simulatedScenarios: JSON.stringify([{ match: "*bad*", Return: { JobRunState: "FAILED" } }]),
};

describe("npm run status on a stack with a ledger", () => {
  it("counts files by state, says what waits and what failed, and all about one file", async () => {
    const bench = await benchOf(await graphOf("local", config), { config });
    try {
      const clients = bench.clients();
      const patience = { sleep: bench.sleep };
      await bench.land("incoming/bad.csv");
      await bench.land("incoming/good.csv");
      await backfilled(bench);
      await bench.cloud.settle();
      const { ledger } = await readStatus(bench.deployment, clients, 10);
      expect(ledger?.counts).to.deep.equal({ failed: 1, succeeded: 1 });
      const lines = ledgerLines(ledger ?? { counts: {}, failed: [] }, { paint: unpainted, now: bench.now() });
      expect(lines[0]).to.equal("Ledger: 1 succeeded · 1 failed");
      expect(lines[1]).to.match(/^ {2}incoming\/bad\.csv {2}.* ago {2}JobRun\.FAILED: /);

      const status = await fileStatus(bench.deployment, clients, "incoming/bad.csv", patience);
      const [version] = status.versions;
      expect(version).to.deep.include({ state: "failed", attempts: 1, generation: 0 });
      const shown = fileLines(status, { paint: unpainted, now: bench.now() });
      expect(shown[0]).to.equal(`${bench.deployment.outputs.landingBucket}/incoming/bad.csv`);
      expect(shown)
        .to.include("  state      failed")
        .and.to.include(`  execution  ${version?.executionName ?? ""}`);
      const none = await fileStatus(bench.deployment, clients, "incoming/b", patience);
      expect(fileLines(none, { paint: unpainted, now: 0 })).to.deep.equal([`There is no ${none.bucket}/incoming/b.`]);
      expect(fileLines({ ...none, key: "b" }, { paint: unpainted, now: 0 })).to.deep.equal([
        `There is no ${none.bucket}/b. A KEY is whole, as in "incoming/orders.csv".`,
      ]);
    } finally {
      bench.remove();
    }
  });

  it("looks a file up by the name of its execution where there is no ledger", async () => {
    const plain = { ...config, ledger: "false" };
    const bench = await benchOf(await graphOf("local", plain), { config: plain });
    try {
      await bench.land("incoming/good.csv");
      const look = async () =>
        (await fileStatus(bench.deployment, bench.clients(), "incoming/good.csv", { sleep: bench.sleep })).versions;
      expect((await look()).map(({ state }) => state)).to.deep.equal(["unknown"]);
      await backfilled(bench);
      await bench.cloud.settle();
      const [version] = await look();
      expect(version).to.deep.include({ state: "succeeded", attempts: 1, executionName: version?.name });
      expect(version?.output).to.match(/^s3:\/\/.*\/processed\/execution=/);
    } finally {
      bench.remove();
    }
  });
});

describe("ledgerStatus", () => {
  const entry = (index: number, state: FileEntry["state"]): FileEntry => ({
    name: `n${index}`,
    file: { bucket: "b", key: `k${index}`, versionId: "v", size: 1, sequencer: "" },
    state,
    generation: 0,
    arrivedAt: 1000 + index,
    ...(state === "failed" && { endedAt: 2000 + index, error: "E", cause: "c" }),
  });
  const entries = async function* (states: readonly FileEntry["state"][]): AsyncGenerator<FileEntry> {
    for (const [index, state] of states.entries()) yield await Promise.resolve(entry(index, state));
  };

  it("keeps the last that failed of however many, and the one that waits for the longest time", async () => {
    const states = Array.from({ length: 1000 }, (_, index) => (index % 2 === 0 ? "failed" : "waiting"));
    const status = await ledgerStatus(entries(states), 3);
    expect(status.counts).to.deep.equal({ failed: 500, waiting: 500 });
    expect(status.failed.map(({ key }) => key)).to.deep.equal(["k998", "k996", "k994"]);
    expect(ledgerLines(status, { paint: unpainted, now: 4001 })).to.deep.equal([
      "Ledger: 500 waiting · 500 failed",
      "  waits for 3.0 s: k1",
      "  k998  1.0 s ago  E: c",
      "  k996  1.0 s ago  E: c",
      "  k994  1.0 s ago  E: c",
    ]);
  });

  it("says of an empty ledger that there are no files", async () => {
    const status = await ledgerStatus(entries([]), 3);
    expect(ledgerLines(status, { paint: unpainted, now: 0 })).to.deep.equal(["Ledger: no files"]);
  });
});

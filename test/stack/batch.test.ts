import { expect } from "chai";
import { LedgerTable } from "../../cli/deployed/ledger-table.ts";
import type { FileEntry } from "../../functions/lib/queued/file-entry.ts";
import { deployed, quickRuns } from "../support/deployed/deployed.ts";
import { eventually, executionsOf, upload } from "../support/deployed/files.ts";
import { failuresIn } from "../support/deployed/queues.ts";

const CSV = "id,name\n1,Ada\n2,Grace\n";
const GOOD = 12;

describe("The local stack that takes files in batches", function () {
  this.timeout("4 minutes");
  const stack = deployed({
    config: { ...quickRuns, dispatch: "batch", batchMaxFiles: "50", batchWindowSeconds: "5" },
  });

  const ledgerOf = async (files: number): Promise<readonly FileEntry[]> => {
    const { clients, outputs } = stack();
    const table = new LedgerTable(clients.dynamodb, outputs.ledgerTable ?? "");
    return eventually(`the end of ${files} files`, 150, async () => {
      const entries: FileEntry[] = [];
      for await (const entry of table.scan()) entries.push(entry);
      const isOver = entries.length === files && entries.every(({ endedAt }) => endedAt !== undefined);
      return isOver ? entries : undefined;
    });
  };

  it("takes each file once, in few executions, and knows of each what became of it", async () => {
    const { clients, outputs } = stack();
    const bodies = [
      ...Array.from({ length: GOOD }, (_, index) => [`incoming/good ${index}.csv`, CSV]),
      ["incoming/broken.csv", 'a\n"1\n'],
      ["incoming/notes.txt", "no table"],
    ];
    for (const [key = "", body = ""] of bodies) await upload(clients, outputs, { key, body });
    const entries = await ledgerOf(bodies.length);
    const states = Object.fromEntries(entries.map(({ file, state }) => [file.key, state]));
    expect(states).to.deep.equal({
      ...Object.fromEntries(bodies.slice(0, GOOD).map(([key = ""]) => [key, "succeeded"])),
      "incoming/broken.csv": "failed",
      "incoming/notes.txt": "rejected",
    });
    const executions = await executionsOf(clients, outputs);
    expect(new Set(executions)).to.have.property("size", executions.length);
    expect(executions.length).to.be.within(1, GOOD / 2);
    for (const { state, rowsWritten, output } of entries) {
      if (state !== "succeeded") continue;
      expect(rowsWritten).to.equal(2);
      expect(output?.bucket).to.equal(outputs.outputBucket);
    }
    const failures = await failuresIn(clients, outputs);
    expect(failures.map(({ file }) => (file as { key: string }).key)).to.deep.equal(["incoming/broken.csv"]);
  });
});

import { expect } from "chai";
import { createFileLedger } from "../../../../functions/lib/queued/file-ledger.ts";
import { createKeyOrder, type KeyOrder } from "../../../../functions/lib/queued/key-order.ts";
import { createTable, type Table } from "../../../../functions/lib/queued/table.ts";
import { createClients } from "../../../../local/services/clients.ts";
import { table as declaredTable } from "../../../support/graph.ts";
import { start, testWorld } from "../../../support/world.ts";

const key = { bucket: "b", key: "k.csv" };
const request = (sequencer: string) => ({
  name: `file-${sequencer}`,
  generation: 0,
  file: { ...key, versionId: `v${sequencer}`, size: 1, sequencer },
  arrivedAt: start,
});
const supersede = (): Promise<void> => Promise.resolve();

const setUp = async () => {
  const attributes = ["Partition", "Id"].map((name) => ({ name, type: "S" }));
  const world = await testWorld([declaredTable("ledger", { hashKey: "Partition", rangeKey: "Id", attributes })]);
  const api = { call: (_: string, ...call: readonly [string, string, unknown]) => world.api.callUnchecked(...call) };
  const table = createTable(createClients(api, "nobody"), "ledger");
  const now = (): number => start;
  const files = createFileLedger(table, 1, now);
  const orderOn = (on: Table): KeyOrder => createKeyOrder(on, files, 1, now);
  return { table, files, orderOn, keys: orderOn(table) };
};

/** Something happens between the first read that is made of a table and the next. */
const interrupted = (table: Table, between: () => Promise<unknown>): Table => {
  let reads = 0;
  const reading = async <Result>(read: () => Promise<Result>): Promise<Result> => {
    reads += 1;
    if (reads === 2) await between();
    return read();
  };
  return {
    ...table,
    get: (place) => reading(() => table.get(place)),
    list: (partition, options) => reading(() => table.list(partition, options)),
  };
};

describe("The order of a key's versions", () => {
  it("shows the version that has its key to whoever looks while another gives it on", async () => {
    const { table, keys, orderOn } = await setUp();
    await keys.enter(request("1"));
    // Whoever is shown nothing lets its message go: should the other die, nobody would have the version in hand.
    const seen = await orderOn(interrupted(table, () => keys.advance(key, supersede))).advance(key, supersede);
    expect(seen?.name).to.equal("file-1");
  });

  it("passes over no older version while another takes it to its end", async () => {
    const { table, keys, files, orderOn } = await setUp();
    for (const sequencer of ["1", "2"]) await keys.enter(request(sequencer));
    const overtaken: string[] = [];
    const finishFirst = async (): Promise<void> => {
      const first = await keys.advance(key, supersede);
      await files.claim(request("1"), "e1");
      await files.finish({ name: first?.name ?? "", generation: 0 }, "e1", { state: "succeeded" });
      await keys.advance(key, supersede);
    };
    const seen = await orderOn(interrupted(table, finishFirst)).advance(key, (entry) => {
      overtaken.push(entry.name);
      return Promise.resolve();
    });
    expect(seen?.name).to.equal("file-2");
    expect(overtaken).to.deep.equal([]);
    expect((await files.get("file-1"))?.state).to.equal("succeeded");
  });
});

import { expect } from "chai";
import { createFileLedger } from "../../../../functions/lib/queued/file-ledger.ts";
import { createTable } from "../../../../functions/lib/queued/table.ts";
import { createUnits } from "../../../../functions/lib/queued/units.ts";
import { createClients } from "../../../../local/services/clients.ts";
import { table as declaredTable } from "../../../support/graph.ts";
import { start, testWorld } from "../../../support/world.ts";

const setUp = async () => {
  const attributes = ["Partition", "Id"].map((name) => ({ name, type: "S" }));
  const world = await testWorld([declaredTable("ledger", { hashKey: "Partition", rangeKey: "Id", attributes })]);
  const api = { call: (_: string, ...call: readonly [string, string, unknown]) => world.api.callUnchecked(...call) };
  const table = createTable(createClients(api, "nobody"), "ledger");
  const now = (): number => start;
  return { files: createFileLedger(table, 1, now), units: createUnits(table, 1, now) };
};

const file = { bucket: "b", key: "k.csv", versionId: "null", size: 1, sequencer: "1" };
const request = (generation: number) => ({ name: "k", generation, file, arrivedAt: start });

describe("The ledger of files", () => {
  it("lets one execution take a file, whoever comes later", async () => {
    const { files } = await setUp();
    expect(await files.claim(request(0), "e1")).to.equal("e1");
    expect(await files.claim(request(0), "e2")).to.equal("e1");
    expect((await files.get("k"))?.executionName).to.equal("e1");
  });

  it("lets a file be taken again once it has failed, and once only", async () => {
    const { files } = await setUp();
    await files.claim(request(0), "e1");
    const refused = await files.claim(request(1), "e2").catch((error: unknown) => String(error));
    expect(refused).to.equal("Error: k cannot be taken on as generation 1 yet");
    await files.finish(request(0), "e1", { state: "failed", error: "E" });
    expect(await files.claim(request(1), "e2")).to.equal("e2");
    expect(await files.claim(request(1), "e3")).to.equal("e2");
    expect(await files.claim(request(0), "e1")).to.equal(undefined, "the generation is over");
    expect(await files.get("k")).to.deep.equal({ ...request(1), state: "waiting", executionName: "e2" });
  });

  it("notes an end once, of the execution that has the file, and its start even if that is heard of later", async () => {
    const { files } = await setUp();
    await files.claim(request(0), "e1");
    expect(await files.finish(request(0), "e2", { state: "failed" })).to.equal(false);
    expect(await files.finish(request(1), "e1", { state: "failed" })).to.equal(false);
    expect(await files.finish(request(0), "e1", { state: "failed" })).to.equal(true);
    expect(await files.finish(request(0), "e1", { state: "succeeded" })).to.equal(false);
    expect(await files.markStarted(request(0), "e1", 1)).to.equal(false);
    expect(await files.get("k")).to.include({ state: "failed", startedAt: 1, endedAt: start });
    await files.markStarted(request(0), "e1", 2);
    await files.markStarted(request(0), "e2", 3);
    expect((await files.get("k"))?.startedAt).to.equal(1, "the first who has started it knows");
  });
});

describe("Units", () => {
  const unit = (name: string) => ({ name, input: "{}", since: start });

  it("have a slot each, which is free again once they have ended", async () => {
    const { units } = await setUp();
    for (const name of ["a", "b"]) expect(await units.addWaiting(unit(name))).to.equal(true);
    const [a, b] = await units.waiting(10);
    if (a === undefined || b === undefined) throw new Error("both must wait");
    expect(await units.launch(a, 0)).to.equal(true);
    expect(await units.launch(b, 0)).to.equal(false, "the slot is taken");
    expect(await units.launch(a, 1)).to.equal(false, "it does not wait any more");
    expect(await units.waiting(10)).to.deep.equal([b]);
    expect(await units.freeSlots(2)).to.deep.equal([1]);
    const launched = await units.get("a");
    expect(launched).to.include({ state: "starting", slot: 0 });
    if (launched === undefined) return;
    await units.markStarted("a");
    expect(await units.end(launched)).to.equal(false, "it has been started meanwhile");
    expect(await units.end({ ...launched, state: "started" })).to.equal(true);
    expect(await units.freeSlots(2)).to.deep.equal([0, 1]);
    expect(await units.addWaiting(unit("a"))).to.equal(false, "it has been");
  });

  it("forget no later turn for an earlier one", async () => {
    const { units } = await setUp();
    await units.addStarting(unit("a"));
    expect([await units.turnTo("a", 3), await units.turnTo("a", 2)]).to.deep.equal([true, false]);
    expect((await units.get("a"))?.turn).to.equal(3);
  });
});

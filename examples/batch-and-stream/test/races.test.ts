import { expect } from "chai";
import fc from "fast-check";
import { createHandler as createCleaner } from "../functions/clean-up.ts";
import { createHandler as createLoadDay } from "../stand-ins/load-day.ts";
import { createHandler as createLoadLive } from "../stand-ins/load-live.ts";
import { countedIn, Storage, streamedIn, streamOf, type Turn } from "./memory.ts";

const log = (): void => undefined;
const days = ["2026-01-05", "2026-01-06", "2026-01-07"];
const [loadedDay = ""] = days;

/** A payment's day follows from its id. */
const dayOf = (id: number): string => days[id % days.length] ?? "";
const textOf = (id: number): string =>
  JSON.stringify({ payment_id: `p${id}`, paid_at: `${dayOf(id)}T10:00:00Z`, shop: "lyon", amount_cents: id });
const csvOf = (ids: readonly number[]): string =>
  ["payment_id,paid_at,shop,amount_cents", ...ids.map((id) => `p${id},${dayOf(id)}T10:00:00Z,lyon,${id}`)].join("\n");

/** Handlers over one storage, in which each call waits for its turn. */
const world = (turn: Turn, told: readonly number[], rememberedDays = 2) => {
  const s3 = new Storage(turn);
  const texts = told.map(textOf);
  const kinesis = streamOf(texts);
  const live = createLoadLive({ s3, kinesis, log });
  const load = createLoadDay({ s3, log });
  const clean = createCleaner({ s3, log });
  return {
    s3,
    tell: (id: number) => texts.push(textOf(id)),
    stream: () =>
      live({
        JobName: "live",
        JobRunId: "jr_live",
        Arguments: {
          "--stream_arn": "stream",
          "--checkpoint_location": "s3://stream/checkpoint/",
          "--live": "s3://stream/live/",
          "--late": "s3://stream/late/",
          "--rejected": "s3://stream/rejected/",
          "--remembered_days": String(rememberedDays),
          "--max_records_per_shard": "4",
        },
      }),
    /** As the pipeline does, a run that finds a file deleted under its hands is followed by another. */
    loadDay: async (execution: string, ids: readonly number[], revision: number) => {
      const key = `payments-${loadedDay}-r${revision}.csv`;
      await s3.putObject({ Bucket: "landing", Key: `${execution}/${key}`, Body: Buffer.from(csvOf(ids)) });
      for (let attempt = 1; ; attempt += 1) {
        try {
          await load({
            JobName: "load",
            JobRunId: `jr_${execution}_${attempt}`,
            Arguments: {
              "--bucket": "landing",
              "--key": `${execution}/${key}`,
              "--version_id": "null",
              "--output": "s3://table/payments/",
              "--execution_name": execution,
              "--load": execution,
              "--live": "s3://stream/live/",
              "--late": "s3://stream/late/",
            },
          });
          break;
        } catch (error) {
          if (attempt === 20 || !(error instanceof Error && error.name === "NoSuchKey")) throw error;
        }
      }
      await clean({ key, load: execution, table: "s3://table/payments/" });
    },
  };
};

const atOnce = (): Promise<void> => Promise.resolve();
const ofLoadedDay = (ids: readonly number[]): readonly number[] => [...new Set(ids)].filter((id) => id % 3 === 0);

/** What counts in the end. */
const expected = (told: readonly number[], exported: readonly number[]): readonly string[] => {
  const tellers = new Set(told);
  const loaded = ofLoadedDay([...told, ...exported]).map((id) => {
    const by = exported.includes(id) ? (tellers.has(id) ? "both" : "export") : "stream";
    return `p${id} ${by}`;
  });
  const open = [...tellers].filter((id) => id % 3 !== 0).map((id) => `p${id} stream`);
  return [...loaded, ...open].sort();
};

const counted = async (objects: ReadonlyMap<string, Uint8Array>): Promise<readonly string[]> =>
  (await countedIn(objects)).map(({ id, by }) => `${id} ${by}`).sort();

describe("Batch and stream at the same time", () => {
  it("count a batch that is written while its day is loaded with the next load, and never twice", async () => {
    // The load stands still when it has read what the stream has told.
    let goOn = (): void => undefined;
    let isStanding = (): void => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const standing = new Promise<void>((resolve) => (isStanding = resolve));
    const turn: Turn = (call) => {
      if (!call.startsWith("put table/payments/days/")) return atOnce();
      isStanding();
      return gate;
    };
    const { s3, tell, stream, loadDay } = world(turn, [0, 3, 1]);
    await stream();
    const load = loadDay("first", [3, 6], 1);
    await standing;
    tell(9);
    tell(3);
    await stream();
    expect(await counted(s3.objects)).to.deep.equal(["p0 stream", "p1 stream", "p3 stream", "p9 stream"]);
    goOn();
    await load;
    expect(await counted(s3.objects)).to.deep.equal(["p0 stream", "p1 stream", "p3 both", "p6 export"]);
    expect(await streamedIn(s3.objects)).to.include("p9");
    await loadDay("second", [3, 6], 1);
    expect(await counted(s3.objects)).to.deep.equal(["p0 stream", "p1 stream", "p3 both", "p6 export", "p9 stream"]);
    expect(await streamedIn(s3.objects)).to.deep.equal(["p1"]);
  });

  it("count each payment once at any moment, lose none, and come to the same however they take turns", async () => {
    const ids = fc.array(fc.nat(14), { maxLength: 20 });
    const exported = fc.uniqueArray(
      fc.nat(6).map((id) => id * 3),
      { maxLength: 7 },
    );
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), ids, exported, exported, async (turns, told, first, corrected) => {
        let isOver = false;
        const turn = () => (isOver ? atOnce() : turns.schedule(Promise.resolve()));
        const { s3, stream, loadDay } = world(turn, told, days.length);
        // Two of each: a run that is taken for dead may go on.
        const all = [stream(), stream(), loadDay("a", first, 1), loadDay("b", corrected, 2), loadDay("c", first, 1)];
        await turns.waitFor(Promise.all(all));

        for (const objects of s3.history) {
          const found = (await countedIn(objects)).map(({ id }) => id);
          expect(new Set(found).size, "each once").to.equal(found.length);
        }
        let seen = new Set<string>();
        for (const objects of s3.history) {
          const there = new Set([
            ...(await countedIn(objects)).filter(({ by }) => by !== "export").map(({ id }) => id),
            ...(await streamedIn(objects)),
          ]);
          expect(
            [...seen].filter((id) => !there.has(id)),
            "none lost",
          ).to.deep.equal([]);
          seen = there;
        }
        isOver = true;
        for (let round = 0; round < 10; round += 1) await stream();
        await loadDay("d", corrected, 2);
        expect(await counted(s3.objects)).to.deep.equal(expected(told, corrected));
      }),
      { numRuns: 150 },
    );
  });
});

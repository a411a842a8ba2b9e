import { expect } from "chai";
import fc from "fast-check";
import { bandMs, Bookmark, maxInBand, unreadOf, type Listed } from "../../../functions/lib/bookmark.ts";
import { Buckets } from "../stand-ins/buckets.ts";

const folder = { Bucket: "lake", Prefix: "raw/" };

/** The keys that a run finds unread, and the bookmark that it leaves, as it is stored. */
async function run(s3: Buckets, given: unknown): Promise<{ readonly keys: readonly string[]; readonly left: unknown }> {
  const bookmark = new Bookmark(given);
  const unread = await bookmark.unread(s3, folder, "raw");
  const left: unknown = JSON.parse(JSON.stringify(bookmark.answer().Bookmark ?? null));
  return { keys: unread.map(({ Key }) => Key), left };
}

async function put(s3: Buckets, at: number, ...keys: readonly string[]): Promise<void> {
  s3.now = at;
  for (const Key of keys) await s3.putObject({ Bucket: "lake", Key, Body: Buffer.from(Key) });
}

describe("Bookmark", () => {
  it("gives each object once, and one again that was written again", async () => {
    const s3 = new Buckets();
    await put(s3, 1000, "raw/b", "raw/a", "other/x");
    const first = await run(s3, {});
    expect(first.keys).to.deep.equal(["raw/a", "raw/b"]);
    expect((await run(s3, first.left)).keys).to.deep.equal([]);
    await put(s3, 2000, "raw/c", "raw/a");
    const second = await run(s3, first.left);
    expect(second.keys).to.deep.equal(["raw/a", "raw/c"]);
    expect((await run(s3, second.left)).keys).to.deep.equal([]);
  });

  it("gives all where the run has no bookmark, and leaves none", async () => {
    const s3 = new Buckets();
    await put(s3, 1000, "raw/a");
    expect(await run(s3, undefined)).to.deep.equal({ keys: ["raw/a"], left: null });
  });

  it("passes over what is hidden, at any depth", async () => {
    const s3 = new Buckets();
    await put(s3, 1000, "raw/_SUCCESS", "raw/_rejected/a.csv", "raw/day=1/.part.crc", "raw/day=1/part");
    expect((await run(s3, {})).keys).to.deep.equal(["raw/day=1/part"]);
  });

  it("keeps a source of its own for each context", async () => {
    const s3 = new Buckets();
    await put(s3, 1000, "raw/a");
    const bookmark = new Bookmark({});
    await bookmark.unread(s3, folder, "one");
    expect(await bookmark.unread(s3, folder, "two")).to.have.length(1);
  });

  it("still finds what a listing has shown late, up to a quarter of an hour", async () => {
    const s3 = new Buckets();
    await put(s3, 2 * bandMs, "raw/now");
    const { left } = await run(s3, {});
    await put(s3, bandMs + 1, "raw/late");
    await put(s3, bandMs, "raw/too-late");
    expect((await run(s3, left)).keys).to.deep.equal(["raw/late"]);
  });

  it("leaves more new objects than it can remember to the next run", () => {
    const listed = Array.from({ length: maxInBand + 5 }, (_, index) => object(index, 1000));
    const first = unreadOf(listed, undefined);
    expect(first.unread).to.have.length(maxInBand);
    expect(unreadOf(listed, first.next).unread).to.deep.equal(listed.slice(maxInBand));
  });

  it("gives each object exactly once however listings grow, while what is new is at most a band old", () => {
    const arrivals = fc.array(fc.array(fc.integer({ min: 0, max: bandMs - 1 }), { maxLength: 8 }), { maxLength: 12 });
    fc.assert(
      fc.property(arrivals, (rounds) => {
        const listed: Listed[] = [];
        const given: Listed[] = [];
        let state: Parameters<typeof unreadOf>[1];
        for (const [round, ages] of rounds.entries()) {
          const now = (round + 10) * (bandMs / 3);
          for (const age of ages) listed.push(object(listed.length, now - age));
          listed.sort((a, b) => a.lastModified - b.lastModified);
          const { unread, next } = unreadOf(listed, state);
          given.push(...unread);
          state = next;
        }
        const keys = given.map(({ Key }) => Key).sort();
        expect(keys).to.deep.equal(listed.map(({ Key }) => Key).sort());
      }),
    );
  });
});

const object = (index: number, lastModified: number): Listed => ({
  Key: `raw/${String(index).padStart(6, "0")}`,
  lastModified,
  ETag: "e",
});

import { expect } from "chai";
import fc from "fast-check";

import { utf8Text } from "../../../../functions/lib/csv/utf8-text.ts";
import { piecesOf } from "../../stand-ins/buckets.ts";
import { failureOf } from "../../stand-ins/failure.ts";

async function read(bytes: Uint8Array, pieceBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of utf8Text(piecesOf(bytes, pieceBytes))) pieces.push(piece);
  return Buffer.concat(pieces).toString("utf8");
}

describe("utf8Text", () => {
  it("passes text on, cut in any place", async () => {
    const text = fc.string({ unit: "grapheme", minLength: 1 }).map((string) => `x${string.replaceAll("\0", "")}`);
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (string, pieceBytes) => {
        expect(await read(Buffer.from(string), pieceBytes)).to.equal(string);
      }),
    );
  });

  it("removes a byte order mark from the start, and only from there", async () => {
    for (const pieceBytes of [1, 2, 3, 4, 99]) {
      expect(await read(Buffer.from("\ufeffa\ufeff"), pieceBytes)).to.equal("a\ufeff");
    }
  });

  const bad: readonly (readonly [string, string, number])[] = [
    ["a byte that starts nothing", "6162ff63", 2],
    ["a continuation without a start", "61a9", 1],
    ["a character cut short", "61e28228", 1],
    ["a character cut off by the end", "6161f09f98", 2],
    ["an overlong slash", "c0af", 0],
    ["half a surrogate pair", "61eda080", 1],
    ["a code point beyond Unicode", "61f4908080", 1],
  ];
  for (const [what, hex, offset] of bad) {
    it(`tells where there is ${what}`, async () => {
      for (const pieceBytes of [1, 2, 3, 99]) {
        const failure = await failureOf(read(Buffer.from(hex, "hex"), pieceBytes));
        expect(failure.message).to.equal(`the file is not UTF-8 text: bad byte at offset ${offset}`);
      }
    });
  }

  it("finds the first of two faults", async () => {
    const nulFirst = await failureOf(read(Buffer.from("610061ff", "hex"), 99));
    expect(nulFirst.message).to.equal("the file is not text: NUL byte at offset 1");
    const badFirst = await failureOf(read(Buffer.from("61ff6100", "hex"), 99));
    expect(badFirst.message).to.equal("the file is not UTF-8 text: bad byte at offset 1");
  });
});

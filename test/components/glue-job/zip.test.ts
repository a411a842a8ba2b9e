import { expect } from "chai";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { zip, type ZippedFile } from "../../../components/glue-job/zip.ts";

/** What an archive's local headers tell: each file's name, its content, and whether its checksum holds. */
const filesOf = (archive: Buffer): readonly (readonly [string, string, boolean])[] => {
  const found: (readonly [string, string, boolean])[] = [];
  let at = 0;
  while (archive.readUInt32LE(at) === 0x04034b50) {
    const length = archive.readUInt32LE(at + 18);
    const start = at + 30 + archive.readUInt16LE(at + 26);
    const content = archive.subarray(start, start + length);
    found.push([
      archive.toString("utf8", at + 30, start),
      content.toString("hex"),
      archive.readUInt32LE(at + 14) === crc32(content),
    ]);
    at = start + length;
  }
  return found;
};

describe("zip", () => {
  const files = [
    { name: "pkg/münze.py", content: Buffer.from("x = 'ü'\n") },
    { name: "pkg/__init__.py", content: Buffer.alloc(0) },
    { name: "a.bin", content: Buffer.from([0, 255, 80, 75, 3, 4]) },
  ];

  it("holds the files in the order of their names", () => {
    expect(filesOf(zip(files))).to.deep.equal([
      ["a.bin", "00ff504b0304", true],
      ["pkg/__init__.py", "", true],
      ["pkg/münze.py", Buffer.from("x = 'ü'\n").toString("hex"), true],
    ]);
  });

  it("writes the very bytes that Python's zipfile was seen to read", () => {
    expect(createHash("sha256").update(zip(files)).digest("hex")).to.equal(
      "2ac82d3f2d9520b30f2a7ade9885b399a3a2037a7e62f4b5a7a62f4dfd4d0119",
    );
  });

  it("gives the same bytes for the same files, in whatever order they come, and others for others", () => {
    const file = fc.record({ name: fc.stringMatching(/^[a-z]{1,8}$/), content: fc.uint8Array({ maxLength: 64 }) });
    const some = fc.uniqueArray(file, { selector: ({ name }) => name, minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(some, (given) => {
        const all: ZippedFile[] = given.map(({ name, content }) => ({ name, content: Buffer.from(content) }));
        const bytes = zip(all);
        expect(zip(all.toReversed()).equals(bytes)).to.equal(true);
        const [first, ...rest] = all;
        const longer = Buffer.concat([first?.content ?? Buffer.alloc(0), Buffer.from("!")]);
        expect(zip([{ name: first?.name ?? "", content: longer }, ...rest]).equals(bytes)).to.equal(false);
      }),
    );
  });
});

import { expect } from "chai";

import { readRecords } from "../../../../functions/lib/csv/records.ts";
import { piecesOf } from "../../stand-ins/buckets.ts";
import { failureOf } from "../../stand-ins/failure.ts";

interface Seen {
  readonly line: number;
  readonly text: string;
  /** None when text follows a closing quote. */
  readonly fields?: readonly string[];
}

async function recordsOf(text: string, pieceBytes = 3): Promise<Seen[]> {
  const seen: Seen[] = [];
  await readRecords(piecesOf(Buffer.from(text), pieceBytes), (record) => {
    const { line, fields, wellQuoted } = record;
    seen.push({ line, text: record.text(), ...(wellQuoted && { fields }) });
  });
  return seen;
}

describe("readRecords", () => {
  it("counts lines by LF, CRLF and CR, blank ones and those inside quotes too", async () => {
    expect(await recordsOf('a\r\n\r\n\n"x\r\ny\n\rz",2\rb\n')).to.deep.equal([
      { line: 1, text: "a", fields: ["a"] },
      { line: 4, text: '"x\r\ny\n\rz",2', fields: ["x\r\ny\n\rz", "2"] },
      { line: 8, text: "b", fields: ["b"] },
    ]);
  });

  it("tells an empty field in quotes from a blank line", async () => {
    expect(await recordsOf('\n""\n\n')).to.deep.equal([{ line: 2, text: '""', fields: [""] }]);
  });

  it("takes a quote inside an unquoted field as text", async () => {
    expect(await recordsOf('5" disk, "x",""""\n')).to.deep.equal([
      { line: 1, text: '5" disk, "x",""""', fields: ['5" disk', ' "x"', '"'] },
    ]);
  });

  it("ends a record with text after a closing quote where its line ends", async () => {
    expect(await recordsOf('"a"b,c\n"d"",",e\nf,"""g"""\n"h" \n')).to.deep.equal([
      { line: 1, text: '"a"b,c' },
      { line: 2, text: '"d"",",e', fields: ['d",', "e"] },
      { line: 3, text: 'f,"""g"""', fields: ["f", '"g"'] },
      { line: 4, text: '"h" ' },
    ]);
  });

  it("tells on which line a record starts whose quote is never closed", async () => {
    for (const [text, line] of [
      ['a\n"b\nc\n', 2],
      ['"', 1],
      ['\n\n"x"y,"z', 3],
    ] as const) {
      expect((await failureOf(recordsOf(text))).message).to.equal(
        `a quote in the record that starts on line ${line} is never closed`,
      );
    }
  });

  it("passes on what the callback throws, once", async () => {
    let calls = 0;
    const failure = await failureOf(
      readRecords(piecesOf(Buffer.from("a\nb\nc\n"), 99), () => {
        calls++;
        throw new RangeError("enough");
      }),
    );
    expect([failure.name, failure.message, calls]).to.deep.equal(["RangeError", "enough", 1]);
  });
});

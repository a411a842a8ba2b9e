import { expect } from "chai";
import fc from "fast-check";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTrace, type Trace } from "../../../cli/simulate/options/trace.ts";

describe("readTrace", () => {
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "trace-"));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  const read = (text: string): ReturnType<typeof readTrace> => {
    const path = join(folder, "trace.csv");
    writeFileSync(path, text);
    return readTrace(path);
  };
  const trace = async (text: string): Promise<Trace> => {
    const found = await read(text);
    if ("problems" in found) throw new Error(found.problems.join("\n"));
    return found;
  };

  it("reads times from the earliest on, whatever their zone and order", async () => {
    const text =
      "\uFEFFTime,Bytes\r\n2026-01-31T12:00:10.5Z,3\r\n2026-01-31T14:00:00+02:00,1\r\n\r\n2026-01-31 12:00:02Z,2\r\n";
    expect(await trace(text)).to.deep.equal({ at: Float64Array.of(0, 2, 10.5), bytes: Float64Array.of(1, 2, 3) });
  });

  it("keeps seconds as they are, and rows of the same time in their order", async () => {
    expect(await trace("seconds,bytes\n9,1\n5,2\n5,3\n")).to.deep.equal({
      at: Float64Array.of(5, 5, 9),
      bytes: Float64Array.of(2, 3, 1),
    });
    expect(await trace("seconds\n1\n")).to.deep.equal({ at: Float64Array.of(1) });
  });

  it("numbers keys, whatever they are called", async () => {
    expect(await trace("seconds,key\n3,b.csv\n1,a.csv\n2,b.csv\n")).to.deep.equal({
      at: Float64Array.of(1, 2, 3),
      keys: Int32Array.of(1, 0, 0),
    });
    expect(await trace("seconds,bytes,key\n1,10,a\n2,20,a\n")).to.deep.equal({
      at: Float64Array.of(1, 2),
      bytes: Float64Array.of(10, 20),
      keys: Int32Array.of(0, 0),
    });
  });

  it("reads all rows of any trace, in the order of their times", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(1000), fc.nat()), { minLength: 1, maxLength: 50 }), async (rows) => {
        const { at, bytes } = await trace(`seconds,bytes\n${rows.map((row) => row.join(",")).join("\n")}`);
        const sorted = rows.toSorted(([a], [b]) => a - b);
        expect([...at]).to.deep.equal(sorted.map(([seconds]) => seconds));
        expect([...(bytes ?? [])]).to.deep.equal(sorted.map(([, size]) => size));
      }),
      { numRuns: 50 },
    );
  });

  it("names the line of what is wrong, the first five and how many more", async () => {
    expect(
      await read(
        'time,bytes\n2026-01-31T12:00:00,1\n2026-01-31T12:00:00Z,1.5\n2026-13-01T00:00Z,1\n2026-01-31T12:00Z\n"a\nb",1\n1,1\n',
      ),
    ).to.deep.equal({
      problems: [
        'line 2: time must be a time such as 2026-01-31T12:00:00Z, got "2026-01-31T12:00:00"',
        'line 3: bytes must be a whole number from 0, got "1.5"',
        'line 4: time must be a time such as 2026-01-31T12:00:00Z, got "2026-13-01T00:00Z"',
        "line 5: 2 values are expected, got 1",
        'line 7: time must be a time such as 2026-01-31T12:00:00Z, got "a\\u{a}b"',
        "and 1 more",
      ],
    });
  });

  it("refuses what is no trace", async () => {
    const headers = '"seconds" or "time", followed by ",bytes" and ",key" where it tells them';
    expect(await read("")).to.deep.equal({ problems: [`it is empty; its first line must be ${headers}`] });
    expect(await read("seconds\n")).to.deep.equal({ problems: ["it has no rows after its header"] });
    expect(await read("0,10\n1,20\n")).to.deep.equal({
      problems: [`line 1: the header must be ${headers}, got "0,10"`],
    });
    expect(await read('seconds\n"1\n'))
      .to.have.property("problems")
      .that.has.lengthOf(1);
    expect(await read("seconds,key\n1,a\n2,\n")).to.deep.equal({ problems: ["line 3: key must not be empty"] });
    for (const wrong of ["", "1e3", "Infinity", "0x10", "-0"]) {
      expect(await read(`seconds,bytes\n${wrong},1\n`), wrong).to.have.property("problems");
    }
  });
});

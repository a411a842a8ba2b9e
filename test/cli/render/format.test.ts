import { expect } from "chai";
import { bytes, clockTime, count, duration, plural, shortId } from "../../../cli/render/format.ts";

const HEX = "0123456789abcdef".repeat(4);

describe("format", () => {
  it("shows a clock that grows with what it has to show", () => {
    expect([-5, 0, 14_040, 60_000, 3_734_999, 360_000_000].map(clockTime)).to.deep.equal([
      "00:00.0",
      "00:00.0",
      "00:14.0",
      "01:00.0",
      "1:02:14.9",
      "100:00:00.0",
    ]);
  });

  it("says durations in words", () => {
    expect([400, 14_000, 99_949, 99_950, 125_000, 3_780_000].map(duration)).to.deep.equal([
      "0.4 s",
      "14.0 s",
      "99.9 s",
      "1 min 39 s",
      "2 min 5 s",
      "1 h 3 min",
    ]);
  });

  it("gives sizes three digits at the most", () => {
    expect([0, 999, 1000, 1234, 99_950, 999_499, 999_500, 200e6, 5e15].map(bytes)).to.deep.equal([
      "0 B",
      "999 B",
      "1.0 kB",
      "1.2 kB",
      "100 kB",
      "999 kB",
      "1.0 MB",
      "200 MB",
      "5000 TB",
    ]);
  });

  it("groups thousands and knows one from many", () => {
    expect(count(10_000)).to.equal("10,000");
    expect([plural(1, "file"), plural(2, "file"), plural(0, "file")]).to.deep.equal(["1 file", "2 files", "0 files"]);
  });

  it("shortens ids and leaves other names alone", () => {
    expect(shortId(`jr_${HEX}`)).to.equal("jr_01234567…");
    expect(shortId(`jr_${HEX}_attempt_2`)).to.equal("jr_01234567…_attempt_2");
    expect(shortId(`orders-csv-${HEX}`)).to.equal("orders-csv-01234567…");
    expect(shortId("nightly-run")).to.equal("nightly-run");
  });
});

import { expect } from "chai";
import fc from "fast-check";
import { padEnd, printable, truncate, truncateMiddle, width } from "../../../cli/render/text.ts";

describe("text", () => {
  it("shows control characters instead of sending them to the terminal", () => {
    expect(printable("a\u001b[2Jb\n\u202ec")).to.equal("a\\u{1b}[2Jb\\u{a}\\u{202e}c");
  });

  it("counts columns, not characters", () => {
    expect(["abc", "é", "注文", "👩‍👩‍👧", "e\u0301"].map(width)).to.deep.equal([3, 1, 4, 2, 1]);
  });

  it("pads by columns", () => {
    expect(padEnd("注", 4)).to.equal("注  ");
  });

  it("cuts with an ellipsis only where it must", () => {
    expect([truncate("orders.csv", 10), truncate("orders.csv", 6)]).to.deep.equal(["orders.csv", "order…"]);
    expect(truncateMiddle("out/landing/orders.csv", 11)).to.equal("out/l…s.csv");
  });

  it("never gets wider than it was told", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, columns) => {
        expect(width(truncate(text, columns))).to.be.at.most(columns);
        expect(width(truncateMiddle(text, columns))).to.be.at.most(columns);
      }),
    );
  });
});

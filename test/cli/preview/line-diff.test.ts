import { expect } from "chai";
import fc from "fast-check";
import { lineDiff } from "../../../cli/preview/line-diff.ts";

describe("lineDiff", () => {
  it("is empty where nothing differs", () => {
    expect(lineDiff(["a", "b"], ["a", "b"])).to.deep.equal([]);
    expect(lineDiff([], [])).to.deep.equal([]);
  });

  it("shows what was changed, with three lines around it", () => {
    const before = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
    const after = before.map((line) => (line === "5" ? "five" : line));
    expect(lineDiff(before, after)).to.deep.equal(["@@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8"]);
  });

  it("leaves out what lies between two changes that are far apart", () => {
    const before = Array.from({ length: 20 }, (_, index) => String(index));
    const after = ["start", ...before, "end"];
    expect(lineDiff(before, after)).to.deep.equal(["+start", " 0", " 1", " 2", "@@", " 17", " 18", " 19", "+end"]);
  });

  it("takes all for changed where there are too many lines to compare", () => {
    const many = (text: string) => Array.from({ length: 6000 }, (_, index) => `${text}${index}`);
    expect(lineDiff(many("a"), many("b"))).to.deep.equal([
      ...many("a").map((line) => `-${line}`),
      ...many("b").map((line) => `+${line}`),
    ]);
  });

  it("makes the one list the other", () => {
    const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = lineDiff(before, after);
        const texts = (signs: string) =>
          diff.filter((line) => signs.includes(line.charAt(0))).map((line) => line.slice(1));
        const within = (part: readonly string[], whole: readonly string[]) => whole.join("").includes(part.join(""));
        expect(diff.length === 0).to.equal(before.join() === after.join());
        // Without gaps, what is shown is all there is around the changes.
        if (!diff.includes("@@")) expect(within(texts(" -"), before) && within(texts(" +"), after)).to.equal(true);
        const count = (sign: string) => diff.filter((line) => line.startsWith(sign)).length;
        expect(count("+") - count("-")).to.equal(after.length - before.length);
      }),
    );
  });
});

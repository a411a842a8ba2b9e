import { expect } from "chai";
import { painted, paintFor, unpainted } from "../../../cli/render/style.ts";

describe("paintFor", () => {
  it("paints on a terminal only", () => {
    expect(paintFor(true, {})).to.equal(painted);
    expect(paintFor(false, {})).to.equal(unpainted);
    expect(paintFor(true, { TERM: "dumb" })).to.equal(unpainted);
  });

  it("heeds NO_COLOR before FORCE_COLOR", () => {
    expect(paintFor(true, { NO_COLOR: "1", FORCE_COLOR: "1" })).to.equal(unpainted);
    expect(paintFor(false, { FORCE_COLOR: "1" })).to.equal(painted);
    expect(paintFor(false, { FORCE_COLOR: "0" })).to.equal(unpainted);
    expect(paintFor(true, { NO_COLOR: "" })).to.equal(painted);
  });

  it("adds nothing to plain or empty text", () => {
    expect([painted("plain", "a"), painted("bad", ""), unpainted("bad", "a")]).to.deep.equal(["a", "", "a"]);
    expect(painted("bad", "a")).to.equal("\u001b[31ma\u001b[39m");
  });
});

import { expect } from "chai";
import fc from "fast-check";
import { awsPace, emulatorPace, pollDelay } from "../../../cli/deployed/follow.ts";

describe("pollDelay", () => {
  it("looks more seldom the longer nothing happens, up to a limit", () => {
    expect([0, 20_000, 40_000, 100_000, 3_600_000].map((quiet) => pollDelay(awsPace, quiet, 1))).to.deep.equal([
      1_000, 1_000, 2_000, 5_000, 5_000,
    ]);
    expect(pollDelay(emulatorPace, 0, 1)).to.equal(300);
  });

  it("stays below the calls per second that AWS allows, however many files are followed", () => {
    fc.assert(
      fc.property(fc.nat(3_600_000), fc.integer({ min: 1, max: 10_000 }), (quiet, followed) => {
        const looksPerSecond = (followed * 1_000) / pollDelay(awsPace, quiet, followed);
        expect(looksPerSecond).to.be.at.most(10);
      }),
    );
  });
});

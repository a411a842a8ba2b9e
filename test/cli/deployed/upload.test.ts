import { expect } from "chai";
import fc from "fast-check";
import { UploadBar } from "../../../cli/deployed/upload-bar.ts";
import { inParallel, partSize } from "../../../cli/deployed/upload.ts";
import { Screen } from "../../../cli/render/screen.ts";
import { unpainted } from "../../../cli/render/style.ts";

const MIB = 1024 ** 2;
/** The largest object that S3 takes. */
const LARGEST = 5 * 1024 ** 4;

describe("partSize", () => {
  it("makes parts that S3 takes, and no more of them than it takes", () => {
    fc.assert(
      fc.property(fc.nat(LARGEST), (size) => {
        const part = partSize(size);
        expect(part).to.be.within(5 * MIB, 5 * 1024 * MIB);
        expect(Math.ceil(size / part)).to.be.at.most(10_000);
      }),
    );
    expect(partSize(0)).to.equal(8 * MIB);
    expect(partSize(LARGEST)).to.equal(525 * MIB);
  });
});

describe("inParallel", () => {
  it("does each piece of work once, never more at a time than allowed", async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      done.push(item);
    });
    expect(done.sort()).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
    expect(most).to.equal(3);
  });

  it("takes no work to be none, and fails with what fails", async () => {
    await inParallel([], 3, () => Promise.reject(new Error("never")));
    const failed = await inParallel([1, 2], 1, (item) => Promise.reject(new Error(`no ${item}`))).catch(String);
    expect(failed).to.equal("Error: no 1");
  });
});

describe("UploadBar", () => {
  const barOf = (sizes: readonly number[], columns = 80) => {
    let text = "";
    let now = 0;
    const screen = new Screen((more) => (text += more), true);
    const bar = new UploadBar({ sizes, screen, columns, paint: unpainted, now: () => now });
    return {
      show: (at: number, index: number, loaded: number): string => {
        now = at;
        bar.show(index, loaded);
        return text.split("\r\u001b[K").at(-1) ?? "";
      },
    };
  };

  it("adds up what has arrived of all files", () => {
    const bar = barOf([150_000_000, 50_000_000]);
    expect(bar.show(0, 0, 20_000_000)).to.equal("  uploading  █░░░░░░░░░  10 %  20.0 MB of 200 MB, 2 files");
    expect(bar.show(2000, 1, 50_000_000)).to.equal(
      "  uploading  ███░░░░░░░  35 %  70.0 MB of 200 MB, 2 files, 35.0 MB/s",
    );
  });

  it("is not redrawn more often than it can be seen, nor once all is there", () => {
    const bar = barOf([100]);
    const first = bar.show(0, 0, 10);
    expect(bar.show(50, 0, 20)).to.equal(first);
    expect(bar.show(200, 0, 100)).to.equal(first);
    expect(barOf([0]).show(0, 0, 0)).to.equal("");
  });

  it("leaves out the amounts where there is no room for them", () => {
    expect(barOf([100_000_000], 40).show(0, 0, 50_000_000)).to.equal("  uploading  █████░░░░░  50 %");
  });
});

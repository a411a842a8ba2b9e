import { expect } from "chai";
import fc from "fast-check";
import { executionName } from "../../../functions/lib/execution-name.ts";

const identity = { bucket: "landing", key: "incoming/Orders 2026.csv", versionId: "v1", sequencer: "0A" };

describe("executionName", () => {
  it("reads like the file and ends in the hash of its version", () => {
    expect(executionName(identity)).to.match(/^orders-2026-csv-[0-9a-f]{64}$/);
  });

  for (const [key, slug] of [
    ["a.csv", "a-csv"],
    ["incoming/", "incoming"],
    ["ключ", "file"],
    ["--.--", "file"],
    ["folder/twelve chars.and.more", "twelve-chars-an"],
    ["fourteen-chars.csv", "fourteen-chars"],
  ] as const) {
    it(`shortens ${key} to ${slug}`, () => {
      expect(executionName({ ...identity, key }).slice(0, -65)).to.equal(slug);
    });
  }

  it("is a valid name for any key, and the same whatever the sequencer of a version", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (key, sequencer) => {
        const name = executionName({ ...identity, key });
        expect(name).to.match(/^[0-9a-z-]{66,80}$/);
        expect(executionName({ ...identity, key, sequencer })).to.equal(name);
      }),
    );
  });

  it("differs for different versions, keys and buckets", () => {
    const part = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(
        fc.record({ bucket: part, key: part, versionId: part }),
        fc.record({ bucket: part, key: part, versionId: part }),
        (a, b) => {
          fc.pre(JSON.stringify(a) !== JSON.stringify(b) && !JSON.stringify([a, b]).includes("\\u0000"));
          expect(executionName({ ...a, sequencer: "" })).not.to.equal(executionName({ ...b, sequencer: "" }));
        },
      ),
    );
  });

  it("goes by the sequencer where there is no version", () => {
    const unversioned = { bucket: identity.bucket, key: identity.key, sequencer: identity.sequencer };
    expect(executionName(unversioned)).to.equal(executionName({ ...unversioned }));
    expect(executionName(unversioned)).not.to.equal(executionName({ ...unversioned, sequencer: "0B" }));
  });
});

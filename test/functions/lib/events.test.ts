import { expect } from "chai";
import fc from "fast-check";
import { readNotification } from "../../../functions/lib/events.ts";
import { s3Record } from "../../support/s3-events.ts";

function read(given: Parameters<typeof s3Record>[0]): unknown {
  return readNotification({ Records: [s3Record(given)] })[0];
}

function problemOf(event: unknown): string {
  const [record] = readNotification(event);
  return record?.kind === "malformed" ? record.problem : "";
}

describe("readNotification", () => {
  it("reads an upload", () => {
    expect(read({})).to.deep.equal({
      kind: "created",
      object: {
        bucket: "landing",
        key: "incoming/orders.csv",
        size: 1024,
        versionId: "v1",
        sequencer: "0055AED6DCD90281E5",
      },
    });
  });

  for (const eventName of ["Put", "Post", "Copy", "CompleteMultipartUpload"]) {
    it(`takes ObjectCreated:${eventName} for an upload`, () => {
      expect(read({ eventName: `ObjectCreated:${eventName}` })).to.have.property("kind", "created");
      expect(read({ eventName: `s3:ObjectCreated:${eventName}` })).to.have.property("kind", "created");
    });
  }

  for (const [encoded, key] of [
    ["a+b.csv", "a b.csv"],
    ["a%2Bb.csv", "a+b.csv"],
    ["100%2525.csv", "100%25.csv"],
    ["%F0%9F%90%98%22%27.csv", "🐘\"'.csv"],
    ["in/%C3%A4%2Fb", "in/ä/b"],
  ] as const) {
    it(`decodes ${encoded} once`, () => {
      expect(read({ key: encoded })).to.have.nested.property("object.key", key);
    });
  }

  it("gives any key back as it was uploaded", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (key) => {
        expect(read({ key: encodeURIComponent(key).replaceAll("%20", "+") })).to.have.nested.property(
          "object.key",
          key,
        );
      }),
    );
  });

  it("ignores S3's test event, deletions and folder markers, with the reason", () => {
    const test = { Service: "Amazon S3", Event: "s3:TestEvent", Time: "2026-01-05T09:00:00.000Z", Bucket: "landing" };
    expect(readNotification(test)).to.deep.equal([{ kind: "ignored", reason: "S3's test of the notification" }]);
    const removed = "ObjectRemoved:Delete is no upload";
    expect(read({ eventName: "ObjectRemoved:Delete" })).to.deep.equal({ kind: "ignored", reason: removed });
    const marker = "landing/incoming/ is a folder marker";
    expect(read({ key: "incoming/", size: 0 })).to.deep.equal({ kind: "ignored", reason: marker });
    expect(read({ key: "incoming/", size: 1 })).to.have.property("kind", "created");
    expect(read({ size: 0 })).to.have.property("kind", "created");
  });

  it("takes the version null for none", () => {
    expect(read({ versionId: "null" })).not.to.have.nested.property("object.versionId");
    expect(read({ versionId: undefined })).not.to.have.nested.property("object.versionId");
  });

  it("does without a sequencer where there is a version, and only there", () => {
    expect(read({ sequencer: undefined })).to.have.nested.property("object.sequencer", "");
    const problem = problemOf({ Records: [s3Record({ sequencer: undefined, versionId: undefined })] });
    expect(problem).to.equal("Records[0].s3.object.sequencer must be a text, got nothing");
  });

  for (const [event, problem] of [
    [undefined, "The event must be an object, got nothing"],
    ["text", 'The event must be an object, got "text"'],
    [{}, "Records must be a list, got nothing"],
    [{ Records: {} }, "Records must be a list, got {}"],
    [{ Records: [null] }, "Records[0] must be an object, got null"],
    [{ Records: [{}] }, "Records[0].eventName must be a text, got nothing"],
    [{ Records: [{ eventName: "ObjectCreated:Put" }] }, "Records[0].s3 must be an object, got nothing"],
    [
      { Records: [s3Record({ key: "%E0%A4%A" })] },
      'Records[0].s3.object.key must be URL-encoded UTF-8, got "%E0%A4%A"',
    ],
    [{ Records: [s3Record({ key: "" })] }, 'Records[0].s3.object.key must be a text, got ""'],
    [{ Records: [s3Record({ size: -1 })] }, "Records[0].s3.object.size must be a number of bytes, got -1"],
    [{ Records: [s3Record({ size: "9" })] }, 'Records[0].s3.object.size must be a number of bytes, got "9"'],
  ] as const) {
    it(`reports what is wrong with ${JSON.stringify({ event }).slice(0, 60)}`, () => {
      expect(problemOf(event)).to.equal(problem);
    });
  }

  it("reads the other records beside one that is malformed", () => {
    const kinds = readNotification({ Records: [s3Record({}), 1, s3Record({ key: "b" })] }).map(({ kind }) => kind);
    expect(kinds).to.deep.equal(["created", "malformed", "created"]);
  });
});

import { expect } from "chai";
import { readManifest } from "../../../../functions/lib/batch/read-manifest.ts";
import { Buckets } from "../../stand-ins/buckets.ts";
import { failureOf } from "../../stand-ins/failure.ts";

const given = (content: string): Buckets => {
  const s3 = new Buckets(7);
  s3.objects.set("out/manifests/b 1.json", Buffer.from(content));
  return s3;
};

const place = "s3://out/manifests/b 1.json";

const file = (name: string): object => ({ name, bucket: "b", key: "in/é.csv", versionId: "null", size: 7 });

describe("A manifest", () => {
  it("lists files; what else it tells of them is no matter of the job", async () => {
    const files = [{ ...file("a"), sequencer: "1", generation: 2 }, file("b")];
    expect(await readManifest(given(JSON.stringify({ files })), place)).to.deep.equal([file("a"), file("b")]);
    expect(await readManifest(given('{"files":[]}'), place)).to.deep.equal([]);
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    ["no JSON", "files", ' must be a JSON object with an array "files"'],
    ["no list", '{"files":{}}', ' must be a JSON object with an array "files"'],
    ["a file that is none", '{"files":[7]}', ': files[0].name must be 1 to 80 letters, digits, "-" and "_"'],
    [
      "a name that would leave its folder",
      JSON.stringify({ files: [file("a"), file("../x")] }),
      ': files[1].name must be 1 to 80 letters, digits, "-" and "_"',
    ],
    [
      "a file without a bucket",
      JSON.stringify({ files: [{ ...file("a"), bucket: 1 }] }),
      ": files[0].bucket must be a bucket's name",
    ],
    [
      "a file without a key",
      JSON.stringify({ files: [{ ...file("a"), key: "" }] }),
      ": files[0].key must be an object's key",
    ],
    [
      "a file without a version",
      JSON.stringify({ files: [{ ...file("a"), versionId: null }] }),
      ': files[0].versionId must be a version, or "null"',
    ],
    ...[true, -1, 1.5, "7"].map((size): [string, string, string] => [
      `a size of ${JSON.stringify(size)}`,
      JSON.stringify({ files: [{ ...file("a"), size }] }),
      ": files[0].size must be a number of bytes",
    ]),
    [
      "a name twice",
      JSON.stringify({ files: [file("a"), file("b"), file("a")] }),
      ': files[0] and files[2] have the same name: "a"',
    ],
  ];
  for (const [what, content, message] of wrong) {
    it(`is refused for ${what}`, async () => {
      const failure = await failureOf(readManifest(given(content), place));
      expect([failure.name, failure.message]).to.deep.equal(["ManifestError", `the manifest ${place}${message}`]);
    });
  }

  it("is named by an s3:// URI", async () => {
    for (const argument of ["", "manifests/x.json", "s3://out", "s3://out/", "s3:///x", "https://out/x"]) {
      expect((await failureOf(readManifest(given(""), argument))).message).to.equal(
        `argument --manifest must be s3://BUCKET/KEY, got ${JSON.stringify(argument)}`,
      );
    }
  });
});

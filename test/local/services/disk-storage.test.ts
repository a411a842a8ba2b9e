import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import fc from "fast-check";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { decodedKey, encodedPath, keyFile, readablePath } from "../../../local/services/disk-paths.ts";
import { DiskStorage } from "../../../local/services/disk-storage.ts";
import { bucket, versioned } from "../../support/graph.ts";
import { errorOf, testWorld, textOf } from "../../support/world.ts";

const awkward = [
  "..",
  ".",
  "../../etc/passwd",
  "a/../../b",
  "/absolute",
  "a//b",
  "a/",
  "/",
  "//",
  "nul\0byte",
  "line\nbreak",
  ".keys/x",
  ".versions/x",
  ".KEYS/x",
  "back\\slash",
  'quote"d',
  "what?",
  "star*",
  "C:\\x",
  "trailing.",
  "trailing ",
  `${"x".repeat(201)}/y`,
  "d/".repeat(400),
  "é".repeat(512),
  "%2e%2e",
  "=",
  "a=",
];

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const buffersHeld = (): number => {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
};

describe("DiskStorage", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "objects-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const put = async (storage: DiskStorage, key: string, content = key): Promise<string> => {
    const blob = { bucket: "box", key, versionId: "null" };
    storage.commit(await storage.stage(pieces(content)), blob);
    return storage.path(blob) ?? "";
  };
  const pieces = async function* (content: string): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(content));
  };
  const read = (storage: DiskStorage, key: string, versionId = "null"): Promise<string> =>
    textOf(storage.read({ bucket: "box", key, versionId }));

  it("keeps objects with ordinary keys at their keys", async () => {
    const storage = new DiskStorage(folder);
    for (const key of ["a.csv", "in/2026/a b+c%d.csv", "día=1/😀.csv", "it's/(1)/~x", ".hidden", "%2e%2e"]) {
      expect(await put(storage, key)).to.equal(join(folder, "box", key));
      expect(readFileSync(join(folder, "box", key), "utf8")).to.equal(key);
    }
    expect(readdirSync(folder), "nothing of the uploads stays behind").to.deep.equal(["box"]);
  });

  it("keeps objects with awkward keys inside of its folder, each on its own", async () => {
    const storage = new DiskStorage(folder);
    const paths = new Set<string>();
    for (const key of awkward) paths.add(await put(storage, key));
    expect(paths.size).to.equal(awkward.length);
    for (const path of paths) {
      expect(relative(folder, path).split(sep)).not.to.include("..");
      expect(statSync(path).isFile()).to.equal(true);
    }
    for (const key of awkward) expect(await read(storage, key)).to.equal(key);
  });

  it("keeps a key that is both a file and a folder of others", async () => {
    for (const keys of [
      ["a", "a/b", "a/b/c"],
      ["a/b/c", "a/b", "a"],
    ]) {
      const storage = new DiskStorage(join(folder, keys.join("-").replaceAll("/", "+")));
      for (const key of keys) await put(storage, key);
      for (const key of keys) expect(await read(storage, key)).to.equal(key);
    }
  });

  it("keeps keys apart that differ in letter case or in how accents are written", async () => {
    const storage = new DiskStorage(folder);
    const keys = ["Orders.csv", "orders.csv", "\u00e9.csv", "e\u0301.csv", "Dir/x", "dir"];
    const paths = [];
    for (const key of keys) paths.push((await put(storage, key)).normalize("NFC").toLowerCase());
    expect(new Set(paths).size).to.equal(keys.length);
    for (const key of keys) expect(await read(storage, key)).to.equal(key);
  });

  it("puts a key back to its readable place once that is free", async () => {
    const storage = new DiskStorage(folder);
    await put(storage, "a/b");
    expect(await put(storage, "a")).to.contain(".keys");
    storage.remove({ bucket: "box", key: "a/b", versionId: "null" });
    storage.remove({ bucket: "box", key: "a", versionId: "null" });
    expect(existsSync(join(folder, "box")), "empty folders go too").to.equal(false);
    expect(await put(storage, "a")).to.equal(join(folder, "box", "a"));
  });

  it("lives with what an earlier run left", async () => {
    mkdirSync(join(folder, "box", "file.csv"), { recursive: true });
    writeFileSync(join(folder, "box", "folder"), "old");
    const storage = new DiskStorage(folder);
    await put(storage, "file.csv");
    await put(storage, "folder/x");
    expect(await read(storage, "file.csv")).to.equal("file.csv");
    expect(await read(storage, "folder/x")).to.equal("folder/x");
    expect(readFileSync(join(folder, "box", "folder"), "utf8")).to.equal("old");
  });

  it("moves older versions aside, and back", async () => {
    const storage = new DiskStorage(folder);
    const { s3 } = await testWorld([bucket("box"), versioned("box")], { storage });
    const object = { Bucket: "box", Key: "k.csv" };
    const readable = join(folder, "box", "k.csv");
    const first = await s3.putObject({ ...object, Body: "1" });
    const second = await s3.putObject({ ...object, Body: "2" });
    expect(readFileSync(readable, "utf8")).to.equal("2");
    expect(s3.path(object)).to.equal(readable);
    expect(s3.path({ ...object, VersionId: first.VersionId ?? "" })).to.contain(".versions");
    expect(await read(storage, "k.csv", first.VersionId)).to.equal("1");
    const mark = s3.deleteObject(object);
    expect(existsSync(readable)).to.equal(false);
    s3.deleteObject({ ...object, VersionId: mark.VersionId ?? "" });
    s3.deleteObject({ ...object, VersionId: second.VersionId ?? "" });
    expect(readFileSync(readable, "utf8")).to.equal("1");
    s3.deleteObject({ ...object, VersionId: first.VersionId ?? "" });
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it("replaces the one version of a bucket without versioning", async () => {
    const { s3 } = await testWorld([bucket("box")], { storage: new DiskStorage(folder) });
    for (const Body of ["1", "2"]) await s3.putObject({ Bucket: "box", Key: "a/k", Body });
    expect(readFileSync(join(folder, "box", "a", "k"), "utf8")).to.equal("2");
  });

  it("leaves nothing of an upload that breaks off", async () => {
    const storage = new DiskStorage(folder);
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from("half"));
      throw new Error("broken off");
    };
    expect((await errorOf(() => storage.stage(broken()))).message).to.equal("broken off");
    expect(readdirSync(join(folder, ".incoming"))).to.deep.equal([]);
  });

  it("names what it does not have", async () => {
    const storage = new DiskStorage(folder);
    expect((await errorOf(() => read(storage, "ghost"))).message).to.contain('"ghost"');
    const staged = { size: 1, md5: "" };
    expect(
      (
        await errorOf(() => {
          storage.commit(staged, { bucket: "box", key: "k", versionId: "1" });
        })
      ).message,
    ).to.contain("nothing is staged");
    expect(storage.path({ bucket: "box", key: "ghost", versionId: "1" })).to.equal(undefined);
  });

  it("takes in and gives out 200 MB piece by piece", async () => {
    const storage = new DiskStorage(folder);
    const piece = Buffer.alloc(1024 * 1024, 1);
    const large = async function* (): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 200; index++) yield await Promise.resolve(piece);
    };
    const before = buffersHeld();
    const blob = { bucket: "box", key: "large", versionId: "null" };
    storage.commit(await storage.stage(large()), blob);
    let bytes = 0;
    let largest = 0;
    let held = 0;
    for await (const part of storage.read(blob)) {
      bytes += part.byteLength;
      // What garbage lies about is the collector's affair; what is still held is the storage's.
      if (bytes % (20 * 1024 * 1024) < part.byteLength) held = Math.max(held, buffersHeld() - before);
      largest = Math.max(largest, part.byteLength);
    }
    expect(bytes).to.equal(200 * 1024 * 1024);
    expect(largest).to.be.at.most(1024 * 1024);
    // Far less than the file, and with room for what a busy machine has not given back yet.
    expect(held).to.be.below(50 * 1024 * 1024);
  });

  const part = fc.oneof(
    fc.constantFrom("", ".", "..", "a", "A", "b", ".keys", ".versions", "x".repeat(250), "a.", "con", "\0", "=", "%2e"),
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  const key = fc
    .array(part, { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join("/"))
    .filter((text) => text !== "" && Buffer.byteLength(text) <= 1024);

  it("never escapes, never mixes up two keys, and gives everything back", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { minLength: 1, maxLength: 12 }), async (keys) => {
        const root = join(folder, String(run++));
        const storage = new DiskStorage(root);
        for (const one of keys) {
          const path = await put(storage, one);
          expect(relative(root, path).split(sep)).not.to.include("..");
        }
        for (const one of keys) expect(await read(storage, one)).to.equal(one);
        for (const one of keys) storage.remove({ bucket: "box", key: one, versionId: "null" });
      }),
      { numRuns: 60 },
    );
  });

  it("maps keys to paths reversibly", () => {
    fc.assert(
      fc.property(key, (one) => {
        const readable = readablePath(one);
        if (readable !== undefined) expect(readable).to.equal(one);
        const encoded = encodedPath(one);
        expect(encoded).to.match(/^[a-z0-9_%=/-]+$/);
        if (keyFile(encoded) === undefined) expect(decodedKey(encoded)).to.equal(one);
      }),
    );
  });

  it("writes down beside the file the key that a path is too short for", async () => {
    const storage = new DiskStorage(folder);
    const long = "é".repeat(512);
    const path = await put(storage, long);
    expect(readFileSync(`${path}.key`, "utf8")).to.equal(long);
  });
});

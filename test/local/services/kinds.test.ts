import { expect } from "chai";
import { createIds } from "../../../local/services/ids.ts";
import { listNotHonoured } from "../../../local/services/kinds.ts";
import { Properties } from "../../../local/services/properties.ts";
import { bucket, graphOf, role, roleArn } from "../../support/graph.ts";
import { errorOf, testWorld } from "../../support/world.ts";

describe("listNotHonoured", () => {
  const kinds = { "aws:s3/bucket:Bucket": { honoured: ["bucket"], ignored: { acl: "there is one account" } } };
  const inert = { "aws:kms/key:Key": "nothing is encrypted" };

  it("lists what the program gave that changes nothing, each with its reason", () => {
    const given = { bucket: "b", acl: "private", tags: {}, corsRules: [] };
    const graph = graphOf([
      { type: "aws:s3/bucket:Bucket", name: "b", given },
      { type: "aws:kms/key:Key", name: "k", given: { description: "x" } },
    ]);
    expect(
      listNotHonoured(graph, kinds, inert).map(({ resource, property, reason }) => [resource.name, property, reason]),
    ).to.deep.equal([
      ["b", "acl", "there is one account"],
      ["b", "tags", "tags are labels: nothing here reads them"],
      ["b", "corsRules", "the embedded cloud does not simulate what it does"],
      ["k", undefined, "nothing is encrypted"],
    ]);
  });

  it("refuses types that it does not know, all at once", () => {
    const graph = graphOf([
      bucket("b"),
      { type: "aws:ec2/vpc:Vpc", name: "v", given: {} },
      { type: "aws:ecs/task:Task", name: "t", given: {} },
    ]);
    expect(() => listNotHonoured(graph, kinds, inert)).to.throw(
      "does not know these types of resource: aws:ec2/vpc:Vpc (v), aws:ecs/task:Task (t)",
    );
  });
});

describe("Properties", () => {
  const properties = new Properties(
    { text: "a", number: 1, yes: true, list: ["x"], child: { inner: 1 }, children: [{ a: "b" }], nothing: null },
    "thing t",
  );

  it("reads each kind of property", () => {
    expect(properties.string("text")).to.equal("a");
    expect(properties.optionalNumber("number")).to.equal(1);
    expect(properties.optionalBoolean("yes")).to.equal(true);
    expect(properties.strings("list")).to.deep.equal(["x"]);
    expect(properties.child("child")?.optionalNumber("inner")).to.equal(1);
    expect(properties.children("children").map((child) => child.string("a"))).to.deep.equal(["b"]);
    expect(properties.any("number")).to.equal(1);
    expect([properties.has("nothing"), properties.has("text")]).to.deep.equal([false, true]);
  });

  it("names the property, what it holds and what it must hold", () => {
    expect(() => properties.string("nothing")).to.throw("thing t.nothing must be a text, got nothing");
    expect(() => properties.string("number")).to.throw("thing t.number must be a text, got 1");
    expect(() => properties.strings("child")).to.throw('thing t.child must be a list of texts, got {"inner":1}');
    expect(() => properties.child("child")?.string("inner")).to.throw("thing t.child.inner must be a text, got 1");
    expect(() => properties.children("children")[0]?.optionalBoolean("a")).to.throw(
      'thing t.children[0].a must be true or false, got "b"',
    );
    expect(() => properties.any("ghost")).to.throw("thing t.ghost must be given, got nothing");
  });
});

describe("createIds", () => {
  it("gives the same ids for the same seed, and others for another", () => {
    const ids = (seed: number): unknown[] => {
      const source = createIds(seed);
      return [source.random(), source.hex(40), source.uuid(), source.uuid()];
    };
    expect(ids(7)).to.deep.equal(ids(7));
    expect(ids(7)).not.to.deep.equal(ids(8));
    expect(ids(2 ** 32)).not.to.deep.equal(ids(0));
  });

  it("spreads its numbers evenly, and repeats no id", () => {
    const source = createIds(1);
    const numbers = Array.from({ length: 10_000 }, () => source.random());
    expect(numbers.reduce((sum, value) => sum + value, 0) / numbers.length).to.be.closeTo(0.5, 0.02);
    expect(new Set(Array.from({ length: 10_000 }, () => source.uuid())).size).to.equal(10_000);
  });
});

describe("ServiceApi", () => {
  it("names services and operations that are not there", async () => {
    const { api } = await testWorld(role("r", "lambda.amazonaws.com"));
    expect((await errorOf(() => api.call(roleArn("r"), "ec2", "runInstances", {}))).message).to.contain(
      'no service "ec2"; it has s3, lambda',
    );
    expect((await errorOf(() => api.call(roleArn("r"), "s3", "toString", {}))).message).to.contain(
      's3 has no operation "toString"; it has putObject',
    );
  });
});

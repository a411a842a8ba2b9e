import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../cli/lib/command.ts";
import { readInput } from "../../../cli/run/execution-input.ts";
import { samplesOf } from "../../../cli/run/samples.ts";
import { planWork, type Wanted } from "../../../cli/run/work.ts";
import type { ResourceGraph } from "../../../local/resource-graph.ts";

const ARN = "arn:aws:states:us-east-1:000000000000:stateMachine:walk";
const nothing: Wanted = { files: [], filesGiven: false, key: undefined, input: undefined };
const file = { given: "a.csv", path: "/a.csv", size: 3, name: "a.csv" };

const program = (outputs: Readonly<Record<string, unknown>>, isWatching = false): ResourceGraph => ({
  project: "walk",
  stack: "local",
  directory: "/",
  region: "us-east-1",
  accountId: "000000000000",
  outputs: { ...outputs },
  messages: [],
  resources: isWatching
    ? [
        {
          type: "aws:s3/bucketNotification:BucketNotification",
          name: "n",
          urn: "urn:n",
          id: "n",
          dependencies: [],
          properties: { bucket: "landing", lambdaFunctions: [{ filterPrefix: "in/" }] },
          given: [],
        },
      ]
    : [],
});

const problemOf = (graph: ResourceGraph, wanted: Partial<Wanted>): string => {
  try {
    planWork(graph, { ...nothing, ...wanted });
    return "";
  } catch (error) {
    return error instanceof UsageError ? error.problems.join() : String(error);
  }
};

describe("planWork", () => {
  it("uploads files where the program watches for them, even if it names a machine", () => {
    const { uploads, starts } = planWork(program({ stateMachineArn: ARN }, true), { ...nothing, files: [file] });
    expect(uploads.map(({ bucket, key }) => [bucket, key])).to.deep.equal([["landing", "in/a.csv"]]);
    expect(starts).to.deep.equal([]);
  });

  it("starts the machine that the program names where it watches for no files", () => {
    const graph = program({ stateMachineArn: ARN, startInput: { rows: 3 } });
    expect(planWork(graph, { ...nothing, files: [file] })).to.deep.equal({
      uploads: [],
      starts: [{ stateMachineArn: ARN, name: "walk-1", input: { rows: 3 } }],
    });
    expect(planWork(program({ stateMachineArn: ARN }), nothing).starts[0]?.input).to.deep.equal({});
  });

  it("gives the machine the person's input instead, whatever the program watches for", () => {
    const graph = program({ stateMachineArn: ARN, startInput: { rows: 3 } }, true);
    const { uploads, starts } = planWork(graph, { ...nothing, files: [file], input: { json: "[1]" } });
    expect(uploads).to.deep.equal([]);
    expect(starts[0]?.input).to.deep.equal([1]);
  });

  it("says what is missing", () => {
    expect(problemOf(program({}), { input: { json: "{}" } })).to.match(/output stateMachineArn.*has no such output/);
    expect(problemOf(program({ stateMachineArn: null }), {})).to.match(
      /^stack local declares no bucket notification: .*output stateMachineArn could name a machine/,
    );
    expect(problemOf(program({ stateMachineArn: ARN }), { files: [file], filesGiven: true })).to.match(
      /^stack local declares no bucket notification: .*leave out the FILEs/,
    );
    expect(problemOf(program({}, true), {})).to.match(/nothing to upload: name a FILE/);
    expect(problemOf(program({ stateMachineArn: ARN, startInput: "x" }), {})).to.match(
      /startInput must be an object, got "x"/,
    );
  });
});

describe("Inputs and samples", () => {
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "work-"));
    mkdirSync(join(folder, "samples", "inner"), { recursive: true });
    for (const name of ["b.csv", "a.json", ".hidden"]) writeFileSync(join(folder, "samples", name), '{ "x": 1 }');
    writeFileSync(join(folder, "broken.json"), "{");
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("takes JSON as it is typed, or from a file", () => {
    expect(readInput('{"a": [1, 2]}', folder)).to.deep.equal({ json: '{"a":[1,2]}' });
    expect(readInput("@samples/a.json", folder)).to.deep.equal({ json: '{"x":1}' });
  });

  it("says what is wrong with an input", () => {
    expect(readInput("{a}", folder)).to.match(/^--input must be JSON, for example .*, or @FILE, got "\{a\}": /);
    expect(readInput("@broken.json", folder)).to.match(/^--input @broken.json: the file must hold JSON: /);
    expect(readInput("@no.json", folder)).to.equal("--input @no.json: there is no such file");
    expect(readInput("@samples", folder)).to.equal("--input @samples: is a folder; name a file in it");
    expect(readInput("@", folder)).to.match(/needs the name of a file/);
  });

  it("takes all samples that are not hidden, by name", () => {
    const found = samplesOf(folder);
    expect("problems" in found ? [] : found.map(({ name, given }) => [name, given])).to.deep.equal([
      ["a.json", join("samples", "a.json")],
      ["b.csv", join("samples", "b.csv")],
    ]);
    expect(samplesOf(join(folder, "samples"))).to.deep.equal([]);
  });
});

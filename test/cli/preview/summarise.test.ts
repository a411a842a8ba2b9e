import { expect } from "chai";
import { readFileSync } from "node:fs";
import { parsePreview, UNKNOWN, type PreviewDigest, type PreviewStep } from "../../../cli/preview/digest.ts";
import { previewMarkdown } from "../../../cli/preview/markdown.ts";
import { summarise, type PreviewSummary } from "../../../cli/preview/summarise.ts";

/** What Pulumi's engine printed for the local stack on an emulator; source positions and most inputs are left out. */
const recorded = (name: string): PreviewDigest =>
  parsePreview(readFileSync(new URL(`../../golden/preview.${name}.json`, import.meta.url), "utf8"), name);

const step = (op: string, type: string, more: Partial<PreviewStep> = {}, name = "it"): PreviewStep => ({
  op,
  urn: `urn:pulumi:prod::glue-pipeline::${type}::${name}`,
  oldState: { type, custom: true },
  newState: { type, custom: true },
  ...more,
});
const table = "aws:dynamodb/table:Table";
const machine = "aws:sfn/stateMachine:StateMachine";

const changesIn = (summary: PreviewSummary): readonly string[] =>
  summary.changes.map(({ change, type, name, because }) => `${change} ${type} ${name} ${because.join()}`.trim());

describe("A preview's summary", () => {
  it("of a first update creates everything and loses nothing", () => {
    const { changes, losses, definitions, errors, warnings, costs } = summarise(recorded("create"));
    expect(new Set(changes.map(({ change }) => change))).to.deep.equal(new Set(["create"]));
    expect(changes.map(({ name, type }) => `${type} ${name}`)).to.include(`${table} csv-job`);
    expect(changes.filter(({ type }) => !type.startsWith("aws:"))).to.deep.equal([]);
    expect([losses, errors, warnings]).to.deep.equal([[], [], []]);
    expect(definitions.map(({ name, kind }) => ({ name, kind }))).to.deep.equal([{ name: "csv", kind: "unknown" }]);
    expect(costs.join()).to.match(/^job +size .*\ncsv-job +2 × G\.1X /);
  });

  it("of an update names what changes of each resource, and shows how the definition does", () => {
    const summary = summarise(recorded("update"));
    expect(changesIn(summary)).to.deep.equal([
      ...[
        "csv",
        "csv-dispatcher",
        "csv-interruptions",
        "csv-job-get",
        "csv-job-stand-in",
        "csv-job-start",
        "csv-job-stop",
      ].map((name) => `update aws:cloudwatch/logGroup:LogGroup ${name} retentionInDays`),
      ...["csv-interruptions", "csv-job-get", "csv-job-start", "csv-job-stop"].map(
        (name) => `update aws:lambda/function:Function ${name} environment.variables.JOB`,
      ),
      `update ${machine} csv definition`,
    ]);
    expect(summary.losses).to.deep.equal([]);
    const [definition] = summary.definitions;
    expect(definition?.kind).to.equal("changed");
    expect(definition?.diff.filter((line) => /^[-+]/.test(line))).to.deep.equal([
      '-  "TimeoutSeconds": 87060,',
      '+  "TimeoutSeconds": 142740,',
      '-          "Condition": "{% $jobRun.JobRunState in [\\"FAILED\\",\\"ERROR\\",\\"EXPIRED\\"] and $attempt < 3 %}",',
      '+          "Condition": "{% $jobRun.JobRunState in [\\"FAILED\\",\\"ERROR\\",\\"EXPIRED\\"] and $attempt < 5 %}",',
    ]);
  });

  it("of another mode says whose data would be gone", () => {
    const { losses } = summarise(recorded("mode"));
    expect(losses.map(({ change, what }) => `${change.change} ${change.name}: ${what}`)).to.include(
      "delete csv-job: its items",
    );
    expect(losses.filter(({ change }) => change.type.includes("s3"))).to.deep.equal([]);
  });

  it("of a program that refuses its config has all that is wrong, once", () => {
    const { errors } = summarise(recorded("wrong"));
    expect(errors).to.have.length(1);
    expect(errors[0]?.text).to.match(/^The config of stack local has 3 problems:\n {2}glue-pipeline:/);
  });

  it("takes the three steps of a replacement for one, with what makes it necessary", () => {
    const reasons = { replaceReasons: ["hashKey"], diffReasons: ["hashKey", "ttl"] };
    const steps = ["create-replacement", "replace", "delete-replaced"].map((op) => step(op, table, reasons));
    const summary = summarise({ steps });
    expect(changesIn(summary)).to.deep.equal([`replace ${table} it hashKey`]);
    expect(summary.losses).to.have.length(1);
  });

  it("leaves out what stays, what is only read, and components", () => {
    const component = { type: "glue-pipeline:index:GluePipeline", custom: false };
    const steps = [
      step("same", table),
      step("read", table, {}, "read"),
      step("refresh", table, {}, "refreshed"),
      step("delete", component.type, { oldState: component, newState: component }),
    ];
    expect(summarise({ steps }).changes).to.deep.equal([]);
  });

  it("does not cry over what is retained, and says what is protected", () => {
    const retained = step(
      "delete",
      table,
      { oldState: { type: table, custom: true, retainOnDelete: true } },
      "retained",
    );
    const safe = step("delete", table, { oldState: { type: table, custom: true, protect: true } }, "protected");
    const summary = summarise({ steps: [retained, safe] });
    expect(summary.losses.map(({ change }) => change.name)).to.deep.equal(["protected"]);
    expect(previewMarkdown(summary, "prod")).to.include("(protected: the update will be refused)");
  });

  const definition = (value: unknown) => ({ type: machine, custom: true, inputs: { definition: value } });
  const definitionIn = (before: unknown, after: unknown) =>
    summarise({ steps: [step("update", machine, { oldState: definition(before), newState: definition(after) })] })
      .definitions;

  it("knows a new definition, one that cannot be known yet, and one that only looks different", () => {
    const text = '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}';
    expect(definitionIn(undefined, text)).to.deep.equal([{ name: "it", kind: "new", states: ["A"], diff: [] }]);
    expect(definitionIn(text, UNKNOWN)).to.deep.equal([{ name: "it", kind: "unknown", states: [], diff: [] }]);
    expect(definitionIn(text, text.replace(":{", ": {"))).to.deep.equal([]);
  });

  it("passes on what the program warns of, not where plugins were found", () => {
    const summary = summarise({
      diagnostics: [
        { message: "warning: using pulumi-resource-aws from $PATH at /bin\n", severity: "warning" },
        { urn: "urn:pulumi:a::b::c::csv", message: "warning: an old version\n", severity: "warning" },
        { message: "Hello\n", severity: "info#err" },
      ],
    });
    expect(summary.warnings).to.deep.equal([{ about: "csv", text: "an old version" }]);
    expect(summary.infos).to.deep.equal([{ about: "", text: "Hello" }]);
  });
});

describe("The summary in Markdown", () => {
  it("begins with what is dangerous", () => {
    const text = previewMarkdown(summarise(recorded("mode")), "local");
    const order = [
      "## Preview of stack `local`",
      "**17 to delete, 16 to update, 55 to create**",
      "> [!CAUTION]",
      "### Resources",
      "### State machine",
      "### Cost on AWS",
    ];
    const places = order.map((part) => text.indexOf(part));
    expect(places).to.deep.equal([...places].sort((a, b) => a - b));
    expect(places).to.not.include(-1);
    expect(text).to.include("> - **delete** `csv-job` (`dynamodb.Table`), and with it its items\n");
  });

  it("has a line for all resources of a type that share a fate", () => {
    const text = previewMarkdown(summarise(recorded("create")), "local");
    expect(text).to.include("| create | `s3.Bucket` | `csv-landing`<br>`csv-output` |");
  });

  it("says when nothing would change", () => {
    expect(previewMarkdown(summarise({ steps: [step("same", table)], changeSummary: { same: 1 } }), "prod")).to.equal(
      "## Preview of stack `prod`\n\nNothing would change.\n",
    );
  });

  it("stays shorter than GitHub lets a comment be, its code blocks closed", () => {
    const long = (text: string) =>
      JSON.stringify({
        States: Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`${text}${index}`, text.repeat(9)])),
      });
    const states = {
      oldState: { type: machine, custom: true, inputs: { definition: long("before") } },
      newState: { type: machine, custom: true, inputs: { definition: long("after") } },
    };
    const text = previewMarkdown(summarise({ steps: [step("update", machine, states)] }), "prod");
    expect(text.length).to.be.lessThan(65_536);
    expect(text).to.match(/more lines\n```\n$/);
  });

  it("lets no name break out of its place", () => {
    const text = previewMarkdown(summarise({ steps: [step("create", table, {}, "a|b`c")] }), "prod");
    expect(text).to.include("| create | `dynamodb.Table` | `a\\|b'c` |");
  });
});

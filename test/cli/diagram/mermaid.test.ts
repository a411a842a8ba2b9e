import { expect } from "chai";
import { mermaidOf } from "../../../cli/diagram/mermaid.ts";
import { readReadme, withDiagram } from "../../../cli/diagram/readme.ts";
import { UsageError } from "../../../cli/lib/command.ts";
import { definitionsOf } from "../../../cli/run/machines.ts";
import { mermaidProblems } from "../../support/mermaid.ts";
import { graphOf } from "../../support/stacks.ts";

const call = (resource: string, next: string) => ({
  Type: "Task",
  Resource: `arn:aws:states:::${resource}`,
  Next: next,
  Catch: [{ ErrorEquals: ["States.ALL"], Next: "Failed" }],
});

/** The states of a job. */
const jobStates = (stage: string, next: string) => ({
  [`${stage} StartJobRun`]: call("aws-sdk:glue:startJobRun", `${stage} WaitForJobRun`),
  [`${stage} WaitForJobRun`]: { Type: "Wait", Seconds: 5, Next: `${stage} CheckJobRun` },
  [`${stage} CheckJobRun`]: {
    Type: "Choice",
    Choices: [
      { Condition: "{% $unfinished %}", Next: `${stage} WaitForJobRun` },
      { Condition: "{% $succeeded %}", Next: next },
    ],
    Default: "Failed",
  },
});

const definition = {
  StartAt: "Validate",
  States: {
    Validate: {
      Type: "Choice",
      Choices: [
        { Condition: '{% $states.input.resume.from = "Sum up" %}', Next: "Both" },
        { Condition: "{% $file.size > 10 %}", Next: "Clean StartJobRun" },
      ],
      Default: "Cool down",
    },
    "Cool down": { Type: "Wait", Seconds: 3, Next: "Clean StartJobRun" },
    ...jobStates("Clean", "Keep result"),
    "Keep result": { Type: "Pass", Next: "Both" },
    Both: {
      Type: "Parallel",
      Branches: [
        {
          StartAt: "Left StartJobRun",
          States: {
            "Left StartJobRun": { Type: "Task", Resource: "arn:aws:states:::aws-sdk:glue:startJobRun", End: true },
          },
        },
        {
          StartAt: "Each",
          States: {
            Each: {
              Type: "Map",
              MaxConcurrency: 5,
              ItemProcessor: {
                ProcessorConfig: { Mode: "DISTRIBUTED" },
                StartAt: 'Say "it"',
                States: { 'Say "it"': { ...call("sqs:sendMessage", "x"), Next: undefined, End: true } },
              },
              End: true,
            },
          },
        },
      ],
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Repair" }],
      Next: "Done",
    },
    Repair: { Type: "Task", Resource: "arn:aws:lambda:us-east-1:000000000000:function:repair", Next: "Done" },
    Done: { Type: "Succeed" },
    Failed: { Type: "Fail" },
  },
};
describe("mermaidOf", () => {
  it("draws a job as one box, branches and maps around what they do, and recoveries dashed", () => {
    const mermaid = mermaidOf({ flow: definition }, { all: false });
    expect(mermaid.split("\n")).to.deep.equal([
      "flowchart TD",
      "  s0(( ))",
      '  s1{"Validate"}',
      '  s2("Cool down")',
      '  s3[["Clean<br>Glue job"]]',
      '  subgraph s4["Both: in parallel"]',
      "    direction TB",
      '    s5[["Left<br>Glue job"]]',
      '    subgraph s6["Each: an execution for each item, 5 at once"]',
      "      direction TB",
      '      s7["Say #quot;it#quot;<br>sqs:sendMessage"]',
      "    end",
      "  end",
      '  s8["Repair<br>Lambda"]',
      '  s9(["Done"])',
      '  s1 -->|"$file.size #gt; 10"| s3',
      '  s1 -->|"otherwise"| s2',
      "  s2 --> s3",
      "  s3 --> s4",
      "  s4 --> s9",
      '  s4 -.->|"failed"| s8',
      "  s8 --> s9",
      "  s0 --> s1",
      "  classDef job stroke-width:3px",
      "  class s3,s5 job",
    ]);
    expect(mermaidProblems(mermaid)).to.deep.equal([]);
  });

  it("draws every state and every way when asked for all", () => {
    const mermaid = mermaidOf({ flow: definition }, { all: true });
    for (const name of ["Clean CheckJobRun", "Keep result", "Failed"]) expect(mermaid).to.include(`"${name}"`);
    expect(mermaid).to.include('|"$states.input.resume.from = #quot;Sum up#quot;"|');
    expect(mermaidProblems(mermaid)).to.deep.equal([]);
  });

  it("puts several machines beside each other", () => {
    const mermaid = mermaidOf({ one: definition, two: definition }, { all: false });
    expect(mermaid)
      .to.match(/subgraph \w+\["one"\]/)
      .and.to.match(/subgraph \w+\["two"\]/);
    expect(mermaidProblems(mermaid)).to.deep.equal([]);
  });

  it("draws the project's own machine in a dozen lines, the same on both stacks", async () => {
    const [local, prod] = await Promise.all(
      ["local", "prod"].map(async (stack) => mermaidOf(definitionsOf(await graphOf(stack)), { all: false })),
    );
    expect(local).to.equal(prod);
    expect(mermaidProblems(local ?? "")).to.deep.equal([]);
    expect(local).to.include('[["Glue job"]]').and.to.not.include("KeepFailure");
    expect(local?.split("\n")).to.have.lengthOf.below(20);
  });
});

describe("withDiagram", () => {
  const place = { path: "README.md", text: "# x\n\n<!-- diagram -->\nold\n<!-- /diagram -->\n\nend\n" };

  it("puts a drawing between the two lines, and leaves all else as it is", () => {
    const text = withDiagram(place, "flowchart TD");
    expect(text).to.equal("# x\n\n<!-- diagram -->\n\n```mermaid\nflowchart TD\n```\n\n<!-- /diagram -->\n\nend\n");
    expect(withDiagram({ ...place, text }, "flowchart TD")).to.equal(text);
  });

  it("says what is missing where there is no README", () => {
    expect(() => readReadme("/nowhere/README.md")).to.throw(UsageError, "there is no /nowhere/README.md");
  });
});

import { expect } from "chai";
import { type ParseOptions, parseMachine } from "../../../local/states/parse.ts";
import { DefinitionError } from "../../../local/states/problems.ts";
import type { States } from "./harness.ts";
import { machineOf } from "./harness.ts";

function problemsOf(definition: unknown, options: ParseOptions = {}): readonly string[] {
  try {
    parseMachine(definition, options);
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems;
    throw error;
  }
  return [];
}

const ofStates = (states: States): readonly string[] => problemsOf(machineOf(states));

/** The problems of a single state that ends. */
const ofState = (state: Readonly<Record<string, unknown>>): readonly string[] =>
  ofStates({ S: { End: true, ...state } });

const TASK = { Type: "Task", Resource: "arn:aws:states:::sqs:sendMessage" };
const DONE = { Done: { Type: "Succeed" } };
const PROCESSOR = { StartAt: "I", States: { I: { Type: "Pass", End: true } } };

describe("parseMachine", () => {
  it("takes a definition that is right", () => {
    const all = machineOf(
      { A: { Type: "Pass", Comment: "c", QueryLanguage: "JSONata", Next: "Done" }, ...DONE },
      { Comment: "c", Version: "1.0", TimeoutSeconds: 60 },
    );
    expect(problemsOf(all)).to.deep.equal([]);
  });

  it("refuses what is not an object", () => {
    expect(problemsOf("text")).to.deep.equal(['The definition must be an object, got "text"']);
  });

  it("reports all problems together, each with its place", () => {
    const definition = {
      QueryLanguage: "JSONata",
      StartAt: "Nowhere",
      TimeoutSeconds: 0,
      Extra: 1,
      States: { A: { Type: "Pass", Next: "Missing" }, B: { Type: "Strange" }, C: 1 },
    };
    expect(problemsOf(definition)).to.deep.equal([
      "Definition.Extra is not a field of a state machine, which has Comment, QueryLanguage, StartAt, States, TimeoutSeconds, Version",
      'States.B.Type must be one of Task, Choice, Wait, Pass, Succeed, Fail, Parallel, Map, got "Strange"',
      "States.C must be an object, got 1",
      'Definition.StartAt must be one of A, B, C, got "Nowhere"',
      'States.A leads to "Missing", which is not a state: one of A, B, C is',
      "Definition.TimeoutSeconds must be an integer of 1 to 99999999, got 0",
    ]);
  });

  it("counts the problems in its message", () => {
    expect(() => parseMachine({ QueryLanguage: "JSONata" })).to.throw("the definition has 2 problems:");
    expect(() => parseMachine(1)).to.throw("the definition has 1 problem:");
  });

  it("needs a start, states and an end", () => {
    expect(problemsOf({ QueryLanguage: "JSONata" })).to.deep.equal([
      "Definition.StartAt is required: a string",
      "Definition.States is required: an object of states by name",
    ]);
    expect(problemsOf({ QueryLanguage: "JSONata", StartAt: "A", States: {} })[0]).to.equal(
      "Definition.States must have at least one state",
    );
    expect(ofStates({ A: { Type: "Pass", Next: "A" } })).to.deep.equal([
      "Definition.States must have a state that ends: End, Succeed or Fail",
    ]);
  });

  it("finds states that are never reached", () => {
    const states = { A: { Type: "Pass", End: true }, B: { Type: "Pass", Next: "C" }, C: { Type: "Fail" } };
    expect(ofStates(states)).to.deep.equal([
      'States.B is never reached from "A"',
      'States.C is never reached from "A"',
    ]);
  });

  it("wants one of Next and End", () => {
    expect(ofState({ Type: "Pass", End: undefined })).to.deep.equal([
      "States.S.Next or End: true is required, one of the two",
    ]);
    expect(ofState({ Type: "Pass", Next: "S" })[0]).to.equal("States.S.Next or End: true is required, one of the two");
    expect(ofState({ Type: "Pass", End: "yes" })[0]).to.equal('States.S.End must be true, got "yes"');
  });

  it("refuses JSONPath wherever it is", () => {
    expect(problemsOf({ StartAt: "A", States: { A: { Type: "Succeed" } } })).to.deep.equal([
      'States.A.QueryLanguage JSONPath, the default, is not supported: set QueryLanguage of the definition to "JSONata"',
    ]);
    expect(problemsOf(machineOf(DONE, { QueryLanguage: "JSONPath" }))).to.deep.equal([
      'Definition.QueryLanguage JSONPath is not supported: use "JSONata"',
    ]);
    expect(problemsOf(machineOf(DONE, { QueryLanguage: "SQL" }))).to.deep.equal([
      'Definition.QueryLanguage must be "JSONata", got "SQL"',
    ]);
    for (const field of ["InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "Result"]) {
      expect(ofState({ Type: "Pass", [field]: "$" })).to.deep.equal([
        `States.S.${field} belongs to JSONPath, which is not supported: use JSONata`,
      ]);
    }
  });

  it("takes a single state's own JSONata", () => {
    const definition = { StartAt: "A", States: { A: { Type: "Succeed", QueryLanguage: "JSONata" } } };
    expect(problemsOf(definition)).to.deep.equal([]);
  });

  it("names the field of an expression that does not parse", () => {
    for (const half of ["{% $x", "$x %}", " {% $x %}", "{% $x %} "]) {
      expect(ofState({ Type: "Pass", Output: [half] })).to.deep.equal([
        "States.S.Output/0 must have both {% at its start and %} at its end, or neither",
      ]);
    }
    expect(ofState({ Type: "Pass", Output: "a {% b %} c" })).to.deep.equal([]);
    const [problem] = ofState({ Type: "Pass", Output: { a: ["{% $x + %}"] } });
    expect(problem).to.match(/^States\.S\.Output\/a\/0 must be a JSONata expression, got "\$x \+": S0207/);
  });

  it("knows the fields of each type of state", () => {
    const [extra] = ofStates({ S: { Type: "Succeed", Next: "S" } });
    expect(extra).to.equal(
      "States.S.Next is not a field of a Succeed state, which has Type, Comment, QueryLanguage, Output",
    );
    expect(ofStates({ S: { Type: "Fail", Output: 1 } })[0]).to.match(
      /^States\.S\.Output is not a field of a Fail state/,
    );
    expect(ofState({ Type: "Pass", Seconds: 1 })[0]).to.match(/^States\.S\.Seconds is not a field of a Pass state/);
    expect(ofState({})).to.deep.equal([
      "States.S.Type is required: one of Task, Choice, Wait, Pass, Succeed, Fail, Parallel, Map",
    ]);
  });

  it("limits the length of a state's name", () => {
    const name = "n".repeat(81);
    expect(ofStates({ [name]: { Type: "Succeed" } })).to.deep.equal([
      `States.${name} must have a name of 1 to 80 characters, got 81`,
    ]);
  });

  it("checks a Task", () => {
    expect(ofState({ ...TASK, Resource: 1 })).to.deep.equal(["States.S.Resource must be a string, got 1"]);
    expect(ofState({ Type: "Task" })).to.deep.equal(["States.S.Resource is required: a string"]);
    expect(ofState({ ...TASK, TimeoutSeconds: 5, HeartbeatSeconds: 5 })).to.deep.equal([
      "States.S.HeartbeatSeconds must be less than TimeoutSeconds (5), got 5",
    ]);
    expect(ofState({ ...TASK, Credentials: {} })).to.deep.equal([
      "States.S.Credentials is not supported: tasks run as the machine's role",
    ]);
    expect(() =>
      parseMachine(machineOf({ S: { ...TASK, End: true } }), { checkResource: (resource) => `is not ${resource}` }),
    ).to.throw("States.S.Resource is not arn:aws:states:::sqs:sendMessage");
  });

  it("checks Retry", () => {
    const retry = (...retriers: unknown[]): readonly string[] => ofState({ ...TASK, Retry: retriers });
    expect(retry({ ErrorEquals: ["A"], IntervalSeconds: 0, MaxAttempts: -1, BackoffRate: 0.5 })).to.deep.equal([
      "States.S.Retry[0].IntervalSeconds must be an integer of 1 to 99999999, got 0",
      "States.S.Retry[0].MaxAttempts must be an integer of 0 to 99999999, got -1",
      `States.S.Retry[0].BackoffRate must be a number of 1 to ${Number.MAX_VALUE}, got 0.5`,
    ]);
    expect(retry({ ErrorEquals: ["A"], JitterStrategy: "SOME", MaxDelaySeconds: 31_622_401 })).to.deep.equal([
      "States.S.Retry[0].MaxDelaySeconds must be an integer of 1 to 31622400, got 31622401",
      'States.S.Retry[0].JitterStrategy must be one of FULL, NONE, got "SOME"',
    ]);
    expect(retry({}, { ErrorEquals: ["States.Nothing", "x"] })).to.deep.equal([
      "States.S.Retry[0].ErrorEquals must be an array of error names, at least one, got nothing",
      `States.S.Retry[1].ErrorEquals must be the language's names where they start with "States.", got "States.Nothing"`,
    ]);
    expect(ofState({ ...TASK, Retry: {} })).to.deep.equal(["States.S.Retry must be an array, got {}"]);
    expect(retry(1)).to.deep.equal(["States.S.Retry[0] must be an object, got 1"]);
  });

  it("wants States.ALL alone and last", () => {
    const Retry = [{ ErrorEquals: ["States.ALL", "A"] }, { ErrorEquals: ["B"] }];
    expect(ofState({ ...TASK, Retry })).to.deep.equal([
      'States.S.Retry[0].ErrorEquals must have States.ALL alone, got ["States.ALL","A"]',
      "States.S.Retry[0].ErrorEquals must have States.ALL in the last entry only",
    ]);
    const states = {
      S: { ...TASK, End: true, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Done" }, { ErrorEquals: ["B"] }] },
      ...DONE,
    };
    expect(ofStates(states)).to.deep.equal([
      "States.S.Catch[0].ErrorEquals must have States.ALL in the last entry only",
      "States.S.Catch[1].Next is required: a string",
    ]);
  });

  it("checks a Choice", () => {
    const choice = (...rules: unknown[]): readonly string[] =>
      ofStates({ C: { Type: "Choice", Choices: rules, Default: "Done" }, ...DONE });
    expect(choice()).to.deep.equal(["States.C.Choices must have at least one rule"]);
    expect(choice({ Next: "Done" })).to.deep.equal([
      "States.C.Choices[0].Condition must be a JSONata expression in {% %}, got nothing",
    ]);
    expect(choice({ Condition: "true", Next: "Gone", Variable: "$.a" })).to.deep.equal([
      "States.C.Choices[0].Variable belongs to JSONPath, which is not supported: use JSONata",
      'States.C.Choices[0].Condition must be a JSONata expression in {% %}, got "true"',
    ]);
  });

  it("checks a Wait", () => {
    expect(ofState({ Type: "Wait" })).to.deep.equal(["States.S.Seconds or Timestamp is required, one of the two"]);
    expect(ofState({ Type: "Wait", Seconds: 1, Timestamp: "{% $t %}" })).to.have.length(1);
    expect(ofState({ Type: "Wait", Seconds: "1" })).to.deep.equal([
      'States.S.Seconds must be an integer of 0 to 99999999, got "1"',
    ]);
  });

  it("checks names of variables", () => {
    expect(ofState({ Type: "Pass", Assign: { "1a": 1, states: 2, ok_1: 3 } })).to.deep.equal([
      "States.S.Assign.1a is not a variable's name: a letter, then letters, digits and _, at most 80",
      "States.S.Assign.states must not be assigned: $states is reserved",
    ]);
    expect(ofState({ Type: "Pass", Assign: "x" })).to.deep.equal(['States.S.Assign must be an object, got "x"']);
  });

  it("does not let an inner scope assign a variable of an outer one", () => {
    const inner = { StartAt: "I", States: { I: { Type: "Pass", Assign: { x: 2, y: 1 }, End: true } } };
    const states = {
      A: { Type: "Pass", Assign: { x: 1 }, Next: "P" },
      P: { Type: "Parallel", Branches: [inner], End: true },
    };
    expect(ofStates(states)).to.deep.equal([
      "States.P.Branches[0].States.I.Assign.x is a variable of an outer scope: it cannot be assigned here",
    ]);
  });

  it("checks a Parallel's branches", () => {
    expect(ofState({ Type: "Parallel", Branches: [] })).to.deep.equal([
      "States.S.Branches must have at least one branch",
    ]);
    const branch = { StartAt: "S", States: { S: { Type: "Succeed" } }, TimeoutSeconds: 1 };
    expect(ofState({ Type: "Parallel", Branches: [branch] })).to.deep.equal([
      "States.S.Branches[0].TimeoutSeconds is not a field of a branch, which has StartAt, States, Comment",
      "States.S.Branches[0].States.S must have a name that no other state of the machine has",
    ]);
  });

  it("checks a Map", () => {
    expect(ofState({ Type: "Map" })).to.deep.equal([
      "States.S.ItemProcessor is required: an object with StartAt and States",
    ]);
    expect(ofState({ Type: "Map", ItemProcessor: 1 })).to.deep.equal([
      "States.S.ItemProcessor must be an object, got 1",
    ]);
    expect(ofState({ Type: "Map", Iterator: {}, ItemProcessor: PROCESSOR })).to.deep.equal([
      "States.S.Iterator is the old name of ItemProcessor: use that",
    ]);
    expect(ofState({ Type: "Map", Items: 5, ItemProcessor: PROCESSOR })).to.deep.equal([
      "States.S.Items must be an array, an object or a JSONata expression in {% %}, got 5",
    ]);
    expect(ofState({ Type: "Map", ToleratedFailureCount: 1, ItemProcessor: PROCESSOR })).to.deep.equal([
      "States.S.ToleratedFailureCount needs ItemProcessor.ProcessorConfig.Mode to be DISTRIBUTED",
    ]);
  });

  describe("of a distributed Map", () => {
    const config = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" };
    const ofMap = (more: object, ProcessorConfig: object = config): readonly string[] =>
      ofState({ Type: "Map", ItemProcessor: { ...PROCESSOR, ProcessorConfig }, ...more });
    const GET = "arn:aws:states:::s3:getObject";
    const PUT = "arn:aws:states:::s3:putObject";
    const Arguments = { Bucket: "b", Key: "k" };

    it("wants readers, batchers and writers to be whole", () => {
      expect(ofMap({ ItemReader: {}, ResultWriter: {}, ItemBatcher: {} })).to.deep.equal([
        "States.S.ItemReader.Resource is required: a string",
        "States.S.ItemReader.Arguments is required: an object with Bucket, and Key or Prefix",
        "States.S.ItemBatcher must have MaxItemsPerBatch, MaxInputBytesPerBatch or both",
        "States.S.ResultWriter must have Resource and Arguments, WriterConfig or all three",
      ]);
      expect(ofMap({}, { Mode: "DISTRIBUTED" })).to.deep.equal([
        "States.S.ItemProcessor.ProcessorConfig.ExecutionType is required in DISTRIBUTED mode: STANDARD or EXPRESS",
      ]);
      expect(ofMap({}, { Mode: "INLINE", ExecutionType: "EXPRESS" })).to.deep.equal([
        "States.S.ItemProcessor.ProcessorConfig.ExecutionType needs Mode to be DISTRIBUTED",
      ]);
    });

    it("knows what readers and writers can do", () => {
      const reader = (ReaderConfig: object, Resource = GET): readonly string[] =>
        ofMap({ ItemReader: { Resource, Arguments, ReaderConfig } });
      expect(reader({ InputType: "PARQUET" })[0]).to.contain("must be one of JSON, JSONL, CSV");
      expect(reader({})[0]).to.contain("ReaderConfig.InputType is required with s3:getObject");
      expect(reader({ InputType: "CSV" })[0]).to.contain("CSVHeaderLocation is required with CSV");
      expect(reader({ InputType: "CSV", CSVHeaderLocation: "GIVEN" })[0]).to.contain("CSVHeaders must be an array");
      expect(reader({ InputType: "CSV", CSVHeaderLocation: "FIRST_ROW", CSVHeaders: ["a"] })[0]).to.contain(
        "needs CSVHeaderLocation to be GIVEN",
      );
      expect(reader({ InputType: "CSV" }, "arn:aws:states:::s3:listObjectsV2")[0]).to.contain(
        "belongs to s3:getObject",
      );
      expect(reader({ InputType: "JSON" }, PUT)[0]).to.contain("must be arn:aws:states:::s3:getObject");
      expect(
        ofMap({ Items: [1], ItemReader: { Resource: GET, Arguments, ReaderConfig: { InputType: "JSON" } } }),
      ).to.deep.equal(["States.S.Items or ItemReader may be there, not both"]);
      expect(ofMap({ ResultWriter: { Resource: GET, Arguments } })[0]).to.contain(
        "must be arn:aws:states:::s3:putObject",
      );
      expect(ofMap({ ResultWriter: { Resource: PUT } })[0]).to.contain(
        "and Arguments (Bucket and Prefix) belong together",
      );
      expect(ofMap({ ResultWriter: { WriterConfig: { OutputType: "JSONL" } } })[0]).to.contain("written to S3 only");
    });

    it("wants labels to be short, plain and different", () => {
      expect(ofMap({ Label: "a b" })[0]).to.contain("must have 1 to 40 characters, none of them blank");
      expect(ofMap({ Label: "x".repeat(41) })[0]).to.contain("must have 1 to 40 characters");
      const inner = (name: string) => ({
        Type: "Map",
        Label: "Same",
        End: true,
        ItemProcessor: {
          StartAt: name,
          States: { [name]: { Type: "Succeed" } },
          ProcessorConfig: config,
        },
      });
      const machine = machineOf({ A: { ...inner("I"), End: undefined, Next: "B" }, B: inner("J") });
      expect(problemsOf(machine)).to.deep.equal(['States.B.Label must be unique in the machine, got "Same"']);
    });

    it("refuses it among express executions, and tasks that wait there", () => {
      const distributed = { Type: "Map", ItemProcessor: { ...PROCESSOR, ProcessorConfig: config }, End: true };
      expect(problemsOf(machineOf({ S: distributed }), { type: "EXPRESS" })[0]).to.contain(
        "must be INLINE in an EXPRESS",
      );
      const Resource = "arn:aws:states:::glue:startJobRun.sync";
      const states = { StartAt: "T", States: { T: { Type: "Task", Resource, End: true } } };
      const express = { ...states, ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" } };
      expect(ofState({ Type: "Map", ItemProcessor: express })[0]).to.contain(
        "must not wait (.sync) in an EXPRESS machine",
      );
    });
  });
});

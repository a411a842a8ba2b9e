import type {
  DescribeMapRunCommandOutput,
  ListExecutionsCommandOutput,
  ListMapRunsCommandOutput,
  DescribeExecutionCommandOutput,
  GetExecutionHistoryCommandOutput,
} from "@aws-sdk/client-sfn";
import { expect } from "chai";
import { ServiceError } from "../../../local/services/service.ts";
import { accountId, region } from "../../support/graph.ts";
import type { States } from "./harness.ts";
import { scope, wait } from "./harness.ts";
import type { Setup, StepFunctionsWorld } from "./step-functions-world.ts";
import { declaredMachine, executionArn, machineArn, setUp } from "./step-functions-world.ts";

const ECHO: States = { I: { Type: "Succeed" } };
const ODD_FAILS: States = {
  C: { Type: "Choice", Choices: [{ Condition: "{% $states.input % 2 = 1 %}", Next: "F" }], Default: "I" },
  F: { Type: "Fail", Error: "Odd", Cause: "why" },
  I: { Type: "Succeed" },
};

interface Ran {
  readonly status: string | undefined;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly world: StepFunctionsWorld;
  /** What was put into S3, by key. */
  readonly objects: Readonly<Record<string, string>>;
}

const mapState = (states: States, more: object, ExecutionType = "STANDARD"): Record<string, unknown> => ({
  Type: "Map",
  Label: "Each",
  ItemProcessor: { ...scope(states), ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType } },
  End: true,
  ...more,
});

const run = async (M: Record<string, unknown>, setup: Setup = {}, input: unknown = {}): Promise<Ran> => {
  const objects: Record<string, string> = {};
  const stubs = {
    "s3:putObject": ({ Key, Body }: { Key: string; Body: Uint8Array }) => {
      objects[Key] = Buffer.from(Body).toString();
      return {};
    },
    ...setup.stubs,
  };
  const world = setUp({ machines: [declaredMachine("m", { M })], ...setup, stubs });
  await world.startExecution({ name: "e", input: JSON.stringify(input) });
  await world.clock.idle();
  const { status, output, error, cause } = await world.describe("e");
  return { status, output: output === undefined ? undefined : JSON.parse(output), error, cause, world, objects };
};

const mapRunOf = async ({ world }: Ran): Promise<DescribeMapRunCommandOutput> => {
  const { mapRuns = [] } = await world.call<ListMapRunsCommandOutput>("listMapRuns", {
    executionArn: executionArn("e"),
  });
  return world.call("describeMapRun", { mapRunArn: mapRuns[0]?.mapRunArn });
};

const childrenOf = async (ran: Ran): Promise<readonly DescribeExecutionCommandOutput[]> => {
  const { mapRunArn } = await mapRunOf(ran);
  const { executions = [] } = await ran.world.call<ListExecutionsCommandOutput>("listExecutions", { mapRunArn });
  return Promise.all(
    executions.map((one) =>
      ran.world.call<DescribeExecutionCommandOutput>("describeExecution", { executionArn: one.executionArn }),
    ),
  );
};

describe("A Map Run", () => {
  it("runs each item as an execution with a name, an input and a history of its own", async () => {
    const I = { Type: "Succeed", Output: ["{% $states.context.Execution.Name %}", "{% $states.input %}"] };
    const ran = await run(mapState({ I }, { Items: ["a", "b"] }));
    const children = await childrenOf(ran);
    const names = children.map(({ name }) => name).reverse();
    expect(ran.output).to.deep.equal([
      [names[0], "a"],
      [names[1], "b"],
    ]);
    const [child] = children;
    expect(child).to.include({
      executionArn: `arn:aws:states:${region}:${accountId}:execution:m/Each:${String(child?.name)}`,
      stateMachineArn: `${machineArn("m")}/Each`,
      status: "SUCCEEDED",
      input: '"b"',
    });
    const { events = [] } = await ran.world.call<GetExecutionHistoryCommandOutput>("getExecutionHistory", {
      executionArn: child?.executionArn ?? "",
    });
    expect(events.map(({ type }) => type)).to.deep.equal([
      ...["ExecutionStarted", "SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded"],
    ]);
    expect(
      ran.world.events.flatMap((event) => (event.kind === "execution-started" ? [event.parentArn] : [])),
    ).to.deep.equal([undefined, executionArn("e"), executionArn("e")]);
  });

  it("tells how many items and executions have come to which end", async () => {
    const M = mapState(ODD_FAILS, { Items: [1, 2, 3, 4], ToleratedFailureCount: 2, MaxConcurrency: 3 });
    const ran = await run(M);
    const { startDate, stopDate, itemCounts, executionCounts, ...rest } = await mapRunOf(ran);
    expect([startDate, stopDate].every((date) => date instanceof Date)).to.equal(true);
    const counts = { pending: 0, running: 0, succeeded: 2, failed: 2, timedOut: 0, aborted: 0, total: 4 };
    expect([itemCounts, executionCounts]).to.deep.equal([
      { ...counts, resultsWritten: 0 },
      { ...counts, resultsWritten: 0 },
    ]);
    expect(rest).to.deep.include({
      executionArn: executionArn("e"),
      status: "SUCCEEDED",
      maxConcurrency: 3,
      toleratedFailureCount: 2,
      toleratedFailurePercentage: 0,
    });
    expect(rest.mapRunArn).to.match(new RegExp(`^arn:aws:states:${region}:${accountId}:mapRun:m/Each:[0-9a-f-]{36}$`));
  });

  it("counts all items of a batch as failed with it", async () => {
    const Fail: States = { F: { Type: "Fail", Error: "Broken" } };
    const batched = { Items: [1, 2, 3], ItemBatcher: { MaxItemsPerBatch: 2 } };
    expect(await run(mapState(Fail, { ...batched, ToleratedFailureCount: 2 }))).to.include({
      error: "States.ExceedToleratedFailureThreshold",
    });
    expect((await run(mapState(Fail, { ...batched, ToleratedFailureCount: 3 }))).output).to.deep.equal([]);
  });

  it("of express executions gives them five minutes", async () => {
    const M = mapState({ W: wait(301) }, { Items: [1], ToleratedFailureCount: 1 }, "EXPRESS");
    const ran = await run(M);
    expect(ran.status).to.equal("SUCCEEDED");
    expect((await mapRunOf(ran)).executionCounts).to.include({ timedOut: 1 });
    const [child] = await childrenOf(ran);
    expect(child?.executionArn).to.contain(":express:m/Each:");
  });

  it("needs the machine's role to be allowed to start the machine", async () => {
    const { error, cause, world } = await run(mapState(ECHO, { Items: [1] }), { denied: true });
    expect(error).to.equal("StepFunctions.AWSStepFunctionsException");
    expect(cause).to.contain(`states:StartExecution on resource: ${machineArn("m")} `);
    expect(world.events.filter(({ kind }) => kind === "execution-started")).to.have.length(1);
  });

  it("is aborted with its execution, and what ran of it, too", async () => {
    const world = setUp({ machines: [declaredMachine("m", { M: mapState({ W: wait(600) }, { Items: [1, 2] }) })] });
    await world.startExecution({ name: "e" });
    await world.later(5_000);
    await world.call("stopExecution", { executionArn: executionArn("e") });
    await world.clock.idle();
    const ran: Ran = {
      ...(await world.describe("e")),
      output: undefined,
      error: undefined,
      cause: undefined,
      world,
      objects: {},
    };
    expect(ran.status).to.equal("ABORTED");
    expect((await mapRunOf(ran)).status).to.equal("ABORTED");
    expect((await childrenOf(ran)).map(({ status }) => status)).to.deep.equal(["ABORTED", "ABORTED"]);
  });

  it("goes on where one of its executions is stopped by a person, if that is tolerated", async () => {
    const M = mapState({ W: wait(600) }, { Items: [1, 2], ToleratedFailureCount: 1 });
    const world = setUp({ machines: [declaredMachine("m", { M })] });
    await world.startExecution({ name: "e" });
    await world.later(5_000);
    const started = world.events.flatMap((event) => (event.kind === "execution-started" ? [event.executionArn] : []));
    await world.call("stopExecution", { executionArn: started[1] });
    await world.clock.idle();
    expect(await world.describe("e")).to.deep.include({ status: "SUCCEEDED", output: "[2]" });
  });
});

describe("ItemReader", () => {
  const bodyOf = async function* (text: string): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(text));
  };
  const read = (text: string, ReaderConfig: object): Promise<Ran> =>
    run(
      mapState(ECHO, {
        ItemReader: {
          Resource: "arn:aws:states:::s3:getObject",
          ReaderConfig,
          Arguments: { Bucket: "b", Key: "{% $states.input.key %}" },
        },
      }),
      { stubs: { "s3:getObject": ({ Key }: { Key: string }) => ({ Body: bodyOf(Key === "k" ? text : "") }) } },
      { key: "k" },
    );

  it("reads the objects of a prefix, page by page", async () => {
    const listed = (Key: string) => ({
      Key,
      Size: 3,
      ETag: '"e"',
      LastModified: new Date(1_500),
      StorageClass: "STANDARD",
    });
    const reader = (MaxItems?: number) => ({
      ItemReader: {
        Resource: "arn:aws:states:::s3:listObjectsV2",
        ...(MaxItems !== undefined && { ReaderConfig: { MaxItems } }),
        Arguments: { Bucket: "b", Prefix: "p/" },
      },
    });
    const asked: unknown[] = [];
    const stubs = {
      "s3:listObjectsV2": (input: { ContinuationToken?: string }) => {
        asked.push(input);
        return input.ContinuationToken === undefined
          ? { Contents: [listed("p/1"), listed("p/2")], NextContinuationToken: "t" }
          : { Contents: [listed("p/3")] };
      },
    };
    const all = await run(mapState(ECHO, reader()), { stubs });
    expect(all.output).to.deep.equal(
      ["p/1", "p/2", "p/3"].map((Key) => ({ Etag: '"e"', Key, LastModified: 1, Size: 3, StorageClass: "STANDARD" })),
    );
    expect(asked).to.deep.equal([
      { Bucket: "b", Prefix: "p/" },
      { Bucket: "b", Prefix: "p/", ContinuationToken: "t" },
    ]);
    expect((await run(mapState(ECHO, reader(1)), { stubs })).output).to.have.length(1);
  });

  it("reads JSON, JSON Lines and CSV", async () => {
    expect((await read("[1,2,3]", { InputType: "JSON", MaxItems: 2 })).output).to.deep.equal([1, 2]);
    expect((await read('{"a":1}', { InputType: "JSON" })).output).to.deep.equal([{ Key: "a", Value: 1 }]);
    expect((await read('{"a":1}\n\n{"a":2}\n', { InputType: "JSONL" })).output).to.deep.equal([{ a: 1 }, { a: 2 }]);
    const FIRST_ROW = { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" };
    expect((await read('a,b\n1,"x,y"\n2\n3,4,5\n', FIRST_ROW)).output).to.deep.equal([
      { a: "1", b: "x,y" },
      { a: "2", b: "" },
      { a: "3", b: "4" },
    ]);
    const GIVEN = { InputType: "CSV", CSVHeaderLocation: "GIVEN", CSVHeaders: ["a", "b"], CSVDelimiter: "PIPE" };
    expect((await read("1|2\n", GIVEN)).output).to.deep.equal([{ a: "1", b: "2" }]);
  });

  it("selects from what was read", async () => {
    const M = mapState(ECHO, {
      ItemReader: {
        Resource: "arn:aws:states:::s3:getObject",
        ReaderConfig: { InputType: "JSON" },
        Arguments: { Bucket: "b", Key: "k" },
      },
      ItemSelector: { n: "{% $states.context.Map.Item.Value * 2 %}", at: "{% $states.context.Map.Item.Index %}" },
    });
    const ran = await run(M, { stubs: { "s3:getObject": () => ({ Body: bodyOf("[5]") }) } });
    expect(ran.output).to.deep.equal([{ n: 10, at: 0 }]);
  });

  it("fails with States.ItemReaderFailed where it cannot read, or not make sense of it", async () => {
    const FIRST_ROW = { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" };
    for (const [text, config, cause] of [
      ["{", { InputType: "JSON" }, "no JSON"],
      ["5", { InputType: "JSON" }, "an array or an object"],
      ['{"a":1}\n{', { InputType: "JSONL" }, "line 2"],
      ["a,a\n1,2", FIRST_ROW, "CSV headers cannot contain duplicates."],
      ['a\n"', FIRST_ROW, "no CSV"],
    ] as const) {
      const ran = await read(text, config);
      expect(ran.error, text).to.equal("States.ItemReaderFailed");
      expect(ran.cause).to.contain(cause);
      expect((await mapRunOf(ran)).status).to.equal("FAILED");
    }
    const gone = await run(
      mapState(ECHO, {
        ItemReader: {
          Resource: "arn:aws:states:::s3:listObjectsV2",
          Arguments: { Bucket: "b" },
        },
      }),
      {
        stubs: {
          "s3:listObjectsV2": () => {
            throw new ServiceError("NoSuchBucket", "The specified bucket does not exist");
          },
        },
      },
    );
    expect(gone).to.include({
      error: "States.ItemReaderFailed",
      cause: "The specified bucket does not exist (NoSuchBucket)",
    });
  });
});

describe("ResultWriter", () => {
  const writer = (WriterConfig?: object): object => ({
    ResultWriter: {
      Resource: "arn:aws:states:::s3:putObject",
      Arguments: { Bucket: "b", Prefix: "results" },
      ...(WriterConfig && { WriterConfig }),
    },
  });
  const parsed = (objects: Ran["objects"]): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(objects).map(([key, text]) => [
        key.split("/").at(-1) ?? "",
        key.endsWith("l") ? text : JSON.parse(text),
      ]),
    );

  it("writes a file for each kind of end, and a manifest of them", async () => {
    const M = mapState(ODD_FAILS, { Items: [1, 2], ToleratedFailureCount: 1, ...writer() });
    const { output, objects, ...ran } = await run(M);
    const { MapRunArn, ResultWriterDetails } = output as {
      MapRunArn: string;
      ResultWriterDetails: { Bucket: string; Key: string };
    };
    const folder = `results/${MapRunArn.split(":").at(-1) ?? ""}`;
    expect(ResultWriterDetails).to.deep.equal({ Bucket: "b", Key: `${folder}/manifest.json` });
    const files = parsed(objects);
    const size = (name: string): object => {
      const Key = `${folder}/${name}`;
      return { Key, Size: Buffer.byteLength(objects[Key] ?? "") };
    };
    expect(files["manifest.json"]).to.deep.equal({
      DestinationBucket: "b",
      MapRunArn,
      ResultFiles: { FAILED: [size("FAILED_0.json")], PENDING: [], SUCCEEDED: [size("SUCCEEDED_0.json")] },
    });
    expect(files["SUCCEEDED_0.json"]).to.have.length(1);
    expect(files).to.have.nested.include({
      "SUCCEEDED_0\\.json[0].Input": "2",
      "SUCCEEDED_0\\.json[0].Output": "2",
      "SUCCEEDED_0\\.json[0].Status": "SUCCEEDED",
      "SUCCEEDED_0\\.json[0].StateMachineArn": `${machineArn("m")}/Each`,
    });
    expect(files).to.have.nested.include({
      "FAILED_0\\.json[0].Input": "1",
      "FAILED_0\\.json[0].Status": "FAILED",
      "FAILED_0\\.json[0].Error": "Odd",
      "FAILED_0\\.json[0].Cause": "why",
    });
    expect((await mapRunOf({ ...ran, output, objects })).itemCounts).to.include({ resultsWritten: 2 });
  });

  it("tells of what was pending when too much had failed", async () => {
    const { error, objects } = await run(mapState(ODD_FAILS, { Items: [1, 2, 3], MaxConcurrency: 1, ...writer() }));
    expect(error).to.equal("States.ExceedToleratedFailureThreshold");
    const files = parsed(objects);
    expect(files["FAILED_0.json"]).to.have.length(1);
    expect(files).to.have.nested.include({ "PENDING_0\\.json[0].Input": "2", "PENDING_0\\.json[1].Status": "PENDING" });
  });

  it("shapes outputs as it is told, in S3 or in the state's result", async () => {
    const pair: States = { I: { Type: "Succeed", Output: ["{% $states.input %}", 0] } };
    const flat = { Transformation: "FLATTEN", OutputType: "JSONL" };
    const { objects } = await run(mapState(pair, { Items: [1, 2], ...writer(flat) }));
    expect(parsed(objects)["SUCCEEDED_0.jsonl"]).to.equal("1\n0\n2\n0");
    const shape = async (Transformation: string): Promise<unknown> =>
      (await run(mapState(pair, { Items: [1], ResultWriter: { WriterConfig: { Transformation } } }))).output;
    expect(await shape("COMPACT")).to.deep.equal([[1, 0]]);
    expect(await shape("FLATTEN")).to.deep.equal([1, 0]);
    expect({ records: await shape("NONE") }).to.have.nested.include({
      "records[0].Output": "[1,0]",
      "records[0].Status": "SUCCEEDED",
    });
  });

  it("has room for results that a state has none for", async () => {
    const long: States = { I: { Type: "Succeed", Output: "{% $pad('', 200000, 'x') %}" } };
    expect(await run(mapState(long, { Items: [1, 2] }))).to.include({ error: "States.DataLimitExceeded" });
    expect(await run(mapState(long, { Items: [1, 2], ...writer() }))).to.include({ status: "SUCCEEDED" });
  });

  it("fails with States.ResultWriterFailed where it cannot write", async () => {
    const deny = {
      "s3:putObject": () => {
        throw new ServiceError("AccessDenied", "not yours");
      },
    };
    expect(await run(mapState(ECHO, { Items: [1], ...writer() }), { stubs: deny })).to.include({
      error: "States.ResultWriterFailed",
      cause: "not yours (AccessDenied)",
    });
    const nowhere = { ResultWriter: { Resource: "arn:aws:states:::s3:putObject", Arguments: { Bucket: 5 } } };
    expect(await run(mapState(ECHO, { Items: [1], ...nowhere }))).to.include({ error: "States.ResultWriterFailed" });
  });
});

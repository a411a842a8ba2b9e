import { DuckDBInstance } from "@duckdb/node-api";
import { expect } from "chai";
import { entryAt } from "../entries.ts";
import { graphOf, Rig } from "./rig.ts";

describe("table-to-queue", () => {
  it("sends each entry of the table once, with what it holds", async () => {
    const rig = await Rig.start();
    expect(await rig.run({ entries: 3000 })).to.deep.include({
      status: "SUCCEEDED",
      output: { entries: 3000, sent: 3000 },
    });
    expect(rig.ids.toSorted()).to.deep.equal(Array.from({ length: 3000 }, (_, index) => entryAt(index).id.S));
    expect(await computed(3000)).to.deep.equal({
      count: rig.messages.length,
      cents: rig.messages.reduce((sum, { amountCents }) => sum + Number(amountCents), 0),
      customers: new Set(rig.messages.map(({ customer }) => customer)).size,
    });
  });

  it("takes the number of entries from the stack's config, where the input has none", async () => {
    const rig = await Rig.start();
    expect((await rig.run({})).output).to.deep.equal({ entries: 1000, sent: 1000 });
    const { startInput } = (await graphOf("prod")).outputs;
    expect(JSON.parse(String(startInput))).to.deep.equal({ entries: 100_000 });
  });

  it("sends what has been added since, and nothing again", async () => {
    const rig = await Rig.start();
    await rig.run({ entries: 250 });
    expect((await rig.run({ entries: 250 })).output).to.deep.equal({ entries: 250, sent: 0 });
    await rig.pass(3600);
    expect((await rig.run({ entries: 300 })).output).to.deep.equal({ entries: 300, sent: 50 });
    expect(rig.ids).to.have.length(300);
    expect(new Set(rig.ids).size).to.equal(300);
  });

  it("reads shorter pages where entries are long, so that no payload passes 256 KiB", async () => {
    const rig = await Rig.start();
    for (let index = 0; index < 60; index++) await rig.put({ ...entryAt(index), note: { S: "x".repeat(20_000) } });
    expect(await rig.run({ entries: 0 })).to.deep.include({ status: "SUCCEEDED", output: { entries: 0, sent: 60 } });
    expect(new Set(rig.ids).size).to.equal(60);
    await rig.put({ ...entryAt(60), note: { S: "x".repeat(300_000) } });
    expect(await rig.run({ entries: 0 })).to.include({ error: "States.ExceedToleratedFailureThreshold" });
  });

  it("hands a long segment over from execution to execution, so that no history fills up", async () => {
    const rig = await Rig.start();
    const note = { S: "x".repeat(150_000) };
    for (let index = 0; index < 210; index++) await rig.put({ ...entryAt(index), note });
    const { arn, output } = await rig.run({ entries: 0 });
    expect(output).to.deep.equal({ entries: 0, sent: 210 });
    expect(new Set(rig.ids).size).to.equal(210);
    expect(await rig.mapRuns(arn)).to.equal(2);
  });

  it("refuses an input that it cannot follow", async () => {
    const rig = await Rig.start();
    for (const input of [
      { entries: -1 },
      { entries: 1.5 },
      { entries: 1e9 },
      { entries: "many" },
      { inDoubt: "maybe" },
    ]) {
      expect(await rig.run(input), JSON.stringify(input)).to.include({ status: "FAILED", error: "InvalidInput" });
    }
  });

  it("runs with the prod stack's config, on the same definition", async () => {
    const rig = await Rig.start("prod");
    expect((await rig.run({ entries: 500 })).output).to.deep.equal({ entries: 500, sent: 500 });
    const [local, prod] = await Promise.all(["local", "prod"].map(definitionOf));
    expect(prod?.replace(": 100000", ": 1000")).to.equal(local);
  });

  it("gives up a page before the queue would forget that it has had it", async () => {
    const states = statesIn(JSON.parse(await definitionOf("prod")) as Scope);
    const lasts = (name: string): number => {
      const { TimeoutSeconds = 0, Retry = [] } = states.get(name) ?? {};
      const waits = Retry.map(({ IntervalSeconds, BackoffRate, MaxAttempts }) =>
        Array.from({ length: MaxAttempts }, (_, retry) => IntervalSeconds * BackoffRate ** retry),
      );
      return waits.flat().reduce((sum, wait) => sum + wait + TimeoutSeconds, TimeoutSeconds);
    };
    const tries = Number(/\$tries < (\d+)/.exec(JSON.stringify(states.get("All taken?")))?.[1]);
    const pause = states.get("Let queue breathe")?.Seconds ?? 0;
    const longest = lasts("Claim page") + tries * lasts("Send batch") + (tries - 1) * pause;
    const fresh = Number(/- (\d+)/.exec(JSON.stringify(states.get("Read page")))?.[1]) / 1000;
    expect([fresh, longest + fresh < 5 * 60]).to.deep.equal([180, true]);
  });

  it("may do what it does, and nothing else", async () => {
    const { resources } = await graphOf("prod");
    const actions = resources
      .filter(({ type, name }) => type === "aws:iam/rolePolicy:RolePolicy" && name === "table-to-queue")
      .flatMap(({ properties }) => {
        const { Statement } = JSON.parse(String(properties.policy)) as { Statement: { Action: string[] }[] };
        return Statement.flatMap(({ Action }) => Action);
      });
    expect(actions.filter((action) => !action.startsWith("logs:"))).to.deep.equal([
      "lambda:InvokeFunction",
      "dynamodb:Scan",
      "dynamodb:UpdateItem",
      "sqs:SendMessage",
      "states:StartExecution",
      "states:DescribeExecution",
      "states:StopExecution",
    ]);
  });
});

/** What the entries come to, by other means. */
const computed = async (entries: number): Promise<object> => {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const answer = await connection.runAndReadAll(
    `select count(*)::int as count, sum(100 + (i * 104729) % 99900)::int as cents,
       count(distinct (i * 7919) % 1000)::int as customers from range(${entries}) as numbers(i)`,
  );
  const [row] = answer.getRowObjects();
  return { ...row };
};

const definitionOf = async (stack: string): Promise<string> => {
  const { resources } = await graphOf(stack);
  return String(resources.find(({ type }) => type === "aws:sfn/stateMachine:StateMachine")?.properties.definition);
};

interface Scope {
  readonly States: Readonly<Record<string, State>>;
}

interface State {
  readonly TimeoutSeconds?: number;
  readonly Seconds?: number;
  readonly Retry?: readonly {
    readonly IntervalSeconds: number;
    readonly BackoffRate: number;
    readonly MaxAttempts: number;
  }[];
  readonly ItemProcessor?: Scope;
}

const statesIn = ({ States }: Scope): ReadonlyMap<string, State> =>
  new Map(
    Object.entries(States).flatMap(([name, state]) => [
      [name, state] as const,
      ...(state.ItemProcessor === undefined ? [] : statesIn(state.ItemProcessor)),
    ]),
  );

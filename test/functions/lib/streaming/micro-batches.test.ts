import { expect } from "chai";
import fc from "fast-check";
import { runMicroBatches } from "../../../../functions/lib/streaming/micro-batches.ts";
import { createClients } from "../../../../local/services/clients.ts";
import { bucket, role, roleArn, stream, streamArn } from "../../../support/graph.ts";
import { testWorld, type TestWorld } from "../../../support/world.ts";

const args = { "--stream_arn": streamArn("s"), "--checkpoint_location": "s3://data/checkpoints/q/" };

const worldWith = (): Promise<TestWorld> =>
  testWorld([
    stream("s", { shardCount: 2 }),
    bucket("data"),
    ...role("reader", "lambda.amazonaws.com", { Action: ["s3:*", "kinesis:*"], Resource: "*" }),
  ]);

const put = ({ kinesis }: TestWorld, texts: readonly string[]): void => {
  for (const text of texts) kinesis.putRecord({ StreamName: "s", Data: text, PartitionKey: text });
};

class Crash extends Error {}

/** A query that sums up what it reads, and remembers which batch held what. */
const queryOn = (world: TestWorld, crashes: (when: "before" | "after") => boolean = () => false) => {
  const { s3, kinesis } = createClients(world.api, roleArn("reader"));
  const batches = new Map<number, readonly string[]>();
  const sums: number[] = [];
  const run = () =>
    runMicroBatches(
      { s3, kinesis, log: () => undefined },
      {
        args,
        initial: 0,
        maxRecordsPerShard: 3,
        process: ({ number, records, state }) => {
          const texts = records.map(({ text }) => text);
          if (crashes("before")) throw new Crash();
          expect(batches.get(number) ?? texts, "a repeated batch has the same records").to.deep.equal(texts);
          batches.set(number, texts);
          if (crashes("after")) throw new Crash();
          const sum = texts.reduce((total, text) => total + Number(text), state);
          sums.push(sum);
          return Promise.resolve(sum);
        },
      },
    );
  return { run, batches, sums };
};

describe("Micro-batches", () => {
  it("read what is there, in batches, and go on behind it", async () => {
    const world = await worldWith();
    const { run, sums } = queryOn(world);
    expect(await run()).to.deep.equal({ records: 0, isBehind: false });
    put(world, ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(await run()).to.deep.equal({ records: 9, isBehind: false });
    put(world, ["10"]);
    expect(await run()).to.deep.equal({ records: 1, isBehind: false });
    expect(sums.at(-1)).to.equal(55);
  });

  it("read each record once, wherever a run breaks off, however many there are", async () => {
    const numbers = fc.uniqueArray(fc.nat(10_000), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(numbers, { maxLength: 4 }), fc.array(fc.nat(3)), async (drops, dice) => {
        const world = await worldWith();
        const rolls = [...dice];
        const { run, batches, sums } = queryOn(world, () => rolls.pop() === 0);
        for (const drop of drops) {
          put(world, drop.map(String));
          for (let done = false; !done;) {
            try {
              done = !(await run()).isBehind;
            } catch (error) {
              if (!(error instanceof Crash)) throw error;
              // What comes while it is down belongs to no batch that was begun.
              put(world, []);
            }
          }
        }
        const all = drops.flat();
        expect([...batches.values()].flat().map(Number).toSorted()).to.deep.equal(all.toSorted());
        expect(sums.at(-1) ?? 0).to.equal(all.reduce((sum, number) => sum + number, 0));
      }),
      { numRuns: 60 },
    );
  });

  it("count a batch once that two work on at the same time", async () => {
    const world = await worldWith();
    put(world, ["1", "2", "3"]);
    const [one, two] = [queryOn(world), queryOn(world)];
    const answers = await Promise.all([one.run(), two.run()]);
    await one.run();
    expect([...one.sums, ...two.sums].at(-1)).to.equal(6);
    expect(answers.some(({ isBehind }) => !isBehind)).to.equal(true);
    const { sums } = queryOn(world);
    expect(sums).to.deep.equal([]);
  });

  it("keep no more of their checkpoint than the next batch needs", async () => {
    const world = await worldWith();
    const { run } = queryOn(world);
    for (let number = 0; number < 5; number += 1) {
      put(world, [String(number)]);
      await run();
    }
    const { Contents = [] } = world.s3.listObjectsV2({ Bucket: "data", Prefix: "checkpoints/q/" });
    expect(Contents.map(({ Key }) => Key.split("/").slice(2).join("/"))).to.deep.equal([
      "commits/0000000003.json",
      "commits/0000000004.json",
      "offsets/0000000003.json",
      "offsets/0000000004.json",
    ]);
  });

  it("refuse a checkpoint that is no place", async () => {
    const world = await worldWith();
    const { s3, kinesis } = createClients(world.api, roleArn("reader"));
    const query = {
      args: { ...args, "--checkpoint_location": "s3://data" },
      initial: 0,
      process: () => Promise.resolve(0),
    };
    const failure = await runMicroBatches({ s3, kinesis, log: () => undefined }, query).catch(
      (error: unknown) => error,
    );
    expect(String(failure)).to.include("--checkpoint_location must be s3://bucket/prefix/, got s3://data");
  });
});

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { UsageError } from "../../../../cli/lib/command.ts";
import type { BackfillReport } from "../../../../cli/deployed/backfill/report.ts";
import { executionName } from "../../../../functions/lib/execution-name.ts";
import { backfilled, benchOf, type Bench } from "../../../support/deployed/backfill.ts";
import { Crash } from "../../../support/deployed/embedded.ts";
import { graphOf } from "../../../support/stacks.ts";

const config = { standIn: "false", maxConcurrentRuns: "1000", simulatedFailureRate: "0" };

describe("runBackfill on a stack without a queue", () => {
  let bench: Bench;

  beforeEach(async () => {
    bench = await benchOf(await graphOf("local", config), { config });
  });
  afterEach(() => {
    bench.remove();
  });

  const nameOf = (key: string, versionId: string): string =>
    executionName({ bucket: bench.deployment.outputs.landingBucket, key, versionId, sequencer: "" });
  const landAll = async (keys: readonly string[]): Promise<readonly string[]> => {
    const names: string[] = [];
    for (const key of keys) names.push(nameOf(key, await bench.land(key)));
    return names;
  };
  const remembered = (): readonly string[] => {
    const folder = join(bench.folder, ".glue-pipeline");
    return existsSync(folder) ? readdirSync(folder) : [];
  };
  const numbered = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `incoming/f${String(index).padStart(4, "0")}.csv`);

  it("starts the execution that the notification would have started, for the latest version of each file", async () => {
    await bench.land("incoming/a b+é.csv");
    const names = await landAll(["incoming/a b+é.csv", "incoming/c.csv"]);
    await bench.land("elsewhere/d.csv");
    await bench.land("incoming/folder/", "");
    const { code, out } = await backfilled(bench);
    await bench.cloud.settle();
    expect(bench.started()).to.have.members(names);
    expect(code).to.equal(0);
    expect(out).to.match(/^2 files in \S+\/incoming\/, 16 B; 0 of them known already$/m);
    expect(out).to.match(/^2 files sent in /m);
    expect(remembered()).to.deep.equal([]);
  });

  it("starts nothing twice, whether the file was dispatched before or is at the same time", async () => {
    await landAll(numbered(30));
    await backfilled(bench, ["--prefix=incoming/f000"]);
    await bench.cloud.settle();
    const { out } = await backfilled(bench, ["--json"]);
    await bench.cloud.settle();
    const report = JSON.parse(out) as BackfillReport;
    expect(report).to.deep.include({ sent: 30, already: 10, complete: true, known: { looked: 30, known: 10 } });
    expect(report.estimate.newFiles).to.equal(20);
    expect(bench.started()).to.have.length(30);
    expect(new Set(bench.started())).to.have.property("size", 30);
  });

  it("takes what it is told to: prefix, suffix, times and how many", async () => {
    await landAll(["incoming/x/1.csv", "incoming/x/2.txt"]);
    await bench.sleep(3_600_000);
    const wanted = await landAll(["incoming/x/3.csv", "incoming/x/4.csv", "incoming/x/5.csv"]);
    await landAll(["incoming/y/6.csv"]);
    await bench.sleep(3_600_000);
    await landAll(["incoming/x/7.csv"]);
    const { code } = await backfilled(bench, [
      "--prefix=incoming/x/",
      "--suffix=.csv",
      "--since=90m",
      "--until=30m",
      "--limit=2",
    ]);
    expect(code).to.equal(0);
    expect(bench.started()).to.have.members(wanted.slice(0, 2));
  });

  it("sends nothing when it is only to say what it would send", async () => {
    await landAll(numbered(12));
    const { code, out } = await backfilled(bench, ["--dry-run"]);
    expect(code).to.equal(0);
    expect(out)
      .to.match(/^12 files in /m)
      .and.to.match(/^12 runs · about \$/m);
    expect(out)
      .to.include("  incoming/f0000.csv  8 B\n")
      .and.to.match(/^ {2}… and 2 more$/m);
    expect(bench.started()).to.deep.equal([]);
    expect(remembered()).to.deep.equal([]);
  });

  it("asks on a terminal, and sends nothing unless the answer is yes", async () => {
    const [name = ""] = await landAll(["incoming/a.csv"]);
    const asked: string[] = [];
    const answers = (answer: string) => ({
      io: {
        ask: (question: string) => {
          asked.push(question);
          return Promise.resolve(answer);
        },
      },
    });
    const declined = await backfilled(bench, [], answers(""));
    expect(declined).to.include({ code: 1 });
    expect(declined.out).to.match(/^Nothing was sent\.$/m);
    expect(bench.started()).to.deep.equal([]);
    expect((await backfilled(bench, [], answers("y"))).code).to.equal(0);
    expect(bench.started()).to.deep.equal([name]);
    expect(asked).to.deep.equal(["Send 1 file? [y/N] ", "Send 1 file? [y/N] "]);
    await backfilled(bench, ["--yes"], answers(""));
    expect(asked).to.have.length(2);
  });

  it("keeps to the rate", async () => {
    await landAll(numbered(61));
    const before = bench.now();
    await backfilled(bench, ["--rate=20"]);
    // A second's worth goes at once; the rest of 61 takes two seconds at 20 a second.
    expect(bench.now() - before).to.be.within(2000, 2200);
  });

  it("is patient where the dispatcher is throttled", async () => {
    const names = await landAll(numbered(3));
    let throttled = 0;
    const { code } = await backfilled(bench, [], {
      intercept: ({ operation }) => {
        if (operation !== "invoke" || throttled === 3) return undefined;
        throttled++;
        throw Object.assign(new Error("Rate Exceeded."), { name: "TooManyRequestsException", $fault: "client" });
      },
    });
    expect([code, throttled]).to.deep.equal([0, 3]);
    expect(bench.started()).to.have.members(names);
  });

  it("says where files land when the prefix is of others", async () => {
    const failed: unknown = await backfilled(bench, ["--prefix=2026/"]).catch((error: unknown) => error);
    expect(failed).to.be.instanceOf(UsageError);
    expect(String(failed)).to.include('--prefix must begin with "incoming/", where files land, got "2026/"');
  });

  it("says so when there is nothing to send", async () => {
    const { code, out } = await backfilled(bench, ["--prefix=incoming/nothing"]);
    expect(code).to.equal(0);
    expect(out).to.match(/^There is nothing to send\.$/m);
    expect(out).to.not.include("files sent");
  });

  it("is not for an express machine, which would start a file twice", async () => {
    const config = { ...bench.deployment.config, "glue-pipeline:stateMachineType": "EXPRESS" };
    const refused = await backfilled({ ...bench, deployment: { ...bench.deployment, config } }).catch(String);
    expect(refused).to.match(/^DeploymentError: stack local has an EXPRESS state machine, .* upload the files again/);
  });

  it("goes on where it was stopped, and begins again when told to", async () => {
    await landAll(numbered(200));
    let sent = 0;
    const stopped = await backfilled(bench, [], {
      intercept: ({ operation }) => {
        if (operation === "invoke") sent++;
        return undefined;
      },
      isStopped: () => sent >= 4,
    });
    expect(stopped.code).to.equal(1);
    expect(stopped.out).to.match(/^Interrupted: 80 of 200 files sent\. The same command goes on from there\.$/m);
    expect(remembered()).to.have.length(1);
    expect(bench.started()).to.have.length(80);

    const resumed = await backfilled(bench, ["--json"]);
    const report = JSON.parse(resumed.out) as BackfillReport;
    expect(resumed.err).to.match(/^Goes on behind 80 files sent since 2026-/m);
    expect(report).to.deep.include({ sent: 200, already: 0, complete: true });
    expect(remembered()).to.deep.equal([]);
    expect(bench.started()).to.have.length(200);

    await bench.cloud.settle();
    const over = await backfilled(bench, ["--restart", "--json"]);
    expect(JSON.parse(over.out)).to.deep.include({ sent: 200, already: 200 });
  });

  it("sends nothing more once it is stopped, though it no longer waits for the rate", async () => {
    await landAll(numbered(100));
    let stopped = false;
    const { code, out } = await backfilled(bench, ["--rate=20"], {
      intercept: ({ operation }) => {
        if (operation === "invoke") stopped = true;
        return undefined;
      },
      isStopped: () => stopped,
    });
    expect(code).to.equal(1);
    expect(out).to.match(/^Interrupted: 20 of 100 files sent\./m);
    expect(bench.started()).to.have.length(20);
    const rest = await backfilled(bench, ["--json"]);
    expect(JSON.parse(rest.out)).to.deep.include({ sent: 100, already: 0, complete: true });
    expect(bench.started()).to.have.length(100);
  });

  it("takes no count that was stopped for a plan", async () => {
    await landAll(numbered(3));
    for (const options of [["--dry-run"], []]) {
      const { code, out } = await backfilled(bench, options, { isStopped: () => true });
      expect(code).to.equal(1);
      expect(out).to.match(/^Interrupted before all was counted: nothing was sent\.$/m);
      expect(out).not.to.match(/files in/);
    }
    expect(bench.started()).to.deep.equal([]);
    expect(remembered()).to.deep.equal([]);
  });

  it("gives each version exactly one execution, wherever it dies and however often, with live events beside it", async function () {
    this.timeout(30_000);
    const graph = await graphOf("local", config);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 110 }),
        fc.array(fc.record({ calls: fc.nat(12), isMade: fc.boolean() }), { maxLength: 4 }),
        fc.array(fc.constantFrom([], [0], [0, 40], [500]), { minLength: 1, maxLength: 5 }),
        async (files, deaths, deliveries) => {
          let landed = 0;
          const one = await benchOf(graph, {
            config,
            deliveries: () => deliveries[landed++ % deliveries.length] ?? [],
          });
          try {
            const bucket = one.deployment.outputs.landingBucket;
            const expected: string[] = [];
            for (const key of numbered(files)) {
              const versionId = await one.land(key);
              expected.push(executionName({ bucket, key, versionId, sequencer: "" }));
            }
            for (const { calls, isMade } of deaths) {
              let left = calls;
              const died = await backfilled(one, ["--rate=100"], {
                intercept: ({ operation, input }) => {
                  if (operation !== "invoke" || left-- > 0) return undefined;
                  // The call arrives, its answer does not.
                  if (isMade && left === -1) void one.cloud.asUser.call("lambda", operation, input);
                  throw new Crash();
                },
              }).catch((error: unknown) => error);
              if (!(died instanceof Crash)) expect(died).to.include({ code: 0 });
            }
            expect((await backfilled(one)).code).to.equal(0);
            await one.cloud.settle();
            expect([...one.started()].sort()).to.deep.equal(expected.sort());
          } finally {
            one.remove();
          }
        },
      ),
      { numRuns: 8 },
    );
  });
});

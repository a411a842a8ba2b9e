import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import type { Entry } from "../../functions/lib/direct/entry.ts";
import { dispatched, uploadSilently } from "../support/deployed/events.ts";
import { eventually, upload } from "../support/deployed/files.ts";
import { failuresIn } from "../support/deployed/queues.ts";
import { deployed, quickRuns } from "../support/deployed/deployed.ts";

describe("The local stack without a state machine", function () {
  this.timeout("3 minutes");
  const scenario = {
    "simulatedScenarios[0].match": "*bad*",
    "simulatedScenarios[0].Return.JobRunState": "FAILED",
  };
  const config = { ...quickRuns, dispatch: "direct", maxAttempts: "2", maxConcurrentRuns: "2", jobRunQueuing: "false" };
  const stack = deployed({ config: { ...config, ...scenario } });

  /** Every file that was dispatched, once all have come to their end. */
  const allEntries = (count: number): Promise<readonly Entry[]> =>
    eventually(`the end of ${count} files`, 120, async () => {
      const { clients, outputs } = stack();
      const { Items = [] } = await clients.dynamodb.send(new ScanCommand({ TableName: outputs.ledgerTable }));
      const entries = Items.map((item) => JSON.parse(item.Entry?.S ?? "{}") as Entry);
      const ended = entries.filter(({ step }) => step === "Done");
      return ended.length === count ? ended : undefined;
    });

  const endsOf = (entries: readonly Entry[]): readonly unknown[] =>
    entries.map(({ input, attempt, result }) => [input.arguments.key, result?.outcome, attempt]);

  it("has no machine, and changes nothing when it is deployed again", async () => {
    const { project, outputs } = stack();
    expect(outputs.stateMachineArn).to.equal("null");
    expect(Object.keys((await project.up()).changes)).to.deep.equal(["same"]);
  });

  it("takes files to their ends: succeeded, run again and failed, rejected", async () => {
    const { clients, outputs } = stack();
    for (const name of ["good.csv", "bad.csv", "wrong.pdf"]) {
      await upload(clients, outputs, { key: `incoming/${name}`, body: "a\n1\n" });
    }
    expect(endsOf(await allEntries(3))).to.have.deep.members([
      ["incoming/good.csv", "succeeded", 1],
      ["incoming/bad.csv", "failed", 2],
      ["incoming/wrong.pdf", "rejected", 1],
    ]);
    const [failure, ...others] = (await failuresIn(clients, outputs)) as { error: string }[];
    expect(others).to.deep.equal([]);
    expect(failure).to.include({ error: "JobRun.FAILED", outcome: "failed" });
  });

  it("takes a file on once when its event comes five times at once, and many files over few places", async () => {
    const { clients, outputs } = stack();
    const { record } = await uploadSilently(clients, outputs, { key: "five.csv", body: "a\n1\n" });
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => dispatched(clients, outputs, record)));
    expect(answers.filter(({ started }) => started === 1)).to.have.length(1);
    const names = Array.from({ length: 8 }, (_, index) => `incoming/${index}.csv`);
    await Promise.all(names.map((key) => upload(clients, outputs, { key, body: "a\n1\n" })));
    const entries = await allEntries(12);
    expect(endsOf(entries)).to.deep.include.members(names.map((key) => [key, "succeeded", 1]));
    expect(endsOf(entries)).to.deep.include(["elsewhere/five.csv", "succeeded", 1]);
  });
});

import { expect } from "chai";
import fc from "fast-check";
import { failureMessageIn, replayNameOf } from "../../../cli/deployed/failure-messages.ts";

const input = { jobName: "j", arguments: { bucket: "b", key: "in/a.csv", versionId: "v", size: 1, sequencer: "" } };
const failed = { outcome: "failed", executionName: `a-csv-${"0".repeat(64)}`, file: input.arguments, input };

describe("failureMessageIn", () => {
  it("starts a failed execution with its input, or from the stage that failed", () => {
    expect(failureMessageIn(JSON.stringify(failed))).to.deep.equal({
      kind: "execution",
      executionName: failed.executionName,
      key: "in/a.csv",
      replayName: replayNameOf(failed.executionName, JSON.stringify(input)),
      input: JSON.stringify(input),
    });
    const replay = { ...input, resume: { from: "Totals" } };
    expect(failureMessageIn(JSON.stringify({ ...failed, replay }))).to.include({ input: JSON.stringify(replay) });
  });

  it("knows a file of a batch, and a message of the arrivals queue", () => {
    const one = { ...failed, name: "n", generation: 2 };
    expect(failureMessageIn(JSON.stringify(one))).to.deep.equal({
      kind: "file",
      name: "n",
      generation: 2,
      file: input.arguments,
    });
    const body = JSON.stringify({ Records: [{ s3: { object: { key: "in/a+b%2B.csv" } } }] });
    expect(failureMessageIn(body)).to.deep.equal({ kind: "arrival", keys: ["in/a b+.csv"], body });
    const request = JSON.stringify({ Replay: [{ file: { key: "in/c.csv" } }] });
    expect(failureMessageIn(request)).to.deep.include({ kind: "arrival", keys: ["in/c.csv"] });
  });

  it("knows what was meant for the outcomes queue", () => {
    const reminder = JSON.stringify({ Remind: "batch-1", Turn: 3 });
    expect(failureMessageIn(reminder)).to.deep.equal({
      kind: "reminder",
      executionName: "batch-1",
      keys: [],
      body: reminder,
    });
    const result = JSON.stringify({ outcome: "rejected", executionName: "n", file: input.arguments });
    expect(failureMessageIn(result)).to.deep.equal({
      kind: "result",
      executionName: "n",
      keys: ["in/a.csv"],
      body: result,
    });
  });

  it("says why it cannot do anything with another", () => {
    for (const body of ["text", "[]", '{"Remind":1}', '{"outcome":"succeeded"}', '{"outcome":"failed"}']) {
      expect(failureMessageIn(body).kind, body).to.equal("unknown");
    }
  });
});

describe("replayNameOf", () => {
  it("is a name that Step Functions takes, the same for the same failure only", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 80 }), fc.string(), fc.string(), (name, one, other) => {
        expect(replayNameOf(name, one)).to.match(/^[\w-]{1,80}$/);
        expect(replayNameOf(name, one) === replayNameOf(name, other)).to.equal(one === other);
      }),
    );
  });

  it("does not grow with each replay of a replay", () => {
    const first = replayNameOf(failed.executionName, "{}");
    expect(first).to.match(/^again-a-csv-/);
    expect(replayNameOf(first, "{}"))
      .to.match(/^again-a-csv-/)
      .and.not.to.equal(first);
  });
});

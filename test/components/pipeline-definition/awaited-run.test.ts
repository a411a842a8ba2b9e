import { expect } from "chai";
import { StatesError } from "../../../local/states/machine.ts";
import { execute } from "../../local/states/harness.ts";
import { definitionOf, graphOf } from "../../support/stacks.ts";

const file = { bucket: "b", key: "incoming/a.csv", versionId: "null", size: 7 };

/** What an execution comes to whose starts of runs answer, or fail, as given, one after another. */
const ended = async (...answers: readonly unknown[]) => {
  const definition = definitionOf(await graphOf("prod", { completion: "sync" }));
  const left = [...answers];
  const starts: unknown[] = [];
  const kept: unknown[] = [];
  const { result } = await execute(definition, {
    input: { jobName: "j", arguments: file },
    context: { Execution: { Name: "x", Input: {} } },
    task: ({ stateName, arguments: given }) => {
      if (stateName === "KeepFailure") kept.push(JSON.parse((given as { MessageBody: string }).MessageBody));
      if (stateName !== "StartJobRun") return { MessageId: "m" };
      starts.push(given);
      const answer = left.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { result, starts: starts.length, kept };
};

const jobRun = (JobRunState: string, more: object = {}) => ({ Id: "jr_1", JobName: "j", JobRunState, ...more });
const failed = (cause: unknown) =>
  new StatesError("States.TaskFailed", typeof cause === "string" ? cause : JSON.stringify(cause));
/** How a function's error reaches Step Functions. */
const ofFunction = (errorMessage: string) =>
  failed({ errorType: "States.TaskFailed", errorMessage, trace: ["States.TaskFailed"] });

describe("A pipeline whose task waits for the run", () => {
  it("trusts the run's state, not the task's success", async () => {
    const { result, starts } = await ended(jobRun("STOPPED"));
    expect(result).to.include({
      status: "FAILED",
      error: "JobRun.STOPPED",
      cause: "Job run jr_1 of j was STOPPED after attempt 1",
    });
    expect(starts).to.equal(1);
  });

  for (const [who, wrapped] of [
    ["Glue", (run: object) => failed(run)],
    ["a function", (run: object) => ofFunction(JSON.stringify(run))],
  ] as const) {
    it(`reads a failed run that ${who} tells of`, async () => {
      const broken = wrapped(jobRun("FAILED", { ErrorMessage: 'a "b" \\ {c', ExecutionTime: 7 }));
      const { result, starts, kept } = await ended(broken, broken, broken, "never asked for");
      expect(starts, "as many as maxAttempts, none by Retry").to.equal(3);
      expect(result).to.include({
        error: "JobRun.FAILED",
        cause: 'Job run jr_1 of j was FAILED after attempt 3: a "b" \\ {c',
      });
      expect(kept[0]).to.deep.include({
        jobRun: { Id: "jr_1", JobRunState: "FAILED", ExecutionTime: 7, ErrorMessage: 'a "b" \\ {c' },
      });
    });

    it(`runs again after a failure that ${who} tells of, and reports the run that succeeded`, async () => {
      const { result } = await ended(wrapped(jobRun("ERROR")), jobRun("SUCCEEDED", { Id: "jr_2" }));
      expect(result).to.deep.include({ status: "SUCCEEDED" });
      expect("output" in result && result.output).to.deep.include({
        attempts: 2,
        jobRun: { Id: "jr_2", JobRunState: "SUCCEEDED", ExecutionTime: 0, ErrorMessage: "" },
      });
    });
  }

  const raw: readonly [string, string][] = [
    ["is empty", ""],
    ["is plain text", "JobRunState unknown"],
    ["is JSON that tells of no run", '{"message":"no JobRunState here"}'],
    ["tells of a function that broke", '{"errorType":"TypeError","errorMessage":"JobRunState is not a function"}'],
    ["has been cut", `{"JobRunState":"FAILED","ErrorMessage":"${"x".repeat(32_768)}`.slice(0, 32_768)],
    [
      "has been cut behind a brace",
      `{"JobRunState":"FAILED","Arguments":{"a":"${"x".repeat(32_768)}`.slice(0, 32_767) + "}",
    ],
  ];
  for (const [what, cause] of raw) {
    it(`passes an error on as it came where its cause ${what}`, async () => {
      const { result, starts, kept } = await ended(failed(cause));
      expect(starts).to.equal(1);
      expect(result).to.deep.include({ status: "FAILED", error: "States.TaskFailed" });
      expect(kept[0]).to.include({ error: "States.TaskFailed", cause });
    });
  }

  it("asks again for a run that Glue had no place or no time for, and never after a function fell silent", async () => {
    const busy = new StatesError("Glue.ConcurrentRunsExceededException", "full");
    const throttled = new StatesError("Glue.AWSGlueException", "Rate exceeded");
    expect(await ended(busy, throttled, busy, jobRun("SUCCEEDED"))).to.deep.include({ starts: 4 });
    const silent = new StatesError("Sandbox.Timedout", '{"errorMessage":"Task timed out"}');
    const { starts, result } = await ended(silent, jobRun("SUCCEEDED"));
    expect(starts).to.equal(1);
    expect(result).to.include({ error: "Sandbox.Timedout" });
  });
});

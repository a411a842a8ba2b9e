import { expect } from "chai";
import { keyOf } from "../../../components/config/keys.ts";
import { executionMinutes, patienceSeconds } from "../../../components/execution-time.ts";
import { machineRules } from "../../../components/rules/machine-rules.ts";
import { problemText } from "../../../components/rules/problem.ts";
import type { RuledArgs } from "../../../components/rules/pipeline-rules.ts";
import { busy, busyFor, longestPatienceSeconds } from "../../../components/task-retries.ts";

const problems = (args: Partial<RuledArgs>): readonly string[] =>
  machineRules({ mode: "real", job: {}, ...args }).map((problem) => problemText(problem, keyOf));

describe("Rules of the state machine", () => {
  it("let the defaults pass, with either way to wait for a run", () => {
    expect(problems({})).to.deep.equal([]);
    expect(problems({ completion: "sync" })).to.deep.equal([]);
    expect(problems({ completion: "event" })).to.deep.equal([]);
  });

  it("refuse to wait for an event for as long as a run is watched, and to say how long where no event is waited for", () => {
    expect(problems({ completion: "event", eventHeartbeatSeconds: 7200 })).to.deep.equal([
      "eventHeartbeatSeconds must be less than 7200, after which a run is given up: a run whose event is lost is looked " +
        "for before; or set giveUpAfterMinutes to more, got 7200",
    ]);
    expect(problems({ completion: "event", giveUpAfterMinutes: 10 })).to.deep.equal([
      "eventHeartbeatSeconds must be less than 600, after which a run is given up: a run whose event is lost is looked " +
        "for before; or raise giveUpAfterMinutes (10), got 900",
    ]);
    expect(problems({ completion: "event", eventHeartbeatSeconds: 7199 })).to.deep.equal([]);
    expect(problems({ eventHeartbeatSeconds: 300 })).to.deep.equal([
      'eventHeartbeatSeconds must be left out unless completion is "event", got 300',
    ]);
  });

  it("refuse an event where executions live for minutes", () => {
    expect(
      problems({
        stateMachineType: "EXPRESS",
        completion: "event",
        job: { timeoutMinutes: 1 },
        giveUpAfterMinutes: 1,
        retry: { maxAttempts: 1 },
      }),
    ).to.deep.equal([
      'completion must be "poll" with stateMachineType "EXPRESS": an express execution cannot wait for a run, got "event"',
    ]);
  });

  it("refuse a time-out below the time that one run is watched", () => {
    expect(problems({ executionTimeoutMinutes: 90 })).to.deep.equal([
      "executionTimeoutMinutes must be 0 or at least 120, as long as one run is watched; or lower jobTimeoutMinutes " +
        "(60), or set giveUpAfterMinutes, which is an hour more than that, got 90",
    ]);
    expect(problems({ executionTimeoutMinutes: 90, job: { timeoutMinutes: 500 } })[0]).to.include("at least 560");
    expect(problems({ executionTimeoutMinutes: 90, giveUpAfterMinutes: 100 })).to.deep.equal([
      "executionTimeoutMinutes must be 0 or at least 100, as long as one run is watched; or lower giveUpAfterMinutes " +
        "(100), got 90",
    ]);
    expect(problems({ executionTimeoutMinutes: 90, giveUpAfterMinutes: 90 })).to.deep.equal([]);
  });

  it("refuse a task that would give up a run before the run's own time-out, with five minutes of slack", () => {
    expect(problems({ completion: "sync", giveUpAfterMinutes: 64 })).to.deep.equal([
      'giveUpAfterMinutes must be 0 or at least 65 with completion "sync": 5 minutes more than a run may take, as ' +
        "nothing stops a run that its task has given up; or lower jobTimeoutMinutes (60), got 64",
    ]);
    expect(problems({ completion: "sync", giveUpAfterMinutes: 65 })).to.deep.equal([]);
    expect(problems({ completion: "poll", giveUpAfterMinutes: 10 }), "a polled run is stopped").to.deep.equal([]);
  });

  it("refuse an express machine for jobs that can outlast it, with all that stands against it at once", () => {
    expect(problems({ stateMachineType: "EXPRESS", completion: "sync", logLevel: "OFF" })).to.deep.equal([
      'completion must be "poll" with stateMachineType "EXPRESS": an express execution cannot wait for a run, got "sync"',
      'jobTimeoutMinutes must be at most 5 with stateMachineType "EXPRESS", whose executions end after 5 minutes; or ' +
        'set stateMachineType to "STANDARD", got 60',
      'stateMachineType must be "STANDARD": watching 3 runs for 120 minutes each, with the waits between them, takes up ' +
        "to 362 minutes, and an express execution ends after 5; or set giveUpAfterMinutes (120) to 1, or lower maxAttempts " +
        '(3) or retryIntervalSeconds (30), got "EXPRESS"',
      'logLevel must be "ALL" or "ERROR" with stateMachineType "EXPRESS": its log is all that is left of an execution, got "OFF"',
    ]);
    const short = { stateMachineType: "EXPRESS", job: { timeoutMinutes: 1 }, giveUpAfterMinutes: 1 } as const;
    expect(problems(short)).to.deep.equal([]);
    expect(problems({ ...short, retry: { maxAttempts: 5 } })).to.have.length(1);
  });
});

describe("An execution's time-out", () => {
  it("is what it is set to, or room for every run, every wait and every refusal", () => {
    expect(executionMinutes({ executionTimeoutMinutes: 90 }, 60)).to.equal(90);
    const derived = executionMinutes({}, 120);
    const needed = 3 * 120 + 1.5 + (3 * longestPatienceSeconds(busy)) / 60;
    expect(derived).to.be.within(needed, needed + 70);
  });

  it("is a year at the most, and five minutes of an express execution", () => {
    expect(executionMinutes({ retry: { maxAttempts: 20 } }, 100_000)).to.equal(525_600);
    expect(executionMinutes({ stateMachineType: "EXPRESS" }, 1)).to.equal(5);
    expect(executionMinutes({ stateMachineType: "EXPRESS", executionTimeoutMinutes: 90 }, 1)).to.equal(5);
  });

  it("leaves an express execution as much patience with a busy job as its runs do not need", () => {
    const retry = { maxAttempts: 1 };
    const seconds = patienceSeconds({ stateMachineType: "EXPRESS", retry }, 2);
    expect(seconds).to.equal(150);
    expect(longestPatienceSeconds(busyFor(seconds))).to.be.within(1, 150);
    expect(busyFor(patienceSeconds({ stateMachineType: "EXPRESS", retry }, 5)).maxAttempts).to.equal(0);
    expect(busyFor(patienceSeconds({ retry }, 5))).to.deep.equal(busy);
  });
});

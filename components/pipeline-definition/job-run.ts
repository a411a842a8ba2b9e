import type { JobCalls } from "../glue-job.ts";
import type { State } from "../state-machine/states.ts";
import { awaitedRun } from "./awaited-run.ts";
import { eventRun } from "./event-run.ts";
import { polledRun } from "./polled-run.ts";
import { reading, remember, type RunFlow } from "./run-flow.ts";

/** The states of a run, whoever waits for its end. */
export const jobRun = (flow: RunFlow, calls: JobCalls): Readonly<Record<string, State<string>>> => {
  switch (calls.completion) {
    case "poll":
      return polledRun(flow, calls);
    case "sync":
      return awaitedRun(flow, calls.startJobRun);
    case "event":
      return eventRun(flow, calls);
  }
};

/** Between two runs. */
export const backOff = (flow: RunFlow): State<string> => ({
  type: "Wait",
  comment: "Let what broke the run pass before the next one",
  seconds: reading(
    flow,
    (read) => `$floor(${flow.retry.intervalSeconds} * $power(${flow.retry.backoffRate}, ${read("attempt")} - 1))`,
  ),
  assign: remember(flow, { attempt: reading(flow, (read) => `${read("attempt")} + 1`) }),
  next: flow.state("StartJobRun"),
});

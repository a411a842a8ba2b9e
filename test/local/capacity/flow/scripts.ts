import { createHash } from "node:crypto";
import type { Outcome } from "../../../../local/capacity/flow.ts";
import { STAND_IN } from "../../../../local/capacity/flow/stand-ins.ts";

/** What a call does, whoever makes it. */
export interface Answer {
  readonly ms: number;
  readonly outcome: Outcome;
}

export interface Call {
  readonly state: string;
  /** Milliseconds since the start. */
  readonly at: number;
  readonly resource: string;
  /** As JSON. */
  readonly arguments: string;
}

/** Arguments of a call as JSON, without the file's size: a flow has another of the same class. */
export const shownOf = (args: unknown): string =>
  JSON.stringify(args).replaceAll(/(size\\*":\\*"?|its size, )\d+/g, "$1SIZE");

/** Answers the same call at the same time the same way. */
export type Script = (call: Call) => Answer;

/** How an execution went. */
export interface Course {
  readonly calls: readonly Call[];
  readonly transitions: number;
  readonly events: number;
  readonly status: string;
  readonly error: string | undefined;
  readonly ms: number;
}

const errors = [
  ...["Glue.ConcurrentRunsExceededException", "Glue.ThrottlingException", "Lambda.TooManyRequestsException"],
  ...["Glue.EntityNotFoundException", "Broken", "States.TaskFailed", "States.Timeout", "States.HeartbeatTimeout"],
  ...["States.Permissions", "States.Runtime", "States.DataLimitExceeded"],
];

const jobRunStates = [
  "STARTING",
  "RUNNING",
  "RUNNING",
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
  "TIMEOUT",
  "STOPPED",
  "ERROR",
];

export interface Tendencies {
  readonly seed: number;
  /** Of calls, 0 to 1. */
  readonly failing: number;
  /** How much longer a run goes on than it would, 0 to 1. */
  readonly running: number;
}

/** Any answers, by the seed. */
export const scriptOf =
  ({ seed, failing, running }: Tendencies): Script =>
  (call) => {
    const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = createHash("sha256")
      .update(JSON.stringify([seed, call.state, Math.round(call.at), call.arguments]))
      .digest();
    // Odd fractions, which the clock adds without loss: of two that end at one instant, either may be told first.
    const ms = 1 + fourth * 17 + third + (fifth * 4 + (sixth % 4)) / 1024;
    if (first < failing * 256) return { ms, outcome: failed(pick(errors, second)) };
    return { ms, outcome: { result: resultIn(second < running * 256 ? "RUNNING" : pick(jobRunStates, third)) } };
  };

export const failed = (name: string): Outcome => ({ error: { name, cause: `because of ${name}` } });

/** Has all that any of the calls gives. */
export const resultIn = (JobRunState: string): unknown => {
  const JobRun = {
    Id: `jr_${STAND_IN}`,
    JobRunState,
    ...(JobRunState === "SUCCEEDED" && { ExecutionTime: 7 }),
    ...(JobRunState === "FAILED" && { ErrorMessage: "it broke" }),
  };
  return { JobRunId: JobRun.Id, ...JobRun, JobRun, JobRuns: [JobRun], Errors: [] };
};

const pick = <T>(all: readonly T[], byte: number): T => {
  const picked = all[byte % all.length];
  if (picked === undefined) throw new Error("nothing to pick from");
  return picked;
};

/** Time a call takes, and what it then gives: nobody waits longer than its time-outs. */
export const within = (
  { ms, outcome }: Answer,
  state: string,
  { timeoutSeconds, heartbeatSeconds }: { readonly timeoutSeconds: number; readonly heartbeatSeconds: number },
): Answer => {
  const most = 1000 * Math.min(timeoutSeconds, heartbeatSeconds);
  if (ms < most) return { ms, outcome };
  const [name, cause] =
    timeoutSeconds <= heartbeatSeconds
      ? ["States.Timeout", `The task of ${state} took longer than its TimeoutSeconds`]
      : ["States.HeartbeatTimeout", `The task of ${state} was silent for its HeartbeatSeconds`];
  return { ms: most, outcome: { error: { name, cause } } };
};

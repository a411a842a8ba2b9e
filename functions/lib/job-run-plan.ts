import { createHash } from "node:crypto";
import { findScenario } from "./scenario.ts";
import type { FinalState, Simulation } from "./job-definition.ts";

/** What will become of a run if nobody stops it, in milliseconds from the moment it begins. Drawn once, at its start. */
export interface RunPlan {
  readonly JobRunState: FinalState;
  readonly ErrorMessage?: string;
  /** In STARTING. */
  readonly startUp: number;
  /** In RUNNING; for an EXPIRED run, in WAITING. */
  readonly running: number;
  /** In RUNNING, had the run done all its work. */
  readonly allWork: number;
  /** In STOPPING, if the run is stopped. */
  readonly stopping: number;
  /** Its work decides how it ends and when; `running` is what it may take at most. */
  readonly measured?: boolean;
  /** It ends as SUCCEEDED once its stream has been quiet for so long. */
  readonly idle?: number;
}

/** What decides a run's plan. The same run of the same simulation always gets the same plan. */
export interface PlannedRun {
  readonly id: string;
  /** The job's arguments and the run's, merged. */
  readonly args: Readonly<Record<string, string>>;
  /** Minutes. */
  readonly timeout: number;
  readonly simulation: Simulation;
  /** Of a job that reads a stream. */
  readonly streaming?: boolean;
}

/** Of a run that reads a stream: minutes without a record after which it ends by itself. */
const idleArgument = "--stop_after_idle_minutes";

/** A job argument that makes runs end in the state it names, whatever their key. Scenarios come before it. */
export const finalStateArgument = "--simulated_state";

const finalStates: readonly string[] = Object.keys({
  SUCCEEDED: true,
  FAILED: true,
  TIMEOUT: true,
  ERROR: true,
  STOPPED: true,
  EXPIRED: true,
} satisfies Record<FinalState, true>);

const bytesPerMiB = 1_048_576;

/**
 * Draws the plan of a run.
 *
 * A run that fails does so after a part of its work; one that outlasts its job's Timeout ends there as TIMEOUT,
 * whatever else was meant for it. One that reads a stream goes on until then, unless its stream falls quiet. The
 * simulation's times hold as they are: only failures and stops are left to chance.
 */
export function planRun({ id, args, timeout, simulation, streaming = false }: PlannedRun): RunPlan {
  const [failure, share, stop] = draws(`${simulation.seed}\0${id}`);
  const limit = timeout * 60_000;
  const allWork = workOf(simulation, args);
  const stopping = milliseconds(2 + 4 * stop);
  const startUp = milliseconds(simulation.startUpSeconds);
  const forced = forcedEnd(simulation, args);
  const end = forced ?? randomEnd(failure, simulation.failureRate);
  if (simulation.measured === true && end.JobRunState === "SUCCEEDED") {
    return { ...end, startUp, running: limit, allWork: limit, stopping, measured: true };
  }
  if (streaming && forced === undefined && end.JobRunState === "SUCCEEDED") {
    const idle = idleOf(args);
    const span = { startUp, running: limit, allWork: limit, stopping };
    return { JobRunState: "TIMEOUT", ...span, ...(idle > 0 && { idle }) };
  }
  const endsEarly = end.JobRunState !== "SUCCEEDED" && end.JobRunState !== "EXPIRED";
  const running = endsEarly ? Math.round(allWork * (0.05 + 0.9 * share)) : allWork;
  if (end.JobRunState === "TIMEOUT" || (end.JobRunState !== "EXPIRED" && running > limit)) {
    const told = end.JobRunState === "TIMEOUT" ? end : { JobRunState: "TIMEOUT" as const };
    return { ...told, startUp, running: limit, allWork: Math.max(allWork, limit), stopping };
  }
  return { ...end, startUp, running, allWork, stopping };
}

/** Milliseconds from a run's beginning to its planned end. */
export function plannedLength({ JobRunState, startUp, running, stopping }: RunPlan): number {
  switch (JobRunState) {
    case "EXPIRED":
      return running;
    case "STOPPED":
      return startUp + running + stopping;
    case "SUCCEEDED":
    case "FAILED":
    case "TIMEOUT":
    case "ERROR":
      return startUp + running;
  }
}

type End = Pick<RunPlan, "JobRunState" | "ErrorMessage">;

function forcedEnd(simulation: Simulation, args: PlannedRun["args"]): End | undefined {
  const scenario = findScenario(simulation.scenarios, args);
  if (scenario !== undefined && "Return" in scenario) {
    const { JobRunState, ErrorMessage = defaultMessage(JobRunState) } = scenario.Return;
    return ErrorMessage === undefined ? { JobRunState } : { JobRunState, ErrorMessage };
  }
  const state = args[finalStateArgument];
  if (state === undefined || !isFinalState(state)) return undefined;
  const message = defaultMessage(state);
  return message === undefined ? { JobRunState: state } : { JobRunState: state, ErrorMessage: message };
}

function randomEnd(draw: number, failureRate: number): End {
  if (draw >= failureRate) return { JobRunState: "SUCCEEDED" };
  return { JobRunState: "FAILED", ErrorMessage: `Simulated failure: ${failureRate} of all runs fail` };
}

function defaultMessage(state: FinalState): string | undefined {
  return state === "FAILED" || state === "ERROR" ? `Simulated failure: the run was told to end as ${state}` : undefined;
}

/** Whether a run can be made to end so. */
export function isFinalState(state: string): state is FinalState {
  return finalStates.includes(state);
}

function workOf({ durationSeconds, secondsPerMiB }: Simulation, args: PlannedRun["args"]): number {
  const size = Number(args["--size"] ?? "0");
  const known = Number.isFinite(size) && size > 0 ? size : 0;
  return milliseconds(durationSeconds + (secondsPerMiB * known) / bytesPerMiB);
}

function idleOf(args: PlannedRun["args"]): number {
  const minutes = Number(args[idleArgument] ?? "0");
  return Number.isFinite(minutes) ? milliseconds(minutes * 60) : 0;
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** Three numbers, uniform in [0, 1), that only the text decides. */
function draws(text: string): [number, number, number] {
  const bytes = createHash("sha256").update(text).digest();
  const draw = (at: number): number => bytes.readUIntBE(at, 6) / 2 ** 48;
  return [draw(0), draw(6), draw(12)];
}

import type { DurationModel, Workload } from "../../local/capacity/workload.ts";
import { simulationFor } from "../run/simulation.ts";
import type { Program } from "../lib/program.ts";
import type { SimulateOptions } from "./options.ts";

const FAILURE_RATE = "simulatedFailureRate";

/** What lands, and how long runs take. */
export const workloadOf = (options: SimulateOptions, program: Program): Workload => ({
  files: options.files,
  overSeconds: options.overSeconds,
  arrival: options.arrival,
  size: options.size,
  ...(options.keys !== undefined && { keys: options.keys }),
  duration: durationOf(options.duration, program),
  seed: options.seed,
});

/**
 * A model that says how long runs take is taken as it is; start-up is the stack's unless it says that, too. Without one,
 * runs take as long as the stack's simulated ones. They fail only if someone asks for it: the stack's usual rate is there
 * to show retries, and would spoil a forecast.
 */
function durationOf(given: Partial<DurationModel> | undefined, program: Program): DurationModel {
  const stack = simulationFor(program);
  const isFailureWished = Object.keys(program.config).some(
    (key) => key.slice(key.lastIndexOf(":") + 1) === FAILURE_RATE,
  );
  return {
    fixed: given === undefined ? stack.durationSeconds : 0,
    perFile: 0,
    perMiB: given === undefined ? stack.secondsPerMiB : 0,
    sigma: 0,
    startUp: stack.startUpSeconds,
    failureRate: isFailureWished ? stack.failureRate : 0,
    ...given,
  };
}

import type { Simulation } from "../../functions/lib/job-definition.ts";
import { oftenFor } from "../../functions/lib/sync-looks.ts";
import { validationDefaults } from "../file-validation.ts";
import { longestTimeoutMinutes } from "../glue-job/settings.ts";
import { simulationDefaults } from "../simulated-glue-job.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import type { Problem } from "./problem.ts";

/** So long a function waits for a simulated run; then it needs what is left of its fifteen minutes for the run's work. */
const longestWaitSeconds = oftenFor / 1000;
const bytesPerMiB = 1_048_576;

/** A function lives for fifteen minutes: it cannot wait for every run that a simulation can describe. */
export const simulationRules = (args: RuledArgs): readonly Problem[] => {
  if (args.mode !== "simulated" || args.completion !== "sync") return [];
  const simulation = { ...simulationDefaults, ...args.simulation };
  const maxFileBytes = args.validation?.maxFileBytes ?? validationDefaults.maxFileBytes;
  const timeoutSeconds = longestTimeoutMinutes(args.job) * 60;
  const seconds = simulation.startUpSeconds + longestRunning(simulation, maxFileBytes, timeoutSeconds);
  if (seconds <= longestWaitSeconds) return [];
  return [
    {
      field: "completion",
      must: (say) =>
        `"poll" in simulated mode where a run can take ${Math.ceil(seconds)} seconds: the function that waits for it ` +
        `does so for ${longestWaitSeconds}; or lower ${say("simulation.startUpSeconds")} (${simulation.startUpSeconds}), ` +
        causes(simulation, { maxFileBytes, timeoutSeconds }, say),
      got: args.completion,
    },
  ];
};

const longestRunning = (simulation: Simulation, maxFileBytes: number, timeoutSeconds: number): number =>
  canTimeOut(simulation)
    ? timeoutSeconds
    : Math.min(
        timeoutSeconds,
        simulation.durationSeconds + simulation.secondsPerMiB * Math.ceil(maxFileBytes / bytesPerMiB),
      );

/** A run that is told to end as TIMEOUT takes all its time. */
const canTimeOut = ({ scenarios }: Simulation): boolean =>
  scenarios.some((scenario) => "Return" in scenario && scenario.Return.JobRunState === "TIMEOUT");

const causes = (
  simulation: Simulation,
  { maxFileBytes, timeoutSeconds }: { readonly maxFileBytes: number; readonly timeoutSeconds: number },
  say: (field: string) => string,
): string => {
  const timeout = `${say("job.timeoutMinutes")} (${timeoutSeconds / 60})`;
  if (canTimeOut(simulation)) return `or, for the scenario that ends as TIMEOUT, ${timeout}`;
  const perSize =
    simulation.secondsPerMiB > 0
      ? `, ${say("simulation.secondsPerMiB")} (${simulation.secondsPerMiB}) or ${say("validation.maxFileBytes")} (${maxFileBytes})`
      : "";
  return `${say("simulation.durationSeconds")} (${simulation.durationSeconds})${perSize}, or ${timeout}`;
};

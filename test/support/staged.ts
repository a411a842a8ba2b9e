import { fileURLToPath } from "node:url";
import { aSimulation } from "./jobs.ts";
import { graphsOf } from "./stacks.ts";

/** A program whose stages are Clean, then Totals and, after a pause, Convert side by side as Report, then Publish. */
export const stagesProgram = fileURLToPath(new URL("./programs/stages", import.meta.url));

/** Runs that succeed after twenty seconds, each file one of each. */
export const stagesSimulation = aSimulation();

/** What that program declares. */
export const stagesGraphOf = graphsOf(stagesProgram, { maxAttempts: "1", simulatedFailureRate: "0" });

import type { Clients } from "./clients.ts";
import type { Deployment } from "./deployment.ts";
import { Executions } from "./executions.ts";
import type { RunLength } from "./backfill/estimate.ts";
import { at, parsed } from "../run/json.ts";
import { inParallel } from "./upload.ts";

const LOOKED_AT = 10;

/** How long a run takes: the middle one of the last that succeeded, else what the stack's config expects. */
export async function runLengthOf(
  { outputs }: Deployment,
  clients: Clients,
  expectedSeconds: number,
): Promise<RunLength> {
  const executions = new Executions(clients.stepFunctions, outputs.stateMachineArn);
  const last = await executions.list({ limit: LOOKED_AT, status: "SUCCEEDED" });
  const seconds: number[] = [];
  await inParallel(last, 5, async ({ executionArn = "" }) => {
    const time = at(parsed((await executions.describe(executionArn))?.output), "jobRun", "ExecutionTime");
    if (typeof time === "number" && time > 0) seconds.push(time);
  });
  const middle = seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)];
  return middle === undefined
    ? { seconds: expectedSeconds, from: "expectedRunMinutes" }
    : { seconds: middle, from: `the middle one of the last ${seconds.length}` };
}

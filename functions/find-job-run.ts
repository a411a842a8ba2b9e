import { createGlueCalls } from "./clients/glue.ts";
import { createLambda } from "./clients/lambda.ts";
import { once } from "./lib/environment.ts";
import { GlueError } from "./lib/glue-error.ts";
import { systemLog } from "./lib/system-log.ts";
import { findRunOf, knownJobs, withPlainErrors } from "./lib/token-runs.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { CallsDependencies } from "./lib/token-runs.ts";

interface FindRequest {
  readonly JobName: string;
  readonly ExecutionName: string;
  readonly Attempt: string;
  /** Of a run for an item of a map: which item. */
  readonly MapItem?: string;
  /** The start of the execution, in ISO 8601. */
  readonly Since: string;
}

/** Finds the run that an attempt of an execution has started; the error JobRun.NotFound tells that there is none. */
export function createHandler(
  deps: CallsDependencies & Pick<Dependencies, "log">,
): (event: FindRequest) => Promise<{ JobRunId: string }> {
  const jobs = once(() => knownJobs(deps));
  return ({ JobName, ExecutionName, Attempt, MapItem, Since }) =>
    withPlainErrors(async () => {
      const JobRunId = await findRunOf(jobs().callsOf(JobName), {
        jobName: JobName,
        executionName: ExecutionName,
        attempt: Attempt,
        mapItem: MapItem,
        since: Date.parse(Since),
      });
      deps.log({ level: "WARN", message: "looked for a run of which nothing was told", JobName, JobRunId });
      if (JobRunId !== undefined) return { JobRunId };
      throw new GlueError(
        "JobRun.NotFound",
        `${JobName} has no run of attempt ${Attempt} of ${ExecutionName}${ofItem(MapItem)}`,
      );
    });
}

const ofItem = (item: string | undefined): string => (item === undefined ? "" : `, item ${item}`);

export const handler = createHandler({
  glueCalls: createGlueCalls(),
  lambda: createLambda(),
  env: process.env,
  log: systemLog,
});

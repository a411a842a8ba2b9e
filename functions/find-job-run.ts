import { createGlueCalls } from "./clients/glue.ts";
import { createLambda } from "./clients/lambda.ts";
import { once } from "./lib/environment.ts";
import { GlueError } from "./lib/glue-error.ts";
import { systemLog } from "./lib/system-log.ts";
import { callsFrom, findRunOf, withPlainErrors } from "./lib/token-runs.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { CallsDependencies } from "./lib/token-runs.ts";

interface FindRequest {
  readonly JobName: string;
  readonly ExecutionName: string;
  readonly Attempt: string;
  /** The start of the execution, in ISO 8601. */
  readonly Since: string;
}

/** Finds the run that an attempt of an execution has started; the error JobRun.NotFound tells that there is none. */
export function createHandler(
  deps: CallsDependencies & Pick<Dependencies, "log">,
): (event: FindRequest) => Promise<{ JobRunId: string }> {
  const calls = once(() => callsFrom(deps));
  return ({ JobName, ExecutionName, Attempt, Since }) =>
    withPlainErrors(async () => {
      const sought = { jobName: JobName, executionName: ExecutionName, attempt: Attempt, since: Date.parse(Since) };
      const JobRunId = await findRunOf(calls(), sought);
      deps.log({ level: "WARN", message: "looked for a run of which nothing was told", JobName, JobRunId });
      if (JobRunId !== undefined) return { JobRunId };
      throw new GlueError("JobRun.NotFound", `${JobName} has no run of attempt ${Attempt} of ${ExecutionName}`);
    });
}

export const handler = createHandler({
  glueCalls: createGlueCalls(),
  lambda: createLambda(),
  env: process.env,
  log: systemLog,
});

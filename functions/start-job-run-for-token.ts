import type { StartJobRunRequest } from "@aws-sdk/client-glue";
import { createGlueCalls } from "./clients/glue.ts";
import { createLambdaOnce } from "./clients/lambda.ts";
import { createSqs } from "./clients/sqs.ts";
import { once } from "./lib/environment.ts";
import { GlueError } from "./lib/glue-error.ts";
import { mapItemArgument } from "./lib/run-arguments.ts";
import { systemClock } from "./lib/system-clock.ts";
import { systemLog } from "./lib/system-log.ts";
import { findRunOf, knownJobs, startRun, withPlainErrors } from "./lib/token-runs.ts";
import type { Dependencies } from "./lib/aws.ts";
import type { CallsDependencies, KnownJobs } from "./lib/token-runs.ts";

/** What StartJobRun is given, and the try that the task is at. */
interface StartForToken extends StartJobRunRequest {
  readonly JobName: string;
  readonly Arguments: Record<string, string>;
  /** When the state was entered, in ISO 8601. */
  readonly EnteredTime: string;
  readonly RetryCount: number;
}

type StartDependencies = CallsDependencies & Pick<Dependencies, "sqs" | "log" | "now">;

/**
 * How far back a later try looks, in milliseconds. A try that fell silent is followed by one that looks, within eight
 * times the longest wait and the life of this function: Glue refuses none for want of a place before its look is done.
 * Who waits for a place for hours need not leaf through the runs of all of them each time.
 */
const farthestLook = 20 * 60_000;

/**
 * Starts a run for a task that waits for its token, which is among the run's arguments. A repeated try whose run has been
 * started before starts no second one: it fails with JobRun.AlreadyStarted, as that run tells of its end by the token of
 * another try. Errors have the names under which Step Functions reports Glue's.
 */
export function createHandler(deps: StartDependencies): (event: StartForToken) => Promise<{ JobRunId: string }> {
  const jobs = once(() => knownJobs(deps));
  return ({ EnteredTime, RetryCount, ...request }) =>
    withPlainErrors(async () => {
      const { JobName, Arguments } = request;
      const calls = jobs().callsOf(JobName);
      if (RetryCount > 0) {
        const known = await findRunOf(calls, {
          jobName: JobName,
          executionName: Arguments["--execution_name"] ?? "",
          attempt: Arguments["--attempt"] ?? "",
          mapItem: Arguments[mapItemArgument],
          since: Math.max(Date.parse(EnteredTime), deps.now() - farthestLook),
        });
        if (known !== undefined) {
          throw new GlueError("JobRun.AlreadyStarted", `An earlier try has started the job run ${known} of ${JobName}`);
        }
      }
      const JobRunId = await startRun(calls, request);
      deps.log({ level: "INFO", message: "started", JobName, JobRunId });
      await announce(deps, jobs(), { JobName, JobRunId });
      return { JobRunId };
    });
}

export const handler = createHandler({
  glueCalls: createGlueCalls(),
  lambda: createLambdaOnce(),
  sqs: createSqs(),
  env: process.env,
  now: systemClock,
  log: systemLog,
});

/** Has the end of a simulated run told of. If that is lost, so is the event, which the state machine copes with. */
async function announce(
  { sqs, log }: StartDependencies,
  jobs: KnownJobs,
  run: { readonly JobName: string; readonly JobRunId: string },
): Promise<void> {
  const queueUrl = jobs.endsOf(run.JobName);
  if (queueUrl === undefined) return;
  try {
    await sqs.sendMessage({ QueueUrl: queueUrl, MessageBody: JSON.stringify(run) });
  } catch (error) {
    log({ level: "ERROR", message: "could not have the end told of", ...run, error: String(error) });
  }
}

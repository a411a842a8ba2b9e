import type { JobRun, JobRunState } from "@aws-sdk/client-glue";

/** The detail-type of what Glue tells EventBridge of a run's end. */
export const jobStateChange = "Glue Job State Change";

/** The source of the same event of a simulated run: `aws.` is for AWS's own services. */
export const simulationSource = "glue-pipeline.simulation";

/** The detail of the event. */
export interface JobRunEnd {
  readonly jobName: string;
  readonly severity: string;
  readonly state: JobRunState;
  readonly jobRunId: string;
  readonly message: string;
}

/** Ends that Glue makes an event of, with what it says where the run has no message of its own. */
const told: Readonly<Partial<Record<JobRunState, { readonly severity: string; readonly message: string }>>> = {
  SUCCEEDED: { severity: "INFO", message: "Job run succeeded" },
  FAILED: { severity: "ERROR", message: "Job run failed" },
  TIMEOUT: { severity: "WARN", message: "Job run timed out" },
  STOPPED: { severity: "INFO", message: "Job run stopped" },
};

/** What is told of a run that has ended; of some ends, such as ERROR and EXPIRED, nothing is. */
export function endOfJobRun({ Id = "", JobName = "", JobRunState, ErrorMessage }: JobRun): JobRunEnd | undefined {
  const how = JobRunState === undefined ? undefined : told[JobRunState];
  if (how === undefined || JobRunState === undefined) return undefined;
  const { severity, message } = how;
  return { jobName: JobName, severity, state: JobRunState, jobRunId: Id, message: ErrorMessage ?? message };
}

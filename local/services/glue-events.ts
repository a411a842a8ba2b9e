import type { JobRun, JobRunState } from "@aws-sdk/client-glue";
import { isSettled } from "../../functions/lib/job-run.ts";
import type { PutEvent } from "./events.ts";

/** Ends that Glue makes an event of, with what it says where the run has no message of its own. */
const told: Readonly<Partial<Record<JobRunState, { readonly severity: string; readonly message: string }>>> = {
  SUCCEEDED: { severity: "INFO", message: "Job run succeeded" },
  FAILED: { severity: "ERROR", message: "Job run failed" },
  TIMEOUT: { severity: "WARN", message: "Job run timed out" },
  STOPPED: { severity: "INFO", message: "Job run stopped" },
};

/** Beyond this many, the oldest are forgotten: by then they are told. */
const remembered = 20_000;

/** Tells of each run's end once: "Glue Job State Change". Departs from Glue in that it does so when the end is seen. */
export const createRunEndReporter = (putEvent: PutEvent): ((run: JobRun) => void) => {
  const reported = new Set<string>();
  return ({ Id = "", JobName: jobName, JobRunState: state, ErrorMessage }) => {
    if (state === undefined || !isSettled(state) || reported.has(Id)) return;
    reported.add(Id);
    for (const oldest of reported) {
      if (reported.size <= remembered) break;
      reported.delete(oldest);
    }
    const how = told[state];
    if (how === undefined) return;
    putEvent({
      source: "aws.glue",
      "detail-type": "Glue Job State Change",
      resources: [],
      detail: { jobName, severity: how.severity, state, jobRunId: Id, message: ErrorMessage ?? how.message },
    });
  };
};

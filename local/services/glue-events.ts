import type { JobRun } from "@aws-sdk/client-glue";
import { endOfJobRun, jobStateChange } from "../../functions/lib/job-run-end.ts";
import { isSettled } from "../../functions/lib/job-run.ts";
import type { PutEvent } from "./events.ts";

/** Beyond this many, the oldest are forgotten: by then they are told. */
const remembered = 20_000;

/** Tells of each run's end once: "Glue Job State Change". Departs from Glue in that it does so when the end is seen. */
export const createRunEndReporter = (putEvent: PutEvent): ((run: JobRun) => void) => {
  const reported = new Set<string>();
  return (run) => {
    const { Id = "", JobRunState: state } = run;
    if (state === undefined || !isSettled(state) || reported.has(Id)) return;
    reported.add(Id);
    for (const oldest of reported) {
      if (reported.size <= remembered) break;
      reported.delete(oldest);
    }
    const detail = endOfJobRun(run);
    if (detail === undefined) return;
    putEvent({ source: "aws.glue", "detail-type": jobStateChange, resources: [], detail: { ...detail } });
  };
};

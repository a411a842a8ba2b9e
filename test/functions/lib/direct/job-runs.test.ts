import type { GetJobRunsRequest, GetJobRunsResponse, JobRun } from "@aws-sdk/client-glue";
import { expect } from "chai";
import type { GlueCalls } from "../../../../functions/lib/aws.ts";
import { createJobRuns } from "../../../../functions/lib/direct/job-runs.ts";
import { start } from "../../../support/jobs.ts";

const unasked = (): Promise<never> => Promise.reject(new Error("not to be asked"));

/** Glue's pages of runs, by the token that asks for them. */
const glueWith = (pages: Readonly<Record<string, GetJobRunsResponse>>) => {
  const asked: string[] = [];
  const calls: GlueCalls = {
    startJobRun: unasked,
    getJobRun: unasked,
    batchStopJobRun: unasked,
    getJobRuns: ({ NextToken = "first" }: GetJobRunsRequest) => {
      asked.push(NextToken);
      if (asked.length > 3) throw new Error("asked for ever");
      return Promise.resolve(pages[NextToken] ?? {});
    },
  };
  return { asked, jobRuns: createJobRuns(calls, "job") };
};

const run = (Id: string, file: string, startedAt?: number): JobRun => ({
  Id,
  Arguments: { "--execution_name": file, "--more": "of the job's own" },
  ...(startedAt !== undefined && { StartedOn: new Date(startedAt) }),
});

const wanted = { "--execution_name": "a" };

describe("The search for a run whose start was not answered", () => {
  it("finds it among the runs of others, page by page", async () => {
    const { jobRuns } = glueWith({
      first: { JobRuns: [run("jr_1", "b", start + 2000)], NextToken: "second" },
      second: { JobRuns: [run("jr_2", "a", start + 1000)] },
    });
    expect(await jobRuns.find(wanted, start)).to.deep.equal({ runId: "jr_2", startedAt: start + 1000 });
  });

  it("ends at the first run that is older than the file", async () => {
    const { jobRuns, asked } = glueWith({
      first: { JobRuns: [run("jr_1", "b", start - 3_600_000)], NextToken: "second" },
      second: { JobRuns: [run("jr_2", "a", start + 1000)] },
    });
    expect(await jobRuns.find(wanted, start)).to.equal(undefined);
    expect(asked).to.deep.equal(["first"]);
  });

  it("does not take a run that has not begun yet for an old one", async () => {
    const { jobRuns } = glueWith({ first: { JobRuns: [run("jr_1", "b"), run("jr_2", "a")] } });
    expect(await jobRuns.find(wanted, start)).to.deep.equal({ runId: "jr_2", startedAt: undefined });
  });

  it("ends where the token for the next page is empty", async () => {
    const { jobRuns, asked } = glueWith({ first: { JobRuns: [run("jr_1", "b", start)], NextToken: "" } });
    expect(await jobRuns.find(wanted, start)).to.equal(undefined);
    expect(asked).to.deep.equal(["first"]);
  });
});

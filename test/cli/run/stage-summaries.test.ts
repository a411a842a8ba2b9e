import type { JobRun } from "@aws-sdk/client-glue";
import { expect } from "chai";
import type { ObjectPlaces } from "../../../cli/run/row-counts.ts";
import type { StoredObject } from "../../../cli/run/report.ts";
import { backgroundSummaries } from "../../../cli/run/stage-summaries.ts";
import { summariesWith } from "../../../cli/run/summaries.ts";
import { created, ended, jobRun, ledgerOf, started, upload } from "../../support/cli-events.ts";

const run = (stage: string, output: string, more: Partial<JobRun> = {}, execution = "orders-1") =>
  jobRun({
    Id: `jr_${stage}`,
    JobRunState: "SUCCEEDED",
    WorkerType: "G.1X",
    NumberOfWorkers: 2,
    ExecutionTime: 12,
    Arguments: { "--stage": stage, "--execution_name": execution, "--output": `s3://lake/${output}` },
    ...more,
  });

/** Objects whose contents are what is given; each is named by its key. */
const lake = (contents: Readonly<Record<string, object>>) => {
  const objects: StoredObject[] = Object.keys(contents).map((key) => ({ bucket: "lake", key, size: 1, path: key }));
  const places: ObjectPlaces = {
    nameOf: ({ path }) => path,
    contentOf: ({ key }) => JSON.stringify(contents[key]),
  };
  return { objects, places };
};

const told = (events: Parameters<typeof ledgerOf>[1], contents: Readonly<Record<string, object>>) => {
  const { objects, places } = lake(contents);
  const [summary] = summariesWith(ledgerOf([upload()], [created(), started(), ...events, ended()]), objects, places);
  const { stages = [], rowsWritten, output } = summary ?? {};
  return { file: [rowsWritten, output], stages: stages.map((stage) => [stage.stage, stage.rowsWritten, stage.output]) };
};

describe("What is told of stages", () => {
  const raw = { "raw/execution=orders-1/part.parquet": {}, "raw/execution=orders-1/summary.json": { rowsWritten: 9 } };

  it("is nothing written where a run found nothing to do in a table that executions share", () => {
    const { file, stages } = told([run("Ingest", "raw/execution=orders-1/"), run("Merge", "orders/")], {
      ...raw,
      "orders/_summary/execution=other-2/summary.json": { rowsWritten: 396, rowsRejected: 3 },
      "orders/_summary/execution=orders-1/summary.json": { rowsWritten: 0 },
      "orders/day=1/part.parquet": {},
    });
    expect(stages).to.deep.equal([
      ["Ingest", 9, "raw/execution=orders-1/part.parquet"],
      ["Merge", 0, undefined],
    ]);
    expect(file).to.deep.equal([0, undefined]);
  });

  it("is the table itself where a run has written to one that executions share", () => {
    const { file } = told([run("Merge", "orders/")], {
      "orders/_summary/execution=orders-1/summary.json": { rowsWritten: 5 },
      "orders/day=1/part.parquet": {},
    });
    expect(file).to.deep.equal([5, "orders/"]);
  });

  it("does not take another execution's rows where its own are not known", () => {
    const { file } = told([run("Merge", "orders/")], {
      "orders/_summary/execution=other-2/summary.json": { rowsWritten: 396 },
      "orders/day=1/part.parquet": {},
    });
    expect(file).to.deep.equal([undefined, "orders/"]);
  });

  it("is in the folder of the execution that a replay goes on from", () => {
    const { file } = told([run("Ingest", "raw/execution=before-1/")], {
      "raw/execution=before-1/part.parquet": {},
      "raw/execution=before-1/summary.json": { rowsWritten: 7 },
    });
    expect(file).to.deep.equal([7, "raw/execution=before-1/part.parquet"]);
  });

  it("says nothing of what a failed run has left", () => {
    const { stages } = told([run("Ingest", "raw/execution=orders-1/", { JobRunState: "FAILED" })], raw);
    expect(stages).to.deep.equal([["Ingest", undefined, undefined]]);
  });
});

describe("What is told of the background", () => {
  it("sums up by job the runs of executions that nobody follows, and no others", () => {
    const arn = "arn:aws:states:us-east-1:000000000000:execution:keeper:keep-1";
    const kept = (Id: string, ExecutionTime: number) =>
      run("", "", { Id, JobName: "enrich", ExecutionTime, Arguments: { "--execution_name": "keep-1" } });
    const ledger = ledgerOf(
      [upload()],
      [
        created(),
        started(),
        { kind: "execution-started", executionArn: arn, name: "keep-1", input: {} },
        run("Clean", "raw/execution=orders-1/"),
        kept("jr_a", 300),
        kept("jr_b", 60),
        ended(),
      ],
    );
    const [enrich, ...others] = backgroundSummaries(ledger);
    expect(others).to.deep.equal([]);
    expect(enrich).to.deep.include({
      stage: "enrich",
      state: "SUCCEEDED",
      attempts: 2,
      ran: 360_000,
      size: "2 × G.1X",
    });
    expect(enrich?.cost).to.be.closeTo(0.088, 1e-9);
  });
});

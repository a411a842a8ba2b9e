import { expect } from "chai";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { graphOf, resourceOf, resourcesOf } from "../support/stacks.ts";

/** Without what other parts of a pipeline add to its job. */
const plain = { security: "false", network: "none", observability: "false" };

const jobGraph = (config: Readonly<Record<string, string>>): Promise<ResourceGraph> =>
  graphOf("prod", { ...plain, jobRunQueuing: "false", ...config });

const jobOf = (graph: ResourceGraph) => resourceOf(graph, "aws:glue/job:Job", "csv-job").properties;

interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: unknown;
}

const statementsOf = (graph: ResourceGraph): Readonly<Record<string, Omit<Statement, "Sid">>> => {
  const { policy } = resourceOf(graph, "aws:iam/rolePolicy:RolePolicy", "csv-job").properties;
  const { Statement: all } = JSON.parse(String(policy)) as { Statement: Statement[] };
  return Object.fromEntries(
    all.map(({ Sid, Action, Resource, Condition }) => [
      Sid,
      { Action, Resource, ...(Condition !== undefined && { Condition }) },
    ]),
  );
};

const bucketOf = (graph: ResourceGraph, name: string) =>
  String(resourceOf(graph, "aws:s3/bucket:Bucket", name).properties.bucket);

const everyJob = ["ReadLandedFiles", "WriteOutput", "ListOutput", "ReadScript", "WriteLogs", "PutMetrics"];

describe("RealGlueJob", () => {
  it("of Spark has exactly what its config says", async () => {
    const graph = await jobGraph({});
    const { roleArn, command, defaultTags, ...job } = jobOf(graph);
    expect(defaultTags).to.equal(undefined);
    expect(roleArn).to.equal(resourceOf(graph, "aws:iam/role:Role", "csv-job").properties.arn);
    expect(command).to.deep.include({ name: "glueetl", pythonVersion: "3" });
    const given = resourceOf(graph, "aws:glue/job:Job", "csv-job").given;
    expect(
      Object.fromEntries(given.filter((name) => name in job && name !== "tags").map((name) => [name, job[name]])),
    ).to.deep.equal({
      glueVersion: "5.1",
      workerType: "G.1X",
      numberOfWorkers: 2,
      timeout: 60,
      executionProperty: { maxConcurrentRuns: 50 },
      jobRunQueuingEnabled: false,
      maxRetries: 0,
      defaultArguments: {},
    });
    expect(statementsOf(graph)).to.have.all.keys(everyJob);
  });

  it("of a stream has workers for streams, a place for checkpoints and a maintenance window", async () => {
    const graph = await jobGraph({ jobKind: "streaming", maintenanceWindow: "Sun:3" });
    const job = jobOf(graph);
    expect(job).to.deep.include({
      workerType: "G.025X",
      numberOfWorkers: 2,
      maintenanceWindow: "Sun:3",
      glueVersion: "5.1",
    });
    expect(job.command).to.deep.include({ name: "gluestreaming", pythonVersion: "3" });
    const artifacts = bucketOf(graph, "csv-artifacts");
    expect(job.defaultArguments).to.deep.equal({ "--TempDir": `s3://${artifacts}/temp/` });
    expect(statementsOf(graph)).to.have.all.keys(...everyJob, "UseTempDir", "ListTempDir");
    expect(statementsOf(graph).ListTempDir).to.deep.equal({
      Action: ["s3:ListBucket"],
      Resource: [`arn:aws:s3:::${artifacts}`],
      Condition: { StringLike: { "s3:prefix": ["temp/*", "temp"] } },
    });
  });

  it("of a Kinesis data stream may read the stream that its arguments name, and no other", async () => {
    const arn = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
    const graph = await jobGraph({ jobKind: "streaming", jobArguments: JSON.stringify({ "--stream_arn": arn }) });
    expect(statementsOf(graph).ReadStream?.Resource).to.deep.equal([arn]);
    expect(statementsOf(graph).ReadStream?.Action).to.include.members(["kinesis:GetRecords", "kinesis:ListShards"]);
  });

  it("of a Python shell has a capacity and no workers", async () => {
    const graph = await jobGraph({ jobKind: "pythonshell", maxCapacity: "1", librarySet: "analytics" });
    const job = jobOf(graph);
    expect(job).to.deep.include({
      maxCapacity: 1,
      glueVersion: "3.0",
      defaultArguments: { "library-set": "analytics" },
    });
    expect(job.command).to.deep.include({ name: "pythonshell", pythonVersion: "3.9" });
    expect(job).to.not.have.any.keys("workerType", "numberOfWorkers", "executionClass");
  });

  it("of Ray has its runtime, its own names for arguments, no timeout, and a warning", async () => {
    const graph = await jobGraph({
      jobKind: "ray",
      pythonModules: '["polars"]',
      extraPythonFiles: '["s3://libs/own.zip"]',
    });
    const job = jobOf(graph);
    expect(job.command).to.deep.include({ name: "glueray", runtime: "Ray2.4" });
    expect(job).to.deep.include({ workerType: "Z.2X", numberOfWorkers: 2, glueVersion: "4.0" });
    expect(job).to.not.have.property("timeout");
    expect(graph.messages.filter(({ severity }) => severity === "warning").map(({ text }) => text)).to.deep.equal([
      "Ray in Glue is closed to new customers since 2026-04-30: AWS may refuse the job.",
    ]);
    expect(job.defaultArguments).to.deep.equal({ "--s3-py-modules": "s3://libs/own.zip", "--pip-install": "polars" });
  });

  it("of a workload has the size that suits it", async () => {
    expect(jobOf(await jobGraph({ workload: "large_etl" }))).to.deep.include({
      workerType: "G.2X",
      numberOfWorkers: 20,
      timeout: 60,
    });
    expect(jobOf(await jobGraph({ workload: "cost" }))).to.deep.include({
      workerType: "G.1X",
      numberOfWorkers: 2,
      executionClass: "FLEX",
      timeout: 30,
    });
  });

  it("is given each option as Glue wants it, and its role what they need", async () => {
    const graph = await jobGraph({
      glueVersion: "4.0",
      autoScaling: "true",
      workerType: "G.2X",
      numberOfWorkers: "9",
      notifyDelayAfterMinutes: "20",
      connections: '["db"]',
      bookmarks: "enable",
      sparkUi: "true",
      continuousLogging: "true",
      jobMetrics: "true",
      observabilityMetrics: "true",
      jobInsights: "true",
      datalakeFormats: '["delta","iceberg"]',
      sparkConf: '{"spark.sql.shuffle.partitions":"20","spark.speculation":true}',
      pythonModules: '["pyarrow==21.0.0","s3://wheels/own.whl"]',
      pythonModulesInstallerOption: "--no-deps",
      glueDataCatalog: '["sales"]',
      jobArguments: '{"--currency":"EUR"}',
      nonOverridableArguments: '{"--region":"eu"}',
    });
    const artifacts = bucketOf(graph, "csv-artifacts");
    const job = jobOf(graph);
    expect(job).to.deep.include({
      notificationProperty: { notifyDelayAfter: 20 },
      connections: ["db"],
      nonOverridableArguments: { "--region": "eu" },
    });
    expect(job.defaultArguments).to.deep.equal({
      "--TempDir": `s3://${artifacts}/temp/`,
      "--job-bookmark-option": "job-bookmark-enable",
      "--enable-auto-scaling": "true",
      "--enable-spark-ui": "true",
      "--spark-event-logs-path": `s3://${artifacts}/spark-logs/`,
      "--enable-continuous-cloudwatch-log": "true",
      "--enable-continuous-log-filter": "true",
      "--continuous-log-logGroup": "/aws-glue/jobs/glue-pipeline-prod-csv-job",
      "--enable-metrics": "true",
      "--enable-observability-metrics": "true",
      "--enable-job-insights": "true",
      "--datalake-formats": "delta,iceberg",
      "--conf": "spark.sql.shuffle.partitions=20 --conf spark.speculation=true",
      "--additional-python-modules": "pyarrow==21.0.0,s3://wheels/own.whl",
      "--python-modules-installer-option": "--no-deps",
      "--enable-glue-datacatalog": "true",
      "--currency": "EUR",
    });
    expect(resourceOf(graph, "aws:cloudwatch/logGroup:LogGroup", "csv-job").properties).to.deep.include({
      name: "/aws-glue/jobs/glue-pipeline-prod-csv-job",
      retentionInDays: 30,
    });
    const statements = statementsOf(graph);
    expect(statements).to.have.all.keys(
      ...everyJob,
      "ReadFiles",
      "UseTempDir",
      "ListTempDir",
      "UseEventLogs",
      "ListEventLogs",
      "ReadCatalog",
      "WriteCatalog",
      "ReadConnections",
      "LookAtNetwork",
      "LookAtVpcs",
      "LookAtVpcs",
      "CreateNetworkInterfaces",
      "DeleteNetworkInterfaces",
      "TagNetworkInterfaces",
    );
    expect(statements.ReadFiles?.Resource).to.deep.equal(["arn:aws:s3:::wheels/own.whl"]);
    expect(statements.UseEventLogs?.Resource).to.deep.equal([`arn:aws:s3:::${artifacts}/spark-logs/*`]);
    expect(statements.ReadConnections?.Resource).to.deep.equal([
      "arn:aws:glue:us-east-1:000000000000:catalog",
      "arn:aws:glue:us-east-1:000000000000:connection/db",
    ]);
    expect(statements.WriteCatalog?.Resource).to.deep.equal([
      "arn:aws:glue:us-east-1:000000000000:catalog",
      "arn:aws:glue:us-east-1:000000000000:database/sales",
      "arn:aws:glue:us-east-1:000000000000:table/sales/*",
    ]);
  });

  it("logs since Glue 5.0 into two groups of its own, which the log's retention holds for", async () => {
    const graph = await jobGraph({ continuousLogging: "true", logRetentionDays: "7" });
    const prefix = "/aws-glue/jobs/glue-pipeline-prod-csv-job";
    expect(jobOf(graph).defaultArguments).to.deep.equal({ "--custom-logGroup-prefix": prefix });
    for (const what of ["error", "output"]) {
      expect(resourceOf(graph, "aws:cloudwatch/logGroup:LogGroup", `csv-job-${what}`).properties).to.deep.include({
        name: `${prefix}/${what}`,
        retentionInDays: 7,
      });
    }
  });

  it("keeps what its config puts elsewhere there", async () => {
    const graph = await jobGraph({ tempDir: "s3://scratch/tmp", sparkUi: "s3://history-bucket" });
    expect(jobOf(graph).defaultArguments).to.deep.equal({
      "--TempDir": "s3://scratch/tmp",
      "--enable-spark-ui": "true",
      "--spark-event-logs-path": "s3://history-bucket",
    });
    const { UseTempDir, UseEventLogs, ListEventLogs } = statementsOf(graph);
    expect(UseTempDir?.Resource).to.deep.equal(["arn:aws:s3:::scratch/tmp/*"]);
    expect(UseEventLogs?.Resource).to.deep.equal(["arn:aws:s3:::history-bucket/*"]);
    expect(ListEventLogs).to.deep.equal({ Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::history-bucket"] });
  });

  it("uploads its files and folders under a hash of their content, with their own basenames", async () => {
    const graph = await jobGraph({
      extraPythonFiles: '["scripts"]',
      extraFiles: '["samples/orders.csv","s3://conf/rates.json"]',
    });
    const artifacts = bucketOf(graph, "csv-artifacts");
    const keys = resourcesOf(graph, "aws:s3/bucketObjectv2:BucketObjectv2").map(({ properties }) =>
      String(properties.key),
    );
    expect(keys).to.have.length(3);
    const [folder] = keys.filter((key) => /^files\/[0-9a-f]{12}\/scripts\.zip$/.test(key));
    const [file] = keys.filter((key) => /^files\/[0-9a-f]{12}\/orders\.csv$/.test(key));
    expect(jobOf(graph).defaultArguments).to.deep.equal({
      "--extra-py-files": `s3://${artifacts}/${String(folder)}`,
      "--extra-files": `s3://${artifacts}/${String(file)},s3://conf/rates.json`,
    });
    const { ReadScript, ReadFiles } = statementsOf(graph);
    expect(ReadScript?.Resource).to.deep.equal([
      `arn:aws:s3:::${artifacts}/scripts/*`,
      `arn:aws:s3:::${artifacts}/files/*`,
    ]);
    expect(ReadFiles?.Resource).to.deep.equal(["arn:aws:s3:::conf/rates.json"]);
  });
});

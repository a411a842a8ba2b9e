import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { evaluate } from "../../local/evaluate.ts";
import type { ResourceGraph } from "../../local/resource-graph.ts";
import { graphOf, projectDirectory, resourceOf, resourcesOf } from "../support/stacks.ts";

interface PolicyStatement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: unknown;
}

const statementsOf = (policy: unknown): readonly PolicyStatement[] =>
  (JSON.parse(String(policy)) as { Statement: PolicyStatement[] }).Statement;

/** All that the functions would be uploaded with. */
const codeOf = async (graph: ResourceGraph): Promise<string> => {
  const archives = resourcesOf(graph, "aws:lambda/function:Function").map(
    ({ properties }) => properties.code as pulumi.asset.AssetArchive,
  );
  const assets = await Promise.all(archives.map(async (archive) => Object.values(await archive.assets)));
  const texts = await Promise.all(assets.flat().map((asset) => (asset as pulumi.asset.StringAsset).text));
  return texts.join("\n");
};

/** By the stack's key, where it has one. */
const encryptionOf = (graph: ResourceGraph): object => {
  const [key] = resourcesOf(graph, "aws:kms/key:Key");
  if (key === undefined) return { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } };
  const kmsMasterKeyId = key.properties.arn;
  return { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId }, bucketKeyEnabled: true };
};

describe("GluePipeline", () => {
  for (const stack of ["local", "prod"]) {
    describe(`of the ${stack} stack`, () => {
      it("registers the same resources in a preview as in an update", async () => {
        const updated = await graphOf(stack);
        const previewed = await evaluate({ directory: projectDirectory, stack, preview: true });
        const urns = (resources: typeof updated.resources) => resources.map(({ urn }) => urn).sort();
        expect(urns(previewed.resources)).to.deep.equal(urns(updated.resources));
      });

      it("makes every bucket private, encrypted, versioned, reached over TLS only and free of old versions in time", async () => {
        const graph = await graphOf(stack);
        const buckets = resourcesOf(graph, "aws:s3/bucket:Bucket").map(({ name }) => name);
        expect(buckets).to.include.members(["csv-landing", "csv-output"]);
        for (const name of buckets) {
          expect(
            resourceOf(graph, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", name).properties,
          ).to.include({
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
          });
          const versioning = resourceOf(graph, "aws:s3/bucketVersioning:BucketVersioning", name);
          expect(versioning.properties.versioningConfiguration).to.deep.equal({ status: "Enabled" });
          const encryption = resourceOf(
            graph,
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            name,
          );
          expect(encryption.properties.rules).to.deep.equal([encryptionOf(graph)]);
          const lifecycle = resourceOf(graph, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", name);
          expect(lifecycle.properties.rules).to.deep.include.members([
            {
              id: "delete-old-versions",
              status: "Enabled",
              filter: { prefix: "" },
              noncurrentVersionExpiration: { noncurrentDays: 30 },
              abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
            },
          ]);
          const policy = JSON.stringify(resourceOf(graph, "aws:s3/bucketPolicy:BucketPolicy", name).properties.policy);
          expect(policy).to.include("aws:SecureTransport");
        }
      });

      it("allows no action by wildcard, and names every resource that AWS lets it name", async () => {
        const graph = await graphOf(stack);
        const policies = resourcesOf(graph, "aws:iam/rolePolicy:RolePolicy");
        const statements = policies.flatMap(({ properties }) => statementsOf(properties.policy));
        expect(statements).to.not.be.empty;
        expect(statements.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).to.deep.equal([]);
        const onAll = statements.filter(({ Resource }) => Resource.includes("*")).map(({ Sid }) => Sid);
        expect(onAll).to.have.members(stack === "prod" ? ["DeliverLogs", "PutMetrics"] : ["DeliverLogs"]);
      });

      it("lets only its own account's resources take on the machine's role", async () => {
        const trust = resourceOf(await graphOf(stack), "aws:iam/role:Role", "csv").properties.assumeRolePolicy;
        expect(statementsOf(trust)[0]?.Condition).to.deep.equal({
          StringEquals: { "aws:SourceAccount": "000000000000" },
          ArnLike: { "aws:SourceArn": "arn:aws:states:us-east-1:000000000000:stateMachine:csv-*" },
        });
      });

      it("makes the notification wait for S3's permission to invoke and for versions, and functions for their policies", async () => {
        const graph = await graphOf(stack);
        const notification = resourceOf(graph, "aws:s3/bucketNotification:BucketNotification", "csv-dispatcher");
        const permission = resourceOf(graph, "aws:lambda/permission:Permission", "csv-dispatcher");
        expect(notification.dependencies).to.include(permission.urn);
        const versioning = resourceOf(graph, "aws:s3/bucketVersioning:BucketVersioning", "csv-landing");
        expect(notification.dependencies).to.include(versioning.urn);
        for (const lambda of resourcesOf(graph, "aws:lambda/function:Function")) {
          expect(lambda.dependencies).to.include(resourceOf(graph, "aws:iam/rolePolicy:RolePolicy", lambda.name).urn);
        }
      });

      it("gives the machine a log, and the right to write it, unless the log is off", async () => {
        const machineOf = (graph: ResourceGraph) =>
          resourcesOf(graph, "aws:sfn/stateMachine:StateMachine")[0]?.properties;
        const logged = await graphOf(stack);
        const log = resourceOf(logged, "aws:cloudwatch/logGroup:LogGroup", "csv").properties;
        expect(machineOf(logged)?.loggingConfiguration).to.deep.equal({
          level: "ALL",
          includeExecutionData: true,
          logDestination: `${String(log.arn)}:*`,
        });
        const silent = await graphOf(stack, { logLevel: "OFF" });
        expect(machineOf(silent)?.loggingConfiguration).to.deep.equal({ level: "OFF" });
        expect(resourcesOf(silent, "aws:cloudwatch/logGroup:LogGroup").map(({ name }) => name)).to.not.include("csv");
        const { policy } = resourceOf(silent, "aws:iam/rolePolicy:RolePolicy", "csv").properties;
        expect(statementsOf(policy).map(({ Sid }) => Sid)).to.not.include("DeliverLogs");
      });

      it("exports what a person or a program needs to use it", async () => {
        const { outputs } = await graphOf(stack);
        expect(outputs).to.have.all.keys(
          "landingBucket",
          "landingPrefix",
          "outputBucket",
          "stateMachineArn",
          "ledgerTable",
          "arrivalQueueUrl",
          "outcomeQueueUrl",
          "jobName",
          "dispatcherName",
          "failureQueueUrl",
          "resultsTopicArn",
        );
      });
    });
  }

  it("owns the one notification of the landing bucket, with the filters of the config", async () => {
    const graph = await graphOf("local", { landingPrefix: "drop/", landingSuffix: ".csv" });
    const [notification, ...others] = resourcesOf(graph, "aws:s3/bucketNotification:BucketNotification");
    expect(others).to.deep.equal([]);
    expect(notification?.properties.lambdaFunctions).to.deep.equal([
      {
        lambdaFunctionArn: resourceOf(graph, "aws:lambda/function:Function", "csv-dispatcher").properties.arn,
        events: ["s3:ObjectCreated:*"],
        filterPrefix: "drop/",
        filterSuffix: ".csv",
      },
    ]);
  });

  it("keeps what the dispatcher could not handle, after two more tries", async () => {
    const graph = await graphOf("local");
    const failures = resourceOf(graph, "aws:sqs/queue:Queue", "csv-failures");
    expect(
      resourceOf(graph, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "csv-dispatcher").properties,
    ).to.deep.include({
      maximumRetryAttempts: 2,
      destinationConfig: { onFailure: { destination: failures.properties.arn } },
    });
    expect(failures.properties.messageRetentionSeconds).to.equal(1_209_600);
  });

  it("bundles a function to the same bytes every time, with nothing of the machine in it", async () => {
    const [first, second] = await Promise.all([
      evaluate({ directory: projectDirectory, stack: "local" }),
      evaluate({ directory: projectDirectory, stack: "local" }),
    ]);
    expect(await codeOf(first)).to.equal(await codeOf(second));
    expect(await codeOf(first)).to.match(/^\/\/ handler: functions\/dispatcher\.ts$/m);
    expect(await codeOf(first)).to.not.include(projectDirectory);
  });

  describe("with simulated jobs", () => {
    it("has functions and a table in the place of the job", async () => {
      const graph = await graphOf("local");
      expect(resourcesOf(graph, "aws:glue/job:Job")).to.deep.equal([]);
      expect(resourcesOf(graph, "aws:lambda/function:Function").map(({ name }) => name)).to.have.members([
        "csv-dispatcher",
        "csv-interruptions",
        "csv-job-start",
        "csv-job-get",
        "csv-job-stop",
        "csv-job-stand-in",
      ]);
      expect(resourceOf(graph, "aws:dynamodb/table:Table", "csv-job").properties).to.deep.include({
        hashKey: "JobName",
        rangeKey: "Id",
        ttl: { attributeName: "ExpiresAt", enabled: true },
      });
    });

    it("gives the functions the job and the simulation as the config has them", async () => {
      const graph = await graphOf("local", {
        simulatedDurationSeconds: "90.5",
        simulatedFailureRate: "0.5",
        workerType: "G.2X",
        numberOfWorkers: "4",
        columnTypes: '{"amount":"double"}',
      });
      const { environment } = resourceOf(graph, "aws:lambda/function:Function", "csv-job-start").properties;
      const { variables } = environment as { variables: Record<string, string> };
      expect(JSON.parse(String(variables.SIMULATION))).to.deep.equal({
        seed: 1,
        startUpSeconds: 8,
        durationSeconds: 90.5,
        secondsPerMiB: 0,
        failureRate: 0.5,
        scenarios: [],
      });
      expect(JSON.parse(String(variables.JOB))).to.deep.equal({
        Name: graph.outputs.jobName,
        GlueVersion: "5.1",
        WorkerType: "G.2X",
        NumberOfWorkers: 4,
        Timeout: 60,
        MaxConcurrentRuns: 3,
        JobRunQueuingEnabled: true,
        DefaultArguments: { "--column_types": '{"amount":"double"}' },
      });
    });

    it("leaves the stand-in out when told so", async () => {
      const graph = await graphOf("local", { standIn: "false" });
      expect(resourcesOf(graph, "aws:lambda/function:Function").map(({ name }) => name)).to.not.include(
        "csv-job-stand-in",
      );
    });

    const failureOf = (config: Record<string, string>) =>
      graphOf("local", config).then(
        () => "none",
        (error: unknown) => (error as Error).message,
      );

    it("is refused on AWS itself, unless that is allowed", async () => {
      const refusal = await failureOf({ "aws:endpoints": "[]" });
      expect(refusal).to.include('glue-pipeline:mode is "simulated" and this stack deploys to AWS itself');
      expect(await failureOf({ "aws:endpoints": '[{"lambda":"https://lambda.us-east-1.amazonaws.com"}]' })).to.equal(
        refusal,
      );
      expect(await failureOf({ "aws:endpoints": '[{"lambda":"http://localhost:4566"}]' })).to.equal(refusal);
      expect(await failureOf({ "aws:endpoints": "[]", allowSimulatedOnAws: "true" })).to.equal("none");
      expect(await failureOf({ "aws:endpoints": "[]", mode: "real" })).to.equal("none");
    });

    it("is refused where polling would outgrow an execution's history", async () => {
      expect(await failureOf({ pollCeilingSeconds: "5", giveUpAfterMinutes: "600" })).to.match(
        /glue-pipeline:pollCeilingSeconds must be at least \d+: .* history events, and an execution ends at 25000; or raise pollFloorSeconds \(5\).*, got 5$/,
      );
    });

    it("is refused where an execution could not live long enough for all its runs", async () => {
      expect(await failureOf({ maxAttempts: "9", retryIntervalSeconds: "86400", retryBackoffRate: "2" })).to.equal(
        "none",
      );
      expect(await failureOf({ maxAttempts: "10", retryIntervalSeconds: "86400", retryBackoffRate: "2" })).to.match(
        /glue-pipeline:maxAttempts must be lower: watching 10 runs for 120 minutes each, with the waits between them, takes up to 512 days, and an execution ends after 365; or lower jobTimeoutMinutes \(60\), .* or lower retryIntervalSeconds .*, got 10$/,
      );
    });
  });

  describe("with real jobs", () => {
    it("lets the job do with its output what Hadoop's file systems and their committers do", async () => {
      const { policy } = resourceOf(await graphOf("prod"), "aws:iam/rolePolicy:RolePolicy", "csv-job").properties;
      const actionsOf = (sid: string) => statementsOf(policy).find(({ Sid }) => Sid === sid)?.Action;
      expect(actionsOf("WriteOutput")).to.have.members([
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
      ]);
      expect(actionsOf("ListOutput")).to.have.members(["s3:ListBucket", "s3:ListBucketMultipartUploads"]);
    });

    it("has a role that Glue can take on whatever context it sends along", async () => {
      const trust = resourceOf(await graphOf("prod"), "aws:iam/role:Role", "csv-job").properties.assumeRolePolicy;
      expect(statementsOf(trust)).to.deep.equal([
        { Effect: "Allow", Principal: { Service: "glue.amazonaws.com" }, Action: "sts:AssumeRole" },
      ]);
    });

    it("has an aws.glue.Job of the configured size", async () => {
      const graph = await graphOf("prod", { workerType: "G.4X", numberOfWorkers: "12", jobTimeoutMinutes: "45" });
      const job = resourceOf(graph, "aws:glue/job:Job", "csv-job");
      expect(job.properties).to.deep.include({
        roleArn: resourceOf(graph, "aws:iam/role:Role", "csv-job").properties.arn,
        glueVersion: "5.1",
        workerType: "G.4X",
        numberOfWorkers: 12,
        timeout: 45,
        maxRetries: 0,
        executionProperty: { maxConcurrentRuns: 50 },
        jobRunQueuingEnabled: true,
      });
    });

    it("uploads the script under a hash of its content, with its own basename", async () => {
      const graph = await graphOf("prod");
      const script = resourceOf(graph, "aws:s3/bucketObjectv2:BucketObjectv2", "csv-job-script");
      expect(script.properties.key).to.match(/^scripts\/[0-9a-f]{12}\/process_csv\.py$/);
      expect(resourceOf(graph, "aws:glue/job:Job", "csv-job").properties.command).to.deep.equal({
        name: "glueetl",
        pythonVersion: "3",
        scriptLocation: `s3://${String(script.properties.bucket)}/${String(script.properties.key)}`,
      });
    });

    it("has no function that simulates", async () => {
      expect(
        resourcesOf(await graphOf("prod"), "aws:lambda/function:Function").map(({ name }) => name),
      ).to.have.members(["csv-dispatcher", "csv-interruptions", "csv-job-runs"]);
    });
  });
});

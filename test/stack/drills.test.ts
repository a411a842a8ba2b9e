import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { HeadObjectCommand } from "@aws-sdk/client-s3";
import { DescribeExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { DeleteTopicCommand } from "@aws-sdk/client-sns";
import { DeleteQueueCommand } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { deployed, quickRuns } from "../support/deployed/deployed.ts";
import { historyOf } from "../support/deployed/executions.ts";
import { Results } from "../support/deployed/queues.ts";
import { settingsOf } from "../support/drill/config.ts";
import { ended, eventually, executionsOf, fileIn, upload, type LandedFile } from "../support/deployed/files.ts";
import { whileBroken, whileSet, type Fault } from "../support/drill/functions.ts";
import { FailureQueue, type Letter } from "../support/drill/failures.ts";
import { eventOf, parquetOf, replayed, runsOf, sentAgain } from "../support/drill/replay.ts";
import { ThrottledTable } from "../support/drill/throttle.ts";

const scenarios = [
  { match: "*once.csv", attempts: [1], Return: { JobRunState: "FAILED", ErrorMessage: "out of disk" } },
  { match: "*halted.csv", Return: { JobRunState: "STOPPED" } },
  { match: "*quota.csv", Throw: { Error: "ThrottlingException", Cause: "Rate exceeded" } },
  { match: "*odd.csv", Throw: { Error: "EntityNotFoundException", Cause: "No such job" } },
];

const body = "id,name\n1,one\n2,two\n";

describe("A deployed pipeline in trouble", function () {
  this.timeout("2 minutes");
  const stack = deployed({
    config: {
      ...quickRuns,
      simulatedDurationSeconds: "0.2",
      // A file of 100 kB takes ten seconds.
      simulatedSecondsPerMiB: "105",
      ...settingsOf("simulatedScenarios", scenarios),
    },
    // The waits between tries are ten times as short, of the state machine and of asynchronous invocations.
    emulator: { env: { SFN_WAIT_SCALE: "0.1", LAMBDA_ASYNC_RETRY_BASE_SECONDS: "0.1" } },
  });
  let failures: FailureQueue;
  let results: Results;
  before(async () => {
    failures = new FailureQueue(stack());
    results = await Results.of(stack().clients, stack().outputs);
  });

  const land = (key: string): Promise<string> => upload(stack().clients, stack().outputs, { key, body });
  const processed = (key: string): Promise<LandedFile> => fileIn(stack().clients, stack().outputs, { key, body });
  const endOf = (arn: string): Promise<LandedFile> => ended(stack().clients, arn);
  const nameIn = (arn: string): string => arn.split(":").at(-1) ?? "";

  /** The errors of an execution's tasks, one for each try. */
  const failedTasks = async (executionArn: string): Promise<readonly string[]> => {
    const events = await historyOf(stack().clients, executionArn);
    return events.flatMap(({ taskFailedEventDetails: details }) => details?.error ?? []);
  };

  const expectKept = async (key: string): Promise<void> => {
    const { landingBucket } = stack().outputs;
    const head = await stack().clients.s3.send(new HeadObjectCommand({ Bucket: landingBucket, Key: key }));
    expect(head.ContentLength).to.be.greaterThan(0);
  };

  /** The file's one execution ended well, whatever it took, and its output is there once. */
  const expectSucceededOnce = async (file: LandedFile): Promise<void> => {
    expect(file).to.include({ status: "SUCCEEDED" });
    expect(file.output).to.nested.include({ outcome: "succeeded", "jobRun.JobRunState": "SUCCEEDED" });
    expect(await parquetOf(stack(), file.name)).to.have.lengthOf(1);
    expect(
      (await executionsOf(stack().clients, stack().outputs)).filter((name) => name === file.name),
    ).to.have.lengthOf(1);
    expect(await failures.letters(({ executionName }) => executionName === file.name)).to.deep.equal([]);
  };

  /** What failed is kept with its reason, reported as it is kept, and left no output. Gives what was kept. */
  const expectFailedAndKept = async (key: string, file: LandedFile): Promise<Letter> => {
    expect(file.status).to.equal("FAILED");
    await expectKept(key);
    const about = ({ executionName }: Letter): boolean => executionName === file.name;
    const kept = await failures.letter(`the message about ${key}`, about);
    expect(kept).to.deep.include({ outcome: "failed", error: file.error, cause: file.cause });
    expect(kept.file).to.include({ key, bucket: stack().outputs.landingBucket });
    expect(await results.about(file)).to.deep.equal([{ subject: "File failed", outcome: "failed", message: kept }]);
    expect(await parquetOf(stack(), file.name)).to.deep.equal([]);
    return kept;
  };

  const expectReplayable = async (key: string, kept: Letter): Promise<void> => {
    const before = await runsOf(stack(), key);
    const again = await replayed(stack(), kept.input);
    await expectSucceededOnce(again);
    expect(again.output?.file).to.deep.equal(kept.file);
    expect(await runsOf(stack(), key)).to.have.lengthOf(before.length + 1);
  };

  describe("when the dispatcher breaks", () => {
    const breakdowns = [
      { how: "exits", errorType: "Runtime.ExitError" },
      { how: "rejects with nothing", errorType: "undefined" },
      { how: "hangs", errorType: "Sandbox.Timedout" },
    ] as const;
    for (const { how, errorType } of breakdowns) {
      it(`keeps the event of a file whose dispatcher ${how} three times, and takes it once when it is sent again`, async () => {
        const key = `incoming/${errorType.toLowerCase()}.csv`;
        const about = ({ requestPayload }: Letter): boolean => JSON.stringify(requestPayload).includes(key);
        const { arn, kept } = await whileSet(stack(), "csv-dispatcher", { timeout: how === "hangs" ? 1 : 60 }, () =>
          whileBroken(stack(), "csv-dispatcher", { how }, async (invocations) => {
            const arn = await land(key);
            const kept = await failures.letter(`the event of ${key}`, about);
            expect(invocations()).to.equal(3);
            return { arn, kept };
          }),
        );
        expect(kept).to.nested.include({
          "requestContext.condition": "RetriesExhausted",
          "responsePayload.errorType": errorType,
        });
        await expectKept(key);
        expect(await executionsOf(stack().clients, stack().outputs)).not.to.include(nameIn(arn));

        expect(await sentAgain(stack(), kept.requestPayload)).to.deep.equal({ started: 1, already: 0, ignored: 0 });
        await expectSucceededOnce(await endOf(arn));
        expect(await sentAgain(stack(), kept.requestPayload)).to.deep.equal({ started: 0, already: 1, ignored: 0 });
        expect(await runsOf(stack(), key)).to.have.lengthOf(1);
      });
    }

    it("starts a file once though the dispatcher dies when it has started it", async () => {
      const key = "incoming/dispatched.csv";
      await whileBroken(stack(), "csv-dispatcher", { how: "exits", when: "after", times: 1 }, async (invocations) => {
        await expectSucceededOnce(await processed(key));
        await eventually("the second invocation", 10, () => Promise.resolve(invocations() === 2 || undefined));
      });
      expect(await runsOf(stack(), key)).to.have.lengthOf(1);
      expect(await failures.letters((letter) => JSON.stringify(letter).includes(key))).to.deep.equal([]);
    });
  });

  describe("when a function of the job breaks", () => {
    const twice = [
      { name: "csv-job-start", when: "before", runs: 1 },
      // What was started and not told of is started again, as it would be with Glue.
      { name: "csv-job-start", when: "after", runs: 3 },
      { name: "csv-job-get", when: "before", runs: 1 },
      { name: "csv-job-get", when: "after", runs: 1 },
      { name: "csv-job-stand-in", when: "before", runs: 3 },
      { name: "csv-job-stand-in", when: "after", runs: 3 },
    ] as const;
    for (const { name, when, runs } of twice) {
      it(`brings the file to its end, with one output, when ${name} dies twice ${when} its work`, async () => {
        const key = `incoming/${name}-${when}.csv`;
        await whileBroken(stack(), name, { how: "exits", when, times: 2 }, async (invocations) => {
          await expectSucceededOnce(await processed(key));
          expect(invocations()).to.be.at.least(3);
        });
        expect(await runsOf(stack(), key)).to.have.lengthOf(runs);
      });
    }

    const forGood: readonly {
      name: "csv-job-start" | "csv-job-get";
      how: Fault["how"];
      error: string;
      tries: number;
    }[] = [
      { name: "csv-job-start", how: "exits", error: "Runtime.ExitError", tries: 3 },
      { name: "csv-job-start", how: "hangs", error: "Sandbox.Timedout", tries: 7 },
      { name: "csv-job-get", how: "exits", error: "Runtime.ExitError", tries: 3 },
      { name: "csv-job-get", how: "rejects with nothing", error: "undefined", tries: 3 },
    ];
    for (const { name, how, error, tries } of forGood) {
      it(`keeps, reports and replays a file when ${name} ${how} each of ${tries} times`, async () => {
        const key = `incoming/${name}-${error.toLowerCase()}.csv`;
        const kept = await whileSet(stack(), name, { timeout: how === "hangs" ? 1 : 60 }, () =>
          whileBroken(stack(), name, { how }, async (invocations) => {
            const file = await processed(key);
            expect(file.error).to.equal(error);
            expect(invocations()).to.equal(tries);
            return expectFailedAndKept(key, file);
          }),
        );
        if (name === "csv-job-get") expect(kept.jobRunId).to.match(/^jr_[0-9a-f]+$/);
        await expectReplayable(key, kept);
      });
    }

    it("runs a file again, up to maxAttempts, while the work times out, and keeps it then", async () => {
      const key = "incoming/endless.csv";
      const kept = await whileSet(stack(), "csv-job-stand-in", { timeout: 1 }, () =>
        whileBroken(stack(), "csv-job-stand-in", { how: "hangs" }, async (invocations) => {
          const file = await processed(key);
          expect(file.error).to.equal("JobRun.FAILED");
          expect(file.cause).to.include("after attempt 3").and.include("Task timed out after 1.00 seconds");
          expect(invocations()).to.equal(3);
          return expectFailedAndKept(key, file);
        }),
      );
      const runs = await runsOf(stack(), key);
      expect(runs.map(({ JobRunState }) => JobRunState)).to.deep.equal(["FAILED", "FAILED", "FAILED"]);
      expect(kept.jobRun).to.deep.include({ Id: runs.at(-1)?.Id, JobRunState: "FAILED" });
      await expectReplayable(key, kept);
    });

    it("has the work of a run done again whose look died with it, once its lease is over", async () => {
      const key = "incoming/orphan.csv";
      const { arn, Id = "" } = await whileSet(stack(), "csv-job-get", { timeout: 3 }, () =>
        whileBroken(stack(), "csv-job-stand-in", { how: "hangs", times: 1 }, async (invocations) => {
          const arn = await land(key);
          await eventually("the look's end", 20, async () => {
            const failed = invocations() === 1 ? await failedTasks(arn) : [];
            return failed.includes("Sandbox.Timedout") ? true : undefined;
          });
          const [run] = await runsOf(stack(), key);
          expect(run?.JobRunState).to.equal("RUNNING");
          return { arn, Id: run?.Id };
        }),
      );
      const { clients, outputs } = stack();
      const described = await clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn: arn }));
      expect(described.status).to.equal("RUNNING");
      await clients.dynamodb.send(
        new UpdateItemCommand({
          TableName: outputs.jobName,
          Key: { JobName: { S: outputs.jobName ?? "" }, Id: { S: Id } },
          UpdateExpression: "SET ClaimedUntil = :past",
          ConditionExpression: "attribute_exists(ClaimedUntil)",
          ExpressionAttributeValues: { ":past": { N: "1" } },
        }),
      );
      await expectSucceededOnce(await endOf(arn));
      expect(await runsOf(stack(), key)).to.have.lengthOf(1);
    });
  });

  describe("when the table of job runs is throttled", () => {
    /** Has one function see the table through a throttle. */
    const throttled = async <T>(
      name: "csv-job-start" | "csv-job-get",
      times: number,
      work: (table: ThrottledTable) => Promise<T>,
    ): Promise<T> => {
      const table = new ThrottledTable(stack().emulator.endpoint, times);
      return table.during((endpoint) =>
        whileSet(stack(), name, { environment: { AWS_ENDPOINT_URL_DYNAMODB: endpoint } }, () => work(table)),
      );
    };

    for (const [name, operation] of [
      ["csv-job-start", "PutItem"],
      ["csv-job-get", "GetItem"],
    ] as const) {
      it(`waits until ${name} gets through`, async () => {
        const key = `incoming/${name}-throttled.csv`;
        // More than the SDK itself tries in two invocations.
        await throttled(name, 8, async (table) => {
          await expectSucceededOnce(await processed(key));
          expect(table.throttled).to.deep.equal(Array<string>(8).fill(operation));
        });
        expect(await runsOf(stack(), key)).to.have.lengthOf(1);
      });
    }

    it("keeps the file under Glue's name for it when the throttling does not end", async () => {
      const key = "incoming/throttled.csv";
      const kept = await throttled("csv-job-start", Infinity, async () => {
        const file = await processed(key);
        expect(file.error).to.equal("Glue.ThrottlingException");
        expect(file.cause).to.include("ProvisionedThroughputExceededException");
        return expectFailedAndKept(key, file);
      });
      expect(await runsOf(stack(), key)).to.deep.equal([]);
      await expectReplayable(key, kept);
    });
  });

  describe("when an execution is stopped", () => {
    it("stops its run and keeps object and input; the name is taken, so a person starts the input under another", async () => {
      const { clients, outputs } = stack();
      const key = "incoming/stopped.csv";
      const arn = await upload(clients, outputs, { key, body: `a\n${"1\n".repeat(50_000)}` });
      await eventually("the run", 20, async () => ((await runsOf(stack(), key)).length === 1 ? true : undefined));
      await clients.stepFunctions.send(
        new StopExecutionCommand({ executionArn: arn, error: "Operator", cause: "wrong file" }),
      );
      const stopped = await clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn: arn }));
      expect(stopped).to.include({ status: "ABORTED", error: "Operator", cause: "wrong file" });
      await expectKept(key);
      const about = ({ executionName }: Letter): boolean => executionName === nameIn(arn);
      const kept = await failures.letter(`the message about ${key}`, about);
      const [run] = await runsOf(stack(), key);
      expect(run?.JobRunState).to.equal("STOPPED");
      expect(kept).to.deep.include({
        outcome: "failed",
        error: "Execution.ABORTED",
        // The emulator's event leaves out why it was stopped.
        cause: `Execution ${nameIn(arn)} was ABORTED; stopped ${String(run?.Id)}`,
        attempts: 1,
        input: JSON.parse(stopped.input ?? "") as unknown,
      });
      expect(await results.about({ name: nameIn(arn) })).to.deep.equal([
        { subject: "File failed", outcome: "failed", message: kept },
      ]);

      expect(await sentAgain(stack(), await eventOf(stack(), key))).to.deep.equal({
        started: 0,
        already: 1,
        ignored: 0,
      });
      const again = await replayed(stack(), kept.input);
      await expectSucceededOnce(again);
      const left = await clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn: arn }));
      expect(left.status).to.equal("ABORTED");
      expect(await parquetOf(stack(), "stopped-csv-")).to.deep.equal([]);
    });
  });

  describe("when a file is poisoned", () => {
    it("runs it maxAttempts times, keeps it, and lets the others go on meanwhile", async () => {
      const { clients, outputs } = stack();
      const key = "incoming/poisoned.csv";
      const [poisoned, ...others] = await Promise.all([
        fileIn(clients, outputs, { key, body: 'a,b\n1,"never closed\n' }),
        ...["p1", "p2", "p3"].map((name) => processed(`incoming/${name}.csv`)),
      ]);
      for (const other of others) await expectSucceededOnce(other);
      expect(poisoned.error).to.equal("JobRun.FAILED");
      expect(poisoned.cause).to.include("UnreadableFileError");
      const kept = await expectFailedAndKept(key, poisoned);
      expect(kept).to.include({ attempts: 3 });
      expect(await runsOf(stack(), key)).to.have.lengthOf(3);

      // What is wrong with the file is not mended by a replay, but by a file that is right.
      const again = await replayed(stack(), kept.input);
      expect(again).to.include({ status: "FAILED", error: "JobRun.FAILED" });
      await expectSucceededOnce(await processed(key));
    });
  });

  describe("when a scenario says so", () => {
    it("runs a file again after a failed run", async () => {
      const key = "incoming/once.csv";
      const file = await processed(key);
      await expectSucceededOnce(file);
      expect(file.output).to.include({ attempts: 2 });
      const runs = await runsOf(stack(), key);
      expect(runs.map(({ JobRunState, ErrorMessage }) => [JobRunState, ErrorMessage])).to.deep.equal([
        ["FAILED", "out of disk"],
        ["SUCCEEDED", undefined],
      ]);
    });

    it("does not run a file again whose run was stopped", async () => {
      const key = "incoming/halted.csv";
      const file = await processed(key);
      expect(file.error).to.equal("JobRun.STOPPED");
      await expectFailedAndKept(key, file);
      expect(await runsOf(stack(), key)).to.have.lengthOf(1);
    });

    for (const { key, error, tries } of [
      { key: "incoming/quota.csv", error: "Glue.ThrottlingException", tries: 7 },
      { key: "incoming/odd.csv", error: "Glue.EntityNotFoundException", tries: 3 },
    ]) {
      it(`tries ${tries} times to start a run that is refused with ${error}`, async () => {
        const file = await processed(key);
        expect(file).to.include({ status: "FAILED", error });
        expect(await failedTasks(file.arn)).to.deep.equal(Array<string>(tries).fill(error));
        await expectFailedAndKept(key, file);
        expect(await runsOf(stack(), key)).to.deep.equal([]);
      });
    }
  });

  // Last, since nothing brings them back.
  describe("when there is nobody to report to", () => {
    it("says in the notification that what failed could not be kept", async () => {
      const { clients, outputs } = stack();
      await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: outputs.failureQueueUrl }));
      const file = await processed("incoming/halted.csv");
      expect(file).to.include({ status: "FAILED", error: "JobRun.STOPPED" });
      const [told] = await results.about(file);
      expect(told?.message).to.include({ outcome: "failed", error: file.error });
      expect(told?.message.keepFailureError)
        .to.be.a("string")
        .and.match(/NonExistentQueue|QueueDoesNotExist/);
    });

    it("says in the output of the execution that nobody could be notified", async () => {
      const { clients, outputs } = stack();
      await clients.sns.send(new DeleteTopicCommand({ TopicArn: outputs.resultsTopicArn }));
      const file = await processed("incoming/unheard.csv");
      expect(file.status).to.equal("SUCCEEDED");
      expect(file.output).to.include({ outcome: "succeeded" });
      expect(file.output?.notificationError).to.be.a("string").and.include("NotFound");
      expect(await parquetOf(stack(), file.name)).to.have.lengthOf(1);
    });
  });
});

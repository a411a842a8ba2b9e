import { CreateJobCommand, GetJobCommand, GlueClient, UpdateJobCommand } from "@aws-sdk/client-glue";
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMiniStack, type MiniStack, type MiniStackOptions } from "../../cli/emulator/ministack.ts";
import { isAlive } from "../../cli/emulator/process.ts";
import { Cloud, clientConfig } from "../cli/emulator/cloud.ts";
import { listen } from "../cli/emulator/ports.ts";

/** Throws, returns or ends as the event says, and tells which process it is. */
const OBEDIENT = `
class ConcurrentRunsExceededException extends Error {
  name = "Glue.ConcurrentRunsExceededException";
}
export const handler = async ({ wish, ms = 0 }) => {
  if (wish === "throw") throw new ConcurrentRunsExceededException("one run is enough");
  if (wish === "reject") return Promise.reject("just text");
  if (wish === "reject with nothing") return Promise.reject();
  if (wish === "exit") process.exit(1);
  if (wish === "environment") return process.env;
  await new Promise((resolve) => setTimeout(resolve, ms));
  return process.pid;
};
`;

/** Invokes another function and gives what that one gives. */
const ASKS = `
import { request } from "node:http";
export const handler = (event) => new Promise((resolve, reject) => {
  const path = "/2015-03-31/functions/" + event.function + "/invocations";
  const headers = { "x-amz-security-token": process.env.AWS_SESSION_TOKEN };
  request(process.env.AWS_ENDPOINT_URL + path, { method: "POST", headers }, (response) => {
    let text = "";
    response.on("data", (chunk) => (text += chunk)).on("end", () => resolve(JSON.parse(text)));
  }).on("error", reject).end("{}");
});
`;

const LEAKS = { AWS_PROFILE: "mine", NODE_OPTIONS: "--no-warnings", npm_config_x: "1", PULUMI_X: "1", SECRET: "1" };

describe("MiniStack", function () {
  this.timeout(120_000);

  let folder: string;
  const running: MiniStack[] = [];

  const start = async (options: Partial<MiniStackOptions> = {}): Promise<MiniStack> => {
    const emulator = await startMiniStack({ port: 0, folder, log: () => undefined, ...options });
    running.push(emulator);
    return emulator;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "glue-pipeline-ministack-"));
  });

  afterEach(async () => {
    for (const emulator of running.splice(0)) await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  describe("mended", () => {
    it("reports a handler's error by its own name, to callers and to state machines, in a process that lives on", async () => {
      const cloud = new Cloud((await start()).url);
      const Resource = await cloud.createFunction("obedient", OBEDIENT);
      const before = await cloud.invoke("obedient");
      const thrown = await cloud.invoke("obedient", { wish: "throw" });
      expect(thrown.error).to.equal(true);
      expect(thrown.payload).to.include({
        errorType: "Glue.ConcurrentRunsExceededException",
        errorMessage: "one run is enough",
      });
      expect(await cloud.invoke("obedient")).to.deep.equal(before);

      const rejected = await cloud.invoke("obedient", { wish: "reject" });
      expect(rejected.payload).to.include({ errorType: "string", errorMessage: "just text" });
      const nothing = await cloud.invoke("obedient", { wish: "reject with nothing" });
      expect(nothing.payload).to.include({ errorType: "undefined", errorMessage: "undefined" });
      const exited = await cloud.invoke("obedient", { wish: "exit" });
      expect(exited.payload).to.include({ errorType: "Runtime.ExitError" });

      const machine = await cloud.createMachine("catches", {
        StartAt: "Try",
        States: {
          Try: {
            Type: "Task",
            Resource,
            Catch: [{ ErrorEquals: ["Glue.ConcurrentRunsExceededException"], Next: "Caught" }],
            End: true,
          },
          Caught: { Type: "Pass", End: true },
        },
      });
      const { status, output } = await cloud.ended(await cloud.start(machine, "one", { wish: "throw" }));
      expect(status).to.equal("SUCCEEDED");
      expect(output).to.include({ Error: "Glue.ConcurrentRunsExceededException" });
    });

    it("takes requests as a proxy gets them, so that S3 Control's host name need not resolve", async () => {
      const { url, port } = await start();
      await new S3Client({ ...clientConfig(url), forcePathStyle: true }).send(
        new CreateBucketCommand({ Bucket: "some-bucket" }),
      );
      const host = `000000000000.localhost:${port}`;
      const path = `http://${host}/v20180820/tags/${encodeURIComponent("arn:aws:s3:::some-bucket")}`;
      expect(await get(port, path, { host, "x-amz-account-id": "000000000000" })).to.deep.include({ status: 200 });
    });

    it("sends an answer in one piece, so that whoever has seen its beginning has it all", async () => {
      const { port } = await start();
      const pieces = await piecesOfAnswers(port, "Action=ListRoles&Version=2010-05-08", 50);
      expect(pieces.map((piece) => piece.slice(0, 15))).to.deep.equal(pieces.map(() => "HTTP/1.1 200 OK"));
      expect(pieces.map((piece) => piece.trimEnd().slice(-20))).to.deep.equal(pieces.map(() => "</ListRolesResponse>"));
      expect(pieces).to.have.length(50);
    });

    it("sends a large answer as it comes", async () => {
      const cloud = new S3Client({ ...clientConfig((await start()).url), forcePathStyle: true });
      const Body = Buffer.alloc(1_000_000, "0123456789");
      await cloud.send(new CreateBucketCommand({ Bucket: "some-bucket" }));
      await cloud.send(new PutObjectCommand({ Bucket: "some-bucket", Key: "large", Body }));
      const large = await cloud.send(new GetObjectCommand({ Bucket: "some-bucket", Key: "large" }));
      expect(Body.equals((await large.Body?.transformToByteArray()) ?? new Uint8Array())).to.equal(true);
      const head = await cloud.send(new HeadObjectCommand({ Bucket: "some-bucket", Key: "large" }));
      expect(head.ContentLength).to.equal(Body.length);
    });

    it("starts executions without a pause, and the same one when it is started again with the same input", async () => {
      const cloud = new Cloud((await start()).url);
      const pass = await cloud.createMachine("pass", { StartAt: "A", States: { A: { Type: "Pass", End: true } } });
      const times: number[] = [];
      for (const name of ["a", "b", "c"]) times.push((await cloud.ended(await cloud.start(pass, name))).ms);
      expect(Math.min(...times)).to.be.below(100);

      const wait = await cloud.createMachine("wait", {
        StartAt: "A",
        States: { A: { Type: "Wait", Seconds: 60, End: true } },
      });
      const first = await cloud.start(wait, "same", { key: 1 });
      expect(await cloud.start(wait, "same", { key: 1 })).to.equal(first);
      expect(await errorOf(cloud.start(wait, "same", { key: 2 }))).to.equal("ExecutionAlreadyExists");
      expect(await errorOf(cloud.start(pass, "a"))).to.equal("ExecutionAlreadyExists");
    });

    it("publishes with the attributes that a state machine gives, so that subscriptions can filter", async () => {
      const { url } = await start();
      const cloud = new Cloud(url);
      const sns = new SNSClient(clientConfig(url));
      const sqs = new SQSClient(clientConfig(url));
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "results" }));
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "failed-only" }));
      await sns.send(
        new SubscribeCommand({
          TopicArn,
          Protocol: "sqs",
          Endpoint: "arn:aws:sqs:us-east-1:000000000000:failed-only",
          Attributes: { FilterPolicy: JSON.stringify({ outcome: ["failed"] }), RawMessageDelivery: "true" },
        }),
      );
      const machine = await cloud.createMachine("publishes", {
        QueryLanguage: "JSONata",
        StartAt: "Publish",
        States: {
          Publish: {
            Type: "Task",
            Resource: "arn:aws:states:::sns:publish",
            Arguments: {
              TopicArn,
              Message: "{% $states.input.outcome %}",
              MessageAttributes: {
                outcome: { DataType: "String", StringValue: "{% $states.input.outcome %}" },
              },
            },
            End: true,
          },
        },
      });
      for (const outcome of ["succeeded", "failed"]) {
        const { status } = await cloud.ended(await cloud.start(machine, outcome, { outcome }));
        expect(status).to.equal("SUCCEEDED");
      }
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"] }),
      );
      expect(Messages.map(({ Body }) => Body)).to.deep.equal(["failed"]);
      expect(Messages[0]?.MessageAttributes?.outcome?.StringValue).to.equal("failed");
    });

    it("remembers all settings of a Glue job", async () => {
      const glue = new GlueClient(clientConfig((await start()).url));
      const Command = { Name: "glueetl", ScriptLocation: "s3://b/s.py" };
      await glue.send(
        new CreateJobCommand({
          Name: "job",
          Role: "r",
          Command,
          ExecutionProperty: { MaxConcurrentRuns: 3 },
          ExecutionClass: "FLEX",
        }),
      );
      const job = async () => (await glue.send(new GetJobCommand({ JobName: "job" }))).Job;
      expect(await job()).to.deep.include({ ExecutionProperty: { MaxConcurrentRuns: 3 }, ExecutionClass: "FLEX" });
      await glue.send(
        new UpdateJobCommand({ JobName: "job", JobUpdate: { Command, ExecutionProperty: { MaxConcurrentRuns: 5 } } }),
      );
      expect(await job()).to.deep.include({ Name: "job", ExecutionProperty: { MaxConcurrentRuns: 5 } });
    });

    it("runs no more processes of functions than it may, and loses no invocation", async () => {
      const cloud = new Cloud((await start({ processes: 2 })).url);
      await cloud.createFunction("one", OBEDIENT);
      await cloud.createFunction("two", OBEDIENT);
      const calls = Array.from({ length: 16 }, (_, index) => cloud.invoke(index % 2 === 0 ? "one" : "two", { ms: 20 }));
      const answers = await Promise.all(calls);
      expect(answers.map(({ error }) => error)).to.not.include(true);
      const alive = new Set(answers.map(({ payload }) => Number(payload)).filter(isAlive));
      expect(alive.size).to.be.within(1, 2);
    });

    it("lets functions that wait for other functions get on, however few processes there may be", async () => {
      const cloud = new Cloud((await start({ processes: 1 })).url);
      await cloud.createFunction("obedient", OBEDIENT);
      await cloud.createFunction("asks", ASKS);
      const answers = await Promise.all([1, 2, 3].map(() => cloud.invoke("asks", { function: "obedient" })));
      for (const { payload } of answers) expect(payload).to.be.a("number");
    });
  });

  it("keeps this machine's environment from the functions, which get the Node.js that started it", async () => {
    Object.assign(process.env, LEAKS);
    try {
      const cloud = new Cloud((await start()).url);
      await cloud.createFunction("obedient", OBEDIENT);
      const { payload } = await cloud.invoke("obedient", { wish: "environment" });
      expect(payload).to.not.have.any.keys(...Object.keys(LEAKS));
      expect(payload).to.include({ AWS_REGION: "us-east-1", TZ: "UTC" });
    } finally {
      for (const name of Object.keys(LEAKS)) Reflect.deleteProperty(process.env, name);
    }
  });

  it("runs as it is without mends", async () => {
    const { url, logFile } = await start({ mends: false });
    const cloud = new Cloud(url);
    await cloud.createFunction("obedient", OBEDIENT);
    const { payload } = await cloud.invoke("obedient", { wish: "throw" });
    expect(payload).to.include({ errorType: "Runtime.HandlerError" });
    expect(readFileSync(logFile, "utf8")).to.not.include("mended");
  });

  it("ends with all processes of its functions, and keeps what it holds if it shall", async () => {
    const first = await start({ persist: true });
    const s3 = new S3Client({ ...clientConfig(first.url), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "kept" }));
    await s3.send(new PutObjectCommand({ Bucket: "kept", Key: "a b+ü", Body: "x" }));
    const cloud = new Cloud(first.url);
    await cloud.createFunction("obedient", OBEDIENT);
    const worker = Number((await cloud.invoke("obedient")).payload);
    expect(isAlive(worker)).to.equal(true);
    await first.stop();
    expect([first.pid, -first.pid, worker].filter(isAlive)).to.deep.equal([]);
    expect(existsSync(join(folder, "emulator.json"))).to.equal(false);

    const second = await start({ persist: true });
    const { Buckets } = await new S3Client(clientConfig(second.url)).send(new ListBucketsCommand());
    expect(Buckets?.map(({ Name }) => Name)).to.deep.equal(["kept"]);
    expect((await new Cloud(second.url).invoke("obedient")).error).to.equal(false);
  });

  it("says what its log says when it does not start", async () => {
    const server = createServer((socket) => socket.destroy());
    try {
      const message = await messageOf(start({ port: await listen(server) }));
      expect(message).to.match(/^MiniStack at http:\/\/127\.0\.0\.1:\d+ ended at once \(1\); its log, .* ends with:\n/);
      expect(message).to.include("is already in use");
    } finally {
      server.close();
    }
  });

  it("runs once in a folder", async () => {
    await start();
    expect(await messageOf(start())).to.include(`an emulator runs in ${folder} already`);
  });
});

function get(port: number, path: string, headers: Record<string, string>): Promise<{ status: number | undefined }> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers }, (response) => {
      response.resume();
      response.on("end", () => {
        resolve({ status: response.statusCode });
      });
    })
      .on("error", reject)
      .end();
  });
}

async function errorOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error.name;
  }
  throw new Error("expected an error");
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error("expected an error");
}

/** What arrives at once while IAM is asked so many times on one connection, each time after the answer before. */
const piecesOfAnswers = (port: number, body: string, times: number): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    const question = [
      "POST / HTTP/1.1",
      `Host: localhost:${port}`,
      "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request",
      "Content-Type: application/x-www-form-urlencoded",
      `Content-Length: ${body.length}`,
      "",
      body,
    ].join("\r\n");
    const pieces: string[] = [];
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true).setEncoding("utf8").on("error", reject).write(question);
    socket.on("data", (piece: string) => {
      pieces.push(piece);
      if (!piece.trimEnd().endsWith("</ListRolesResponse>")) return;
      if (pieces.length < times) socket.write(question);
      else
        socket.end(() => {
          resolve(pieces);
        });
    });
  });

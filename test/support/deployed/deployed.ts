import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { startMiniStack, type MiniStack, type MiniStackOptions } from "../../../cli/emulator/ministack.ts";
import { startProxy, type Proxy } from "./proxy.ts";
import { Project, type Outputs, type ProjectOptions } from "../engine.ts";

/** An emulator with clients that speak to it. */
export class TestEmulator {
  readonly folder = mkdtempSync(join(tmpdir(), "glue-pipeline-test-emulator-"));
  readonly #options: Partial<MiniStackOptions>;
  #ministack: MiniStack | undefined;

  constructor(options: Partial<MiniStackOptions> = {}) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#ministack = await startMiniStack({
      // The same port again after a restart: it is in the addresses of queues.
      port: this.#ministack?.port ?? 0,
      folder: this.folder,
      log: () => undefined,
      ...this.#options,
    });
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    await this.#ministack?.stop(signal);
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** With "localhost", as the stack file has it. */
  get endpoint(): string {
    if (this.#ministack === undefined) throw new Error("the emulator was not started");
    return `http://localhost:${this.#ministack.port}`;
  }

  /** Its process; those of the functions descend from it. */
  get pid(): number {
    if (this.#ministack === undefined) throw new Error("the emulator was not started");
    return this.#ministack.pid;
  }

  get clients(): Clients {
    const config = {
      endpoint: this.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    return {
      dynamodb: new DynamoDBClient(config),
      lambda: new LambdaClient(config),
      s3: new S3Client({ ...config, forcePathStyle: true }),
      sns: new SNSClient(config),
      sqs: new SQSClient(config),
      stepFunctions: new SFNClient(config),
    };
  }
}

export interface Clients {
  readonly dynamodb: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly stepFunctions: SFNClient;
}

/** The local stack, deployed by the real engine on an emulator of its own. */
export interface Deployed {
  readonly emulator: TestEmulator;
  readonly project: Project;
  readonly outputs: Outputs;
  readonly clients: Clients;
}

/** Runs are over soon, and end well: most tests are about something else. */
export const quickRuns = {
  simulatedStartUpSeconds: "0",
  simulatedDurationSeconds: "1",
  simulatedFailureRate: "0",
  pollFloorSeconds: "1",
  retryIntervalSeconds: "1",
};

export interface DeployedOptions {
  readonly config?: ProjectOptions["config"];
  readonly example?: string;
  readonly emulator?: Partial<MiniStackOptions>;
}

/** Deploys before a suite's tests and stops the emulator after them; there is nothing left then to destroy. */
export function deployed({ config = quickRuns, example, emulator: options }: DeployedOptions = {}): () => Deployed {
  let stack: Deployed | undefined;
  const emulator = new TestEmulator(options);
  let project: Project | undefined;
  let proxy: Proxy | undefined;

  before(async function () {
    this.timeout("8 minutes");
    await emulator.start();
    if (options?.mends === false) proxy = await startProxy(emulator.endpoint);
    project = new Project({
      stack: "local",
      endpoint: proxy?.url ?? emulator.endpoint,
      config,
      ...(example !== undefined && { example }),
    });
    await project.up();
    stack = { emulator, project, outputs: await project.outputs(), clients: emulator.clients };
  });
  after(async () => {
    await proxy?.stop();
    await emulator.remove();
    project?.remove();
  });
  return () => {
    if (stack === undefined) throw new Error("the stack is deployed before the tests, not while they are described");
    return stack;
  };
}

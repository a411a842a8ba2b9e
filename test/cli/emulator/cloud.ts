import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { setTimeout as pause } from "node:timers/promises";
import { zipOf } from "../../support/drill/zip.ts";

const ROLE = "arn:aws:iam::000000000000:role/any";

export interface Invocation {
  readonly error: boolean;
  readonly payload: unknown;
}

export interface Ended {
  readonly status: string;
  readonly output: unknown;
  readonly ms: number;
}

interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** How a test reaches an emulator. */
export const clientConfig = (url: string): ClientConfig => ({
  endpoint: url,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

/** Functions and state machines of an emulator, as short as tests want them. */
export class Cloud {
  readonly lambda: LambdaClient;
  readonly sfn: SFNClient;

  constructor(url: string) {
    this.lambda = new LambdaClient(clientConfig(url));
    this.sfn = new SFNClient(clientConfig(url));
  }

  /** Gives the ARN. */
  async createFunction(name: string, source: string): Promise<string> {
    const { FunctionArn } = await this.lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Role: ROLE,
        Timeout: 20,
        Code: { ZipFile: zipOf({ "index.mjs": source }) },
      }),
    );
    return text(FunctionArn);
  }

  async invoke(name: string, event: unknown = {}): Promise<Invocation> {
    const answer = await this.lambda.send(
      new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(event)) }),
    );
    const payload = Buffer.from(answer.Payload ?? []).toString("utf8");
    return { error: answer.FunctionError !== undefined, payload: JSON.parse(payload === "" ? "null" : payload) };
  }

  /** Gives the ARN. */
  async createMachine(name: string, definition: unknown): Promise<string> {
    const { stateMachineArn } = await this.sfn.send(
      new CreateStateMachineCommand({ name, definition: JSON.stringify(definition), roleArn: ROLE }),
    );
    return text(stateMachineArn);
  }

  /** Gives the execution's ARN. */
  async start(stateMachineArn: string, name: string, input: unknown = {}): Promise<string> {
    const { executionArn } = await this.sfn.send(
      new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }),
    );
    return text(executionArn);
  }

  async ended(executionArn: string): Promise<Ended> {
    for (;;) {
      const { status, output, startDate, stopDate } = await this.sfn.send(
        new DescribeExecutionCommand({ executionArn }),
      );
      if (status !== undefined && status !== "RUNNING") {
        return {
          status,
          output: output === undefined ? undefined : JSON.parse(output),
          ms: Number(stopDate) - Number(startDate),
        };
      }
      await pause(10);
    }
  }
}

function text(value: string | undefined): string {
  if (value === undefined) throw new Error("the emulator gave no ARN");
  return value;
}

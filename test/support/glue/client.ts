import { Glue, GlueServiceException } from "@aws-sdk/client-glue";
import { isRecord } from "../../../functions/lib/json.ts";
import type {
  BatchStopJobRunRequest,
  BatchStopJobRunResponse,
  GetJobRunRequest,
  GetJobRunResponse,
  GetJobRunsRequest,
  GetJobRunsResponse,
  StartJobRunRequest,
  StartJobRunResponse,
} from "@aws-sdk/client-glue";
import type { OperationName } from "./model.ts";

/** The requests and answers of each operation, as the SDK has them. */
interface Operations {
  readonly StartJobRun: { readonly input: StartJobRunRequest; readonly output: StartJobRunResponse };
  readonly GetJobRun: { readonly input: GetJobRunRequest; readonly output: GetJobRunResponse };
  readonly GetJobRuns: { readonly input: GetJobRunsRequest; readonly output: GetJobRunsResponse };
  readonly BatchStopJobRun: { readonly input: BatchStopJobRunRequest; readonly output: BatchStopJobRunResponse };
}

export type Input<Name extends OperationName> = Operations[Name]["input"];
export type Output<Name extends OperationName> = Operations[Name]["output"];

/** What came over the wire. */
export interface Wire {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, parsed; undefined if it is no JSON. */
  readonly body: unknown;
}

/** One call, as the SDK tells it and as it was on the wire. */
export interface Exchange<Name extends OperationName = OperationName> {
  readonly operation: Name;
  readonly wire: Wire;
  /** What the SDK made of the answer, or the error that it threw. */
  readonly result: { readonly output: Output<Name> } | { readonly error: Error };
}

/** The AWS SDK's own client of Glue, with an ear on the wire. For one call at a time. */
export class ListeningGlueClient {
  readonly sdk: Glue;
  #body: string | undefined;
  #wire: Wire | undefined;

  constructor(endpoint: string) {
    this.sdk = new Glue({
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    });
    this.sdk.middlewareStack.add(
      (next) => (args) => {
        if (this.#body !== undefined && isRecord(args.request)) Object.assign(args.request, { body: this.#body });
        return next(args);
      },
      { step: "build", priority: "high" },
    );
    this.sdk.middlewareStack.add(
      (next) => async (args) => {
        const answer = await next(args);
        const { wire, again } = await readResponse(answer.response);
        this.#wire = wire;
        return { ...answer, response: again };
      },
      // Behind the SDK's own step, which reads the answer.
      { step: "deserialize", priority: "low" },
    );
  }

  call<Name extends OperationName>(operation: Name, input: Input<Name>): Promise<Exchange<Name>> {
    return this.#send(operation, input, undefined);
  }

  /** Sends a body that the SDK's types forbid. All else of the request is as the SDK makes it. */
  callWithBody<Name extends OperationName>(operation: Name, body: unknown): Promise<Exchange<Name>> {
    return this.#send(operation, { JobName: "-", RunId: "-", JobRunIds: [] }, JSON.stringify(body));
  }

  close(): void {
    this.sdk.destroy();
  }

  async #send<Name extends OperationName>(
    operation: Name,
    input: Input<Name>,
    body: string | undefined,
  ): Promise<Exchange<Name>> {
    this.#body = body;
    this.#wire = undefined;
    const result = await this.#outcome(operation, input);
    const wire = this.#heard();
    // Nobody answered: that is no finding but a broken test.
    if (wire === undefined) throw "error" in result ? result.error : new Error(`There was no answer to ${operation}`);
    return { operation, wire, result };
  }

  #heard(): Wire | undefined {
    return this.#wire;
  }

  async #outcome<Name extends OperationName>(operation: Name, input: Input<Name>): Promise<Exchange<Name>["result"]> {
    try {
      return { output: await calls[operation](this.sdk, input) };
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error)) };
    }
  }
}

type Calls = {
  readonly [Name in OperationName]: (sdk: Glue, input: Input<Name>) => Promise<Output<Name>>;
};

const calls: Calls = {
  StartJobRun: (sdk, input) => sdk.startJobRun(input),
  GetJobRun: (sdk, input) => sdk.getJobRun(input),
  GetJobRuns: (sdk, input) => sdk.getJobRuns(input),
  BatchStopJobRun: (sdk, input) => sdk.batchStopJobRun(input),
};

/** The code of an error that the service answered; nothing for one of the client's own. */
export function codeOf(error: Error): string | undefined {
  return error instanceof GlueServiceException ? error.name : undefined;
}

/** Reads a response to its end, and gives it back to be read once more. */
async function readResponse(response: unknown): Promise<{ readonly wire: Wire; readonly again: unknown }> {
  const { statusCode, headers, body } = response as {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: AsyncIterable<Uint8Array>;
  };
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const again = Object.assign(Object.create(Object.getPrototypeOf(response) as object) as object, response, {
    body: new Uint8Array(bytes),
  });
  return { wire: { status: statusCode, headers, body: parsed(bytes.toString("utf8")) }, again };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

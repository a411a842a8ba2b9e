import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { crc32 } from "node:zlib";
import { TableInMemory } from "../dynamo-db.ts";
import { functionCredentials, type Invocation } from "./environment.ts";

/** A call that a function made. */
interface Call {
  readonly target: string;
  readonly body: unknown;
}

interface Reply {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * AWS as functions see it, on a loopback address: the protocols of DynamoDB (over the embedded cloud's tables), S3,
 * Step Functions, Lambda, Glue, SQS and SNS, as far as the functions use them. Calls have to be signed with the function's credentials.
 */
export class LambdaEndpoint {
  /** Content by `/BUCKET/KEY`. */
  readonly objects = new Map<string, Buffer>();
  readonly tableName = "runs";
  readonly executions: unknown[] = [];
  readonly invocations: Call[] = [];
  /** Runs that Glue tells of, as its API writes them. */
  readonly jobRuns: object[] = [];
  /** Calls of Glue and SQS. */
  readonly calls: Call[] = [];
  /** Fields of what was published, as SNS's protocol names them. */
  readonly notices: Readonly<Record<string, string>>[] = [];
  /** What functions that are invoked by functions do. */
  invoke: (event: unknown) => Promise<Invocation> = () => Promise.reject(new Error("nothing to invoke"));
  readonly #table = new TableInMemory();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  /** Resolves with its URL. */
  start(): Promise<string> {
    return new Promise((resolve) => {
      this.#server.listen(0, "127.0.0.1", () => {
        const address = this.#server.address();
        resolve(`http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`);
      });
    });
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { status, headers, body } = await this.#reply(request, Buffer.concat(chunks));
    response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers }).end(body);
  }

  #reply(request: IncomingMessage, body: Buffer): Promise<Reply> | Reply {
    if (!isSigned(request)) return failed(403, "AccessDenied");
    const target = request.headers["x-amz-target"];
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (typeof target === "string") return this.#call(target, JSON.parse(body.toString()));
    if (request.headers["content-type"] === "application/x-www-form-urlencoded") return this.#publication(body);
    if (pathname.startsWith("/2015-03-31/functions/")) return this.#invocation(pathname, JSON.parse(body.toString()));
    return searchParams.has("list-type")
      ? this.#listing(`${pathname}/`.replace(/\/+$/, "/"), searchParams.get("prefix") ?? "")
      : this.#object(request, decodeURIComponent(pathname), body);
  }

  async #call(target: string, input: unknown): Promise<Reply> {
    if (target === "AWSStepFunctions.StartExecution") {
      this.executions.push(input);
      return json({ executionArn: "arn", startDate: 1_767_603_600 });
    }
    const answer = this.#answer(target, input);
    if (answer !== undefined) {
      this.calls.push({ target, body: input });
      return json(answer);
    }
    const operation = target.replace("DynamoDB_20120810.", "");
    const name = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}` as "getItem";
    try {
      return json(await this.#table[name](input as Parameters<TableInMemory["getItem"]>[0]));
    } catch (error) {
      if (error instanceof Error) return failed(400, error.name);
      throw error;
    }
  }

  #answer(target: string, input: unknown): object | undefined {
    switch (target) {
      case "AWSGlue.StartJobRun": {
        const { Arguments } = input as { Arguments: object };
        this.jobRuns.unshift({ Id: "jr_started", JobRunState: "SUCCEEDED", StartedOn: 1_767_603_600, Arguments });
        return { JobRunId: "jr_started" };
      }
      case "AWSGlue.GetJobRun":
        return {
          JobRun: this.jobRuns.find((run) => (run as { Id?: string }).Id === (input as { RunId: string }).RunId),
        };
      case "AWSGlue.GetJobRuns":
        return { JobRuns: this.jobRuns };
      case "AWSGlue.BatchStopJobRun":
        return {
          SuccessfulSubmissions: (input as { JobRunIds: string[] }).JobRunIds.map((JobRunId) => ({ JobRunId })),
        };
      case "AmazonSQS.SendMessage": {
        const { MessageBody } = input as { MessageBody: string };
        return { MessageId: "1", MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex") };
      }
      case "AWSStepFunctions.GetExecutionHistory":
        return { events: [{ id: 9, timestamp: 1_767_603_600, type: "ExecutionFailed" }] };
      default:
        return undefined;
    }
  }

  #publication(body: Buffer): Reply {
    this.notices.push(Object.fromEntries(new URLSearchParams(body.toString())));
    const result = "<PublishResult><MessageId>1</MessageId></PublishResult>";
    return { status: 200, body: `<PublishResponse>${result}</PublishResponse>` };
  }

  async #invocation(target: string, body: unknown): Promise<Reply> {
    this.invocations.push({ target, body });
    const answer = await this.invoke(body);
    return "error" in answer
      ? { ...json(answer.error), headers: { "x-amz-function-error": "Unhandled" } }
      : json(answer.value);
  }

  #object(request: IncomingMessage, path: string, body: Buffer): Reply {
    if (request.method === "PUT") {
      if (request.headers["x-amz-checksum-crc32"] !== checksum(body)) return xml(400, "BadDigest");
      this.objects.set(path, body);
    }
    if (request.method === "DELETE") this.objects.delete(path);
    if (request.method !== "GET") return { status: 200, body: "" };
    const content = this.objects.get(path);
    return content === undefined ? xml(404, "NoSuchKey") : { status: 200, body: content };
  }

  #listing(bucket: string, prefix: string): Reply {
    const found = [...this.objects.keys()].filter((path) => path.startsWith(`${bucket}${prefix}`));
    const contents = found.map((path) => `<Contents><Key>${path.slice(bucket.length)}</Key></Contents>`).join("");
    return { status: 200, body: `<ListBucketResult>${contents}</ListBucketResult>` };
  }
}

function isSigned({ headers }: IncomingMessage): boolean {
  const { AWS_ACCESS_KEY_ID: id, AWS_SESSION_TOKEN: token } = functionCredentials;
  const isFrom = headers.authorization?.startsWith(`AWS4-HMAC-SHA256 Credential=${id}/`) === true;
  return isFrom && headers["x-amz-security-token"] === token;
}

function checksum(body: Buffer): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString("base64");
}

function json(value: unknown): Reply {
  return { status: 200, body: JSON.stringify(value) };
}

function failed(status: number, name: string): Reply {
  return { status, body: JSON.stringify({ __type: name, message: name }) };
}

function xml(status: number, code: string): Reply {
  return { status, body: `<Error><Code>${code}</Code></Error>` };
}

import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server in front of an emulator's DynamoDB that throttles requests as AWS does, and passes the others on. */
export class ThrottledTable {
  readonly #server: Server;
  readonly #behind: string;
  readonly #throttled: string[] = [];
  #left: number;

  /** Throttles this many requests, then none. */
  constructor(behind: string, times: number) {
    this.#behind = behind;
    this.#left = times;
    this.#server = createServer((incoming, answer) => {
      this.#serve(incoming, answer);
    });
  }

  /** The operations that were throttled, as `PutItem`. */
  get throttled(): readonly string[] {
    return this.#throttled;
  }

  /** Answers on loopback until the work is done. */
  async during<T>(work: (endpoint: string) => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    try {
      return await work(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
    } finally {
      this.#server.closeAllConnections();
      this.#server.close();
    }
  }

  #serve(incoming: IncomingMessage, answer: ServerResponse): void {
    if (this.#left === 0) {
      this.#passOn(incoming, answer);
      return;
    }
    this.#left -= 1;
    this.#throttled.push(String(incoming.headers["x-amz-target"]).replace(/^.*\./, ""));
    incoming.resume();
    answer.writeHead(400, { "content-type": "application/x-amz-json-1.0" }).end(
      JSON.stringify({
        __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        message: "The level of configured provisioned throughput for the table was exceeded.",
      }),
    );
  }

  #passOn(incoming: IncomingMessage, answer: ServerResponse): void {
    const { method, url, headers } = incoming;
    const behind = request(new URL(url ?? "/", this.#behind), { method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    behind.on("error", () => answer.destroy());
    incoming.pipe(behind);
  }
}

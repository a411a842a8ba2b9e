import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP proxy that knows one server only, and stands for that server when it is spoken to directly. */
export interface Proxy {
  /** With "localhost", as the stack file has it. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Does for Pulumi's provider what an unmended emulator does not: takes requests for whatever host, which keep that
 * host's name, and answers in one piece.
 */
export async function startProxy(endpoint: string): Promise<Proxy> {
  const { hostname, port } = new URL(endpoint);
  const server = createServer((incoming, answer) => {
    const { pathname, search } = new URL(incoming.url ?? "/", endpoint);
    const { method, headers } = incoming;
    const outgoing = request({ hostname, port, method, headers, path: pathname + search }, (reply) => {
      const body: Buffer[] = [];
      reply.on("data", (piece: Buffer) => body.push(piece));
      reply.on("error", (error) => answer.destroy(error));
      reply.on("end", () => answer.writeHead(reply.statusCode ?? 502, reply.headers).end(Buffer.concat(body)));
    });
    outgoing.on("error", (error) => answer.destroy(error));
    incoming.pipe(outgoing);
  });
  // The provider asks every five seconds, which is when a connection would be closed.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

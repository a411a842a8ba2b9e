import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP proxy that knows one server only. */
export interface Proxy {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Brings every request to the server at `endpoint`, whatever host it is for; the request keeps that host's name. */
export async function startProxy(endpoint: string): Promise<Proxy> {
  const { hostname, port } = new URL(endpoint);
  const server = createServer((incoming, answer) => {
    const { pathname, search } = new URL(incoming.url ?? "/", endpoint);
    const { method, headers } = incoming;
    const outgoing = request({ hostname, port, method, headers, path: pathname + search }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    outgoing.on("error", (error) => answer.destroy(error));
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

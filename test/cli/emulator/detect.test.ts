import { expect } from "chai";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSocketServer, type Server as SocketServer } from "node:net";
import { detectEmulator } from "../../../cli/emulator/detect.ts";

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

describe("detectEmulator", () => {
  const servers: (Server | SocketServer)[] = [];

  const listen = (server: Server | SocketServer): Promise<string> =>
    new Promise((resolve) => {
      servers.push(server);
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(`http://127.0.0.1:${typeof address === "object" ? address?.port : address}`);
      });
    });

  /** A server that answers these paths, and others as the emulator in question would. */
  const serverWith = (answers: Readonly<Record<string, Answer>>, other: (request: IncomingMessage) => Answer) =>
    listen(
      createServer((request, response) => {
        const answer = answers[request.url ?? ""] ?? other(request);
        response.writeHead(answer.status ?? 200, answer.headers).end(answer.body);
      }),
    );

  const notFound = (): Answer => ({ status: 404, body: "<Error><Code>NoSuchBucket</Code></Error>" });

  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it("knows LocalStack by its health", async () => {
    const health = { services: { s3: "available" }, edition: "community", version: "4.14.0" };
    const url = await serverWith({ "/_localstack/health": { body: JSON.stringify(health) } }, notFound);
    expect(await detectEmulator(url)).to.deep.equal({
      kind: "emulator",
      emulator: {
        name: "LocalStack",
        version: "4.14.0",
        limits: ["It runs functions in Docker, and Glue jobs (mode real) in its paid editions only."],
      },
    });
  });

  it("takes the version from LocalStack's header where its health names none", async () => {
    const answer = { headers: { "x-localstack": "2026.3.0" }, body: JSON.stringify({ services: {} }) };
    const url = await serverWith({ "/_localstack/health": answer }, notFound);
    expect(await detectEmulator(url)).to.have.nested.property("emulator.version", "2026.3.0");
  });

  it("tells those that answer in LocalStack's place from LocalStack", async () => {
    const body = JSON.stringify({ services: {}, edition: "light", version: "1.5.33" });
    const miniStack = await serverWith({ "/_ministack/health": { body }, "/_localstack/health": { body } }, notFound);
    expect(await detectEmulator(miniStack)).to.have.nested.property("emulator.name", "MiniStack");
    const localEmu = await serverWith({ "/_localemu/health": { body }, "/_localstack/health": { body } }, notFound);
    expect(await detectEmulator(localEmu)).to.have.nested.property("emulator.name", "LocalEmu");
  });

  it("knows moto, which tells no version, and says that it runs no functions", async () => {
    const url = await serverWith({ "/moto-api/data.json": { body: '{"s3": {}}' } }, notFound);
    const found = await detectEmulator(url);
    expect(found).to.have.nested.property("emulator.name", "moto");
    expect(found).to.not.have.nested.property("emulator.version");
    expect(found).to.have.nested.property("emulator.limits[0]").that.includes("runs no functions in Node.js");
  });

  it("takes anyone for an emulator who says in AWS's way who asks", async () => {
    const url = await serverWith({}, ({ method }) =>
      method === "POST" ? { body: "<GetCallerIdentityResponse/>" } : notFound(),
    );
    expect(await detectEmulator(url)).to.deep.equal({
      kind: "emulator",
      emulator: { name: "an emulator that does not tell its name", limits: [] },
    });
  });

  it("finds nothing where nobody listens", async () => {
    const url = await serverWith({}, notFound);
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    expect(await detectEmulator(url)).to.deep.equal({ kind: "nothing" });
  });

  it("takes a web server that says yes to everything for a stranger", async () => {
    const url = await serverWith({}, () => ({ body: "<!doctype html>" }));
    expect(await detectEmulator(url)).to.deep.equal({ kind: "stranger", answer: "HTTP 200" });
  });

  it("takes whoever does not speak HTTP for a stranger", async () => {
    const url = await listen(createSocketServer((socket) => socket.destroy()));
    expect(await detectEmulator(url)).to.have.property("kind", "stranger");
  });
});

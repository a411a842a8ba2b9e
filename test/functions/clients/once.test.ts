import { expect } from "chai";
import { createServer } from "node:http";
import { createGlueCalls } from "../../../functions/clients/glue.ts";
import { createLambdaOnce } from "../../../functions/clients/lambda.ts";
import { failureOf } from "../../support/jobs.ts";

describe("The clients of calls that must not be made twice unseen", () => {
  let seen: string[] = [];
  /** Requests that fail before one succeeds. */
  let failing = Infinity;
  const server = createServer((request, response) => {
    seen.push(request.url ?? "");
    failing--;
    response.writeHead(failing >= 0 ? 500 : 200).end("{}");
  });
  const given = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
  const earlier: Record<string, string | undefined> = {};

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    for (const [name, value] of Object.entries({ ...given, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` })) {
      earlier[name] = process.env[name];
      process.env[name] = value;
    }
  });

  after(() => {
    for (const [name, value] of Object.entries(earlier)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    server.closeAllConnections();
    server.close();
  });

  beforeEach(() => {
    seen = [];
    failing = Infinity;
  });

  it("leave it to their caller to try again", async () => {
    await failureOf(() => createGlueCalls().startJobRun({ JobName: "job" }));
    expect(seen).to.deep.equal(["/"]);
    await failureOf(() => createLambdaOnce().invoke({ FunctionName: "start", Payload: "{}" }));
    expect(seen).to.deep.equal(["/", "/2015-03-31/functions/start/invocations"]);
  });

  it("try again what may be asked twice", async () => {
    const glue = createGlueCalls();
    const calls = [
      () => glue.getJobRun({ JobName: "job", RunId: "jr_1" }),
      () => glue.getJobRuns({ JobName: "job" }),
      () => glue.batchStopJobRun({ JobName: "job", JobRunIds: ["jr_1"] }),
    ];
    for (const call of calls) {
      [seen, failing] = [[], 1];
      await call();
      expect(seen).to.deep.equal(["/", "/"]);
    }
  });
});

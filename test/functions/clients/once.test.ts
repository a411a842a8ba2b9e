import { expect } from "chai";
import { createServer } from "node:http";
import { createGlueCalls } from "../../../functions/clients/glue.ts";
import { createLambdaOnce } from "../../../functions/clients/lambda.ts";
import { failureOf } from "../../support/jobs.ts";

describe("The clients of calls that must not be made twice unseen", () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? "");
    response.writeHead(500).end("{}");
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

  it("leave it to their caller to try again", async () => {
    await failureOf(() => createGlueCalls().startJobRun({ JobName: "job" }));
    expect(seen).to.deep.equal(["/"]);
    await failureOf(() => createLambdaOnce().invoke({ FunctionName: "start", Payload: "{}" }));
    expect(seen).to.deep.equal(["/", "/2015-03-31/functions/start/invocations"]);
  });
});

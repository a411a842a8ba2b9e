import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";

import { createS3 } from "../../../functions/clients/s3.ts";
import { failureOf } from "../stand-ins/failure.ts";

/** A server that keeps what is put to a path, and answers 404 for the others. */
function startServer(requests: string[]): Promise<Server> {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const url = request.url ?? "";
    requests.push(`${request.method ?? ""} ${url} ${request.headers["content-type"] ?? ""}`.trim());
    const path = url.split("?")[0] ?? "";
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method === "PUT") objects.set(path, Buffer.concat(chunks));
      const content = objects.get(path);
      response.statusCode = content === undefined ? 404 : 200;
      response.end(request.method === "GET" ? (content ?? "<Error><Code>NoSuchKey</Code></Error>") : "");
    });
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      resolve(server);
    }),
  );
}

describe("createS3", () => {
  const requests: string[] = [];
  let server: Server;
  let client: S3Client;

  before(async () => {
    server = await startServer(requests);
    client = new S3Client({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      forcePathStyle: true,
      maxAttempts: 1,
      requestChecksumCalculation: "WHEN_REQUIRED",
    });
  });

  after(() => {
    client.destroy();
    server.close();
  });

  it("puts an object and reads it back", async () => {
    const s3 = createS3(() => client);
    const Body = Buffer.from("a,b\n".repeat(50_000));
    await s3.putObject({ Bucket: "landing", Key: "a b+%.csv", Body, ContentType: "text/csv" });
    const content = await s3.getObject({ Bucket: "landing", Key: "a b+%.csv", VersionId: "v1" });
    const chunks: Uint8Array[] = [];
    for await (const chunk of content.Body) chunks.push(chunk);

    expect(Buffer.concat(chunks).equals(Body)).to.equal(true);
    expect(content.ContentLength).to.equal(Body.length);
    expect(requests).to.deep.equal([
      "PUT /landing/a%20b%2B%25.csv?x-id=PutObject text/csv",
      "GET /landing/a%20b%2B%25.csv?versionId=v1&x-id=GetObject",
    ]);
  });

  it("deletes and lists", async () => {
    requests.length = 0;
    const s3 = createS3(() => client);
    await s3.putObject({ Bucket: "landing", Key: "gone.csv", Body: Buffer.from("a") });
    await s3.deleteObject({ Bucket: "landing", Key: "gone.csv" });
    await failureOf(s3.listObjectsV2({ Bucket: "landing", Prefix: "processed/", ContinuationToken: "next" }));
    expect(requests.slice(1)).to.deep.equal([
      "DELETE /landing/gone.csv?x-id=DeleteObject",
      "GET /landing/?continuation-token=next&list-type=2&prefix=processed%2F",
    ]);
  });

  it("gives an API error its name", async () => {
    expect((await failureOf(createS3(() => client).getObject({ Bucket: "landing", Key: "none" }))).name).to.equal(
      "NoSuchKey",
    );
  });
});

import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ServiceError } from "../services/service.ts";
import { S3Requests } from "./s3-requests.ts";
import { errorXml, otherErrorXml } from "./s3-xml.ts";
import type { ScriptRun } from "./script-run.ts";
import type { StagedBuckets } from "./staged-buckets.ts";

/** A run's way to the buckets over HTTP, for the AWS SDK of its script. */
export interface S3Front {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  close(): Promise<void>;
}

/**
 * Serves S3's REST API on a loopback port of this machine, for one run: each call is made as the run's role. Who does not
 * know the run's access key is refused.
 */
export const openS3Front = async (run: ScriptRun, staged: StagedBuckets | undefined): Promise<S3Front> => {
  const accessKeyId = `AKIA${randomBytes(8).toString("hex").toUpperCase()}`;
  const requests = new S3Requests(run, staged);
  const server = createServer((request, response) => {
    void answer(request, response, accessKeyId, requests);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    accessKeyId,
    secretAccessKey: randomBytes(20).toString("hex"),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  accessKeyId: string,
  requests: S3Requests,
): Promise<void> => {
  try {
    const { authorization = "" } = request.headers;
    if (!authorization.startsWith("AWS4-HMAC-SHA256 ")) {
      throw new ServiceError("NotImplemented", "Only S3 is there, with requests that are signed");
    }
    const [, key, service] = /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(authorization) ?? [];
    if (key !== accessKeyId) throw new ServiceError("InvalidAccessKeyId", "The access key is not this run's");
    if (service !== "s3") throw new ServiceError("NotImplemented", `Only S3 is there, not ${service ?? ""}`);
    await requests.answer(request, response);
  } catch (error) {
    refuse(response, request.method ?? "", error);
  }
};

const statuses: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  InvalidAccessKeyId: 403,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NoSuchVersion: 404,
  MethodNotAllowed: 405,
  PreconditionFailed: 412,
  InvalidRange: 416,
  NotImplemented: 501,
};

const refuse = (response: ServerResponse, method: string, error: unknown): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const isOurs = error instanceof ServiceError;
  const code = isOurs ? error.name : "InternalError";
  const message = error instanceof Error ? error.message : String(error);
  response.writeHead(isOurs ? (statuses[code] ?? 400) : 500, {
    "content-type": "application/xml",
    // What was not read of the request would be taken for the next one.
    connection: "close",
  });
  // Other services' clients look for the error one level below S3's.
  const xml = code === "NotImplemented" ? otherErrorXml(code, message) : errorXml(code, message);
  response.end(method === "HEAD" ? undefined : xml);
};

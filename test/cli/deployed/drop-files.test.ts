import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { closeClients, createClients, isUnreachable } from "../../../cli/deployed/clients.ts";
import { dropFiles } from "../../../cli/deployed/drop-files.ts";
import { checkFiles } from "../../../cli/run/files.ts";

const NOTIFICATION = `<NotificationConfiguration><CloudFunctionConfiguration>
  <Id>1</Id><CloudFunction>dispatcher</CloudFunction><Event>s3:ObjectCreated:*</Event>
</CloudFunctionConfiguration></NotificationConfiguration>`;

/** What a cloud does with the upload of `b.csv` and with calls to Step Functions; `a.csv` arrives at once. */
interface Behaviour {
  readonly upload: (response: ServerResponse) => void;
  readonly stepFunctions: string;
}

describe("dropFiles", () => {
  let folder: string;
  let server: Server;
  let looks: number;

  beforeEach(() => {
    looks = 0;
    folder = mkdtempSync(join(tmpdir(), "drop-files-"));
    for (const name of ["a.csv", "b.csv"]) writeFileSync(join(folder, name), "id\n1\n");
  });
  afterEach(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    rmSync(folder, { recursive: true });
  });

  const answer = (request: IncomingMessage, response: ServerResponse, { upload, stepFunctions }: Behaviour): void => {
    request.resume();
    if (request.method === "GET") response.end(NOTIFICATION);
    else if (request.method === "POST") {
      looks++;
      response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify({ __type: stepFunctions, message: "no" }));
    } else if (request.url?.includes("a.csv") === true) response.writeHead(200, { "x-amz-version-id": "1" }).end();
    else upload(response);
  };

  /** What becomes of two files. */
  const drop = async (behaviour: Behaviour): Promise<unknown> => {
    server = createServer((request, response) => {
      answer(request, response, behaviour);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const aws = {
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      endpoints: { s3: url, sfn: url, sqs: url },
      usesPathStyle: true,
    };
    const files = checkFiles(["a.csv", "b.csv"], folder);
    if ("problems" in files) throw new Error(files.problems.join());
    const clients = createClients(aws);
    const silent = (): void => undefined;
    try {
      return await dropFiles(
        {
          target: { directory: folder, stack: "local" },
          files,
          key: undefined,
          isFollowed: true,
          timeout: undefined,
          json: false,
        },
        {
          project: "p",
          stack: "local",
          mode: "real",
          outputs: {
            landingBucket: "landing",
            outputBucket: "output",
            stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:m",
            dispatcherName: "dispatcher",
            failureQueueUrl: `${url}/failures`,
          },
          config: {},
          aws,
        },
        clients,
        { out: silent, err: silent, cwd: folder, env: {}, isTerminal: false, columns: 80, now: Date.now },
      );
    } catch (error) {
      return error;
    } finally {
      closeClients(clients);
    }
  };

  it("stops uploading and says why when a file cannot be followed", async () => {
    const failed = await drop({ upload: () => undefined, stepFunctions: "AccessDeniedException" });
    expect(failed).to.have.property("name", "AccessDeniedException");
  });

  it("stops following and says why when nothing takes an upload any more", async () => {
    const failed = await drop({
      upload: (response) => response.destroy(),
      stepFunctions: "ExecutionDoesNotExist",
    });
    expect(isUnreachable(failed)).to.equal(true);
    const before = looks;
    await pause(700);
    expect(looks).to.equal(before).and.to.be.greaterThan(0);
  });
});

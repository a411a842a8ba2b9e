import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleepFor } from "node:timers/promises";
import { expect } from "chai";
import { createClients, isUnreachable, type Clients } from "../../../cli/deployed/clients.ts";
import { Executions } from "../../../cli/deployed/executions.ts";
import { FailureQueue } from "../../../cli/deployed/failure-queue.ts";
import { emulatorPace, Follower, type FollowOptions } from "../../../cli/deployed/follow.ts";
import { Ledger } from "../../../cli/run/ledger.ts";
import type { FileRecord } from "../../../cli/run/records.ts";
import { verdictOn } from "../../../cli/run/outcome.ts";
import { recorded, type Recorded } from "./recorded.ts";

/** The wire has dates as seconds since the epoch. */
const onTheWire = (value: unknown): string =>
  JSON.stringify(value, function (this: Record<string, unknown>, key, inner: unknown) {
    const original = this[key];
    return original instanceof Date ? original.getTime() / 1000 : inner;
  });

/** Answers as Step Functions does of one recorded execution, which is a few events further at each look. */
class Playback {
  readonly #recorded: Recorded;
  readonly #step: number;
  #known = 0;
  /** So many more calls are answered with a throttling error. */
  throttled = 0;
  /** Ids of the events that each page began and ended with. */
  readonly pages: (readonly [number, number])[] = [];

  constructor(execution: Recorded, step: number) {
    this.#recorded = execution;
    this.#step = step;
  }

  answer(target: string, body: { readonly nextToken?: string }): { readonly status: number; readonly text: string } {
    const { description, events } = this.#recorded;
    if (this.throttled > 0) {
      this.throttled--;
      return { status: 400, text: JSON.stringify({ __type: "ThrottlingException", message: "Rate exceeded" }) };
    }
    if (target.endsWith("DescribeExecution")) {
      this.#known += this.#step;
      if (this.#known <= this.#step) {
        return { status: 400, text: JSON.stringify({ __type: "ExecutionDoesNotExist", message: "not yet" }) };
      }
      const hasEnded = this.#known >= events.length;
      return { status: 200, text: onTheWire(hasEnded ? description : { ...description, status: "RUNNING" }) };
    }
    // Pages of ten, whatever was asked for: a client has to turn them.
    const newest = body.nextToken === undefined ? Math.min(this.#known, events.length) : Number(body.nextToken);
    const page = events.slice(Math.max(0, newest - 10), newest).toReversed();
    this.pages.push([page[0]?.id ?? 0, page.at(-1)?.id ?? 0]);
    return {
      status: 200,
      text: onTheWire({ events: page, ...(newest > 10 ? { nextToken: String(newest - 10) } : {}) }),
    };
  }
}

describe("Follower", () => {
  let server: Server;
  let port = 0;
  let playback: Playback;
  let clients: Clients;

  const listen = (at: number): Promise<void> =>
    new Promise((resolve) => {
      server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          const body = JSON.parse(Buffer.concat(chunks).toString()) as { readonly nextToken?: string };
          const { status, text } = playback.answer(String(request.headers["x-amz-target"]), body);
          response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(text);
        });
      }).listen(at, "127.0.0.1", resolve);
    });
  const hangUp = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };

  beforeEach(async () => {
    await listen(0);
    ({ port } = server.address() as AddressInfo);
    const url = `http://127.0.0.1:${port}`;
    clients = createClients({
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      endpoints: { sfn: url, sqs: url },
      usesPathStyle: true,
    });
  });
  afterEach(async () => {
    if (server.listening) await hangUp();
  });

  const follow = async (
    name: "succeeded" | "failed",
    more: Partial<FollowOptions> = {},
  ): Promise<{ readonly file: FileRecord; readonly ledger: Ledger; readonly ids: readonly number[] }> => {
    const { description } = recorded(name);
    const { arguments: object } = JSON.parse(description.input ?? "") as {
      arguments: { bucket: string; key: string; versionId: string };
    };
    const ledger = new Ledger([{ ...object, file: object.key, size: 1 }]);
    const [file] = ledger.files;
    if (file === undefined) throw new Error("there is one file");
    const ids: number[] = [];
    const follower = new Follower({
      executions: new Executions(clients.stepFunctions, description.stateMachineArn ?? ""),
      queue: new FailureQueue(clients.sqs, `http://127.0.0.1:${port}/failures`),
      pace: { ...emulatorPace, floor: 10, perExecution: 1, queue: 60_000, outage: 5_000 },
      names: { queue: "failures", topic: "results" },
      objectsOf: () => Promise.resolve([{ bucket: "out", key: "part", size: 1, path: "s3://out/part" }]),
      observe: (event, at) => {
        if (event.kind === "history") ids.push(event.event.id);
        ledger.observe(event, at);
      },
      onLook: () => undefined,
      now: Date.now,
      sleep: (ms) => sleepFor(ms),
      until: undefined,
      ...more,
    });
    await follower.follow(file, object);
    return { file, ledger, ids };
  };
  const inOrder = (length: number): readonly number[] => Array.from({ length }, (_, index) => index + 1);

  it("waits for the execution and tells each of its events once, in order, page by page", async () => {
    playback = new Playback(recorded("failed"), 23);
    const { file, ledger, ids } = await follow("failed");
    expect(ids).to.deep.equal(inOrder(101));
    expect(verdictOn(file)).to.deep.include({ outcome: "failed" });
    expect(ledger.executions[0]?.jobRuns.size).to.equal(3);
    // What was read before is not read again, but for the rest of a page.
    expect(playback.pages.length).to.be.lessThan(20);
  });

  it("goes on where it was after nothing has answered for a while", async () => {
    playback = new Playback(recorded("succeeded"), 9);
    let looks = 0;
    const { file, ids } = await follow("succeeded", {
      onLook: () => {
        if (++looks === 3) void hangUp().then(() => sleepFor(200).then(() => listen(port)));
      },
    });
    expect(ids).to.deep.equal(inOrder(38));
    expect(verdictOn(file)).to.deep.equal({ outcome: "succeeded" });
  });

  it("goes on when the calls of others have used up the account's rate for a while", async () => {
    playback = new Playback(recorded("succeeded"), 9);
    // As often as the SDK tries by itself.
    playback.throttled = 3;
    const { file } = await follow("succeeded");
    expect(playback.throttled).to.equal(0);
    expect(verdictOn(file)).to.deep.equal({ outcome: "succeeded" });
  });

  it("gives up when nothing answers for too long", async () => {
    playback = new Playback(recorded("succeeded"), 9);
    await hangUp();
    const failed: unknown = await follow("succeeded", { pace: { ...emulatorPace, floor: 10, outage: 50 } }).catch(
      (error: unknown) => error,
    );
    expect(isUnreachable(failed)).to.equal(true);
  });

  it("stops in time, the execution still running", async () => {
    playback = new Playback(recorded("succeeded"), 9);
    let now = 0;
    const { file } = await follow("succeeded", {
      now: () => now,
      sleep: (ms) => {
        now += ms;
        return Promise.resolve();
      },
      until: 25,
    });
    expect(file.execution?.status).to.equal("RUNNING");
  });
});

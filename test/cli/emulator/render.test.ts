import { expect } from "chai";
import { nextLines, statusDocument, statusLines, unheededOptions } from "../../../cli/emulator/render.ts";
import type { Status } from "../../../cli/emulator/status.ts";

const OWN: Extract<Status, { state: "running" }> = {
  state: "running",
  url: "http://127.0.0.1:4566",
  emulator: { name: "MiniStack", version: "1.5.33", limits: [] },
  own: {
    pid: 12,
    version: "1.5.33",
    host: "127.0.0.1",
    port: 4566,
    persist: false,
    mends: ["error_names", "proxied_requests"],
    log: "/tmp/e/emulator.log",
  },
};
const FOREIGN: Extract<Status, { state: "running" }> = {
  state: "running",
  url: "http://127.0.0.1:4577",
  emulator: { name: "moto", limits: ["It runs no functions."] },
};
const HOLDINGS = { buckets: 1, functions: 4, stateMachines: 0 };

describe("an emulator's status", () => {
  it("says of one's own which process it is, what is mended and what it holds", () => {
    expect(statusLines(OWN, HOLDINGS)).to.deep.equal([
      "MiniStack 1.5.33 answers at http://127.0.0.1:4566",
      "  process  12",
      "  log      /tmp/e/emulator.log",
      "  mended   error names, proxied requests",
      "  kept     nothing, when it is stopped",
      "  holds    1 bucket, 4 functions, 0 state machines",
    ]);
    expect(statusDocument(OWN, HOLDINGS)).to.deep.equal({
      state: "running",
      url: "http://127.0.0.1:4566",
      name: "MiniStack",
      version: "1.5.33",
      startedHere: true,
      pid: 12,
      log: "/tmp/e/emulator.log",
      persist: false,
      mends: ["error_names", "proxied_requests"],
      limits: [],
      holdings: HOLDINGS,
    });
  });

  it("says of somebody else's what it cannot do", () => {
    expect(statusLines(FOREIGN)).to.deep.equal([
      "moto answers at http://127.0.0.1:4577 (not started here)",
      "  ! It runs no functions.",
    ]);
  });

  it("says how to get one where there is none", () => {
    const url = "http://127.0.0.1:4566";
    expect(statusLines({ state: "nothing", url })).to.deep.equal([
      "Nothing answers at http://127.0.0.1:4566. To start an emulator: npm run emulator",
    ]);
    expect(statusLines({ state: "stranger", url, answer: "HTTP 200" })).to.deep.equal([
      "what listens at http://127.0.0.1:4566 is no AWS emulator (HTTP 200): end it, or choose another port with --port",
    ]);
  });
});

describe("options that come too late", () => {
  const options = { persist: false, mends: true, processes: undefined, foreground: false };

  it("are those that the running emulator was not started with", () => {
    expect(unheededOptions({ persist: true, mends: false, processes: 4, foreground: true }, OWN.own)).to.deep.equal([
      "--persist",
      "--no-mends",
      "--processes",
      "--foreground",
    ]);
    expect(unheededOptions({ ...options, persist: true }, FOREIGN.own)).to.deep.equal(["--persist"]);
  });

  it("are none where it is as it was asked for", () => {
    expect(unheededOptions(options, OWN.own)).to.deep.equal([]);
    expect(unheededOptions(options, FOREIGN.own)).to.deep.equal([]);
    const own = { ...OWN.own, persist: true, mends: [] } as NonNullable<typeof OWN.own>;
    expect(unheededOptions({ ...options, persist: true, mends: false }, own)).to.deep.equal([]);
  });
});

describe("what to type next", () => {
  it("is short where all is as usual", () => {
    expect(nextLines(OWN, true)).to.deep.equal(["Deploy    pulumi up -s local", "Stop      npm run emulator -- stop"]);
  });

  it("brings S3 Control's host name through the emulator where it does not resolve", () => {
    expect(nextLines(OWN, false)).to.deep.equal([
      "Deploy    HTTP_PROXY=http://127.0.0.1:4566 pulumi up -s local",
      "Stop      npm run emulator -- stop",
      "The AWS provider calls S3 Control as 000000000000.localhost, which this machine cannot resolve:",
      'HTTP_PROXY brings those calls to the emulator. To do without it, add "127.0.0.1 000000000000.localhost" to the hosts file.',
    ]);
  });

  it("asks for a line in the hosts file where the emulator is no proxy, and for the port in the stack file", () => {
    expect(nextLines(FOREIGN, false)).to.deep.equal([
      "In Pulumi.local.yaml, let aws:endpoints name port 4577 instead of 4566.",
      "Deploy    pulumi up -s local",
      "The AWS provider calls S3 Control as 000000000000.localhost, which this machine cannot resolve:",
      'add "127.0.0.1 000000000000.localhost" to the hosts file, or buckets cannot be created.',
    ]);
  });
});

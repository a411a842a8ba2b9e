import { expect } from "chai";
import { dispatchFailureIn, sentAt } from "../../../cli/deployed/failure-queue.ts";
import { undispatchedIn } from "../../../cli/deployed/status-report.ts";

/** As Lambda's on-failure destination writes it. */
const record = (more: object = {}): string =>
  JSON.stringify({
    requestContext: {
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:dispatcher:$LATEST",
      condition: "RetriesExhausted",
    },
    requestPayload: {
      Records: [
        {
          eventName: "ObjectCreated:Put",
          s3: {
            bucket: { name: "landing" },
            object: { key: "incoming/a+b%2B.csv", size: 3, versionId: "v1", sequencer: "01" },
          },
        },
      ],
    },
    responsePayload: { errorType: "DispatchError", errorMessage: "1 of 1 records failed" },
    ...more,
  });

describe("dispatchFailureIn", () => {
  it("says which objects the dispatcher failed on, and with what", () => {
    const { event, ...failure } = dispatchFailureIn(record()) ?? {};
    expect(failure).to.deep.equal({
      functionName: "dispatcher",
      error: "DispatchError",
      message: "1 of 1 records failed",
      objects: [{ bucket: "landing", key: "incoming/a b+.csv", size: 3, versionId: "v1", sequencer: "01" }],
    });
    expect(event).to.have.property("Records");
  });

  it("does without an answer, as when the event became too old", () => {
    expect(dispatchFailureIn(record({ responsePayload: null }))).to.include({ error: "RetriesExhausted", message: "" });
    expect(dispatchFailureIn(record({ requestPayload: "text" }))?.objects).to.deep.equal([]);
  });

  it("is nothing that a failed execution leaves, and nothing that cannot be read", () => {
    expect(dispatchFailureIn('{"outcome":"failed","executionName":"e"}')).to.equal(undefined);
    expect(dispatchFailureIn("not JSON")).to.equal(undefined);
    expect(dispatchFailureIn(undefined)).to.equal(undefined);
  });
});

describe("undispatchedIn", () => {
  it("lists the files without an execution", () => {
    const failures = [dispatchFailureIn(record())].filter((failure) => failure !== undefined);
    expect(undispatchedIn(failures)).to.deep.equal([
      {
        bucket: "landing",
        key: "incoming/a b+.csv",
        functionName: "dispatcher",
        reason: "DispatchError: 1 of 1 records failed",
      },
    ]);
  });
});

describe("sentAt", () => {
  it("is the time that SQS took the message at, if it says so", () => {
    expect(sentAt({ Attributes: { SentTimestamp: "1795263107435" } })).to.equal(1795263107435);
    expect(sentAt({})).to.equal(undefined);
  });
});

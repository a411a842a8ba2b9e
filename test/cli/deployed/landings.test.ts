import type { NotificationConfiguration } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { ignoredBecause, landingsIn } from "../../../cli/deployed/landings.ts";

const created = ["s3:ObjectCreated:*"] as const;

const rule = (FilterRules: readonly { Name: string; Value: string }[]) => ({
  Events: [...created],
  Filter: { Key: { FilterRules: FilterRules as { Name: "prefix" | "suffix"; Value: string }[] } },
});

describe("landingsIn", () => {
  it("reads prefixes and suffixes of all targets, however S3 writes the names", () => {
    const configuration: NotificationConfiguration = {
      LambdaFunctionConfigurations: [
        { LambdaFunctionArn: "f", ...rule([{ Name: "Prefix", Value: "incoming/" }]) },
        { LambdaFunctionArn: "g", Events: ["s3:ObjectRemoved:*"] },
      ],
      QueueConfigurations: [{ QueueArn: "q", ...rule([{ Name: "suffix", Value: ".json" }]) }],
      TopicConfigurations: [{ TopicArn: "t", Events: ["s3:ObjectCreated:Put"] }],
    };
    expect(landingsIn(configuration, "b")).to.deep.equal([
      { bucket: "b", prefix: "incoming/", suffix: "" },
      { bucket: "b", prefix: "", suffix: ".json" },
      { bucket: "b", prefix: "", suffix: "" },
    ]);
    expect(landingsIn({}, "b")).to.deep.equal([]);
  });
});

describe("ignoredBecause", () => {
  const csv = { bucket: "b", prefix: "in/", suffix: ".csv" };

  it("finds nothing to say of a key that a rule wants", () => {
    expect(ignoredBecause([{ bucket: "b", prefix: "x/", suffix: "" }, csv], "in/a.csv")).to.equal(undefined);
  });

  it("says of each rule why it does not want the key", () => {
    expect(ignoredBecause([csv], "out/a.txt")).to.equal(
      'its key does not begin with "in/" and does not end with ".csv"',
    );
    expect(ignoredBecause([csv, { ...csv, prefix: "up/" }], "in/a.txt")).to.equal(
      'its key does not end with ".csv"; its key does not begin with "up/" and does not end with ".csv"',
    );
    expect(ignoredBecause([], "a")).to.equal("its bucket has no notification");
  });
});

import { readFileSync } from "node:fs";
import { GetExecutionHistoryCommand } from "@aws-sdk/client-sfn";
import { expect } from "chai";
import { deployed, quickRuns } from "../support/deployed/deployed.ts";
import { arnOf, fileIn } from "../support/deployed/files.ts";

const orders = readFileSync(new URL("../../examples/data-lake/samples/1-web-orders.csv", import.meta.url));

describe("A pipeline of stages whose runs tell of their ends, on an emulator", function () {
  this.timeout("3 minutes");
  const config = { ...quickRuns, maxAttempts: "1", completion: "event", eventHeartbeatSeconds: "120" };
  const stack = deployed({
    example: "data-lake",
    config: Object.fromEntries(Object.entries(config).map(([key, value]) => [`glue-pipeline:${key}`, value])),
  });

  it("takes a file through all its jobs, with nobody looking at their runs", async () => {
    const { clients, outputs } = stack();
    const file = await fileIn(clients, outputs, { key: "incoming/orders.csv", body: orders });
    expect(file.cause).to.equal(undefined);
    expect(file.output?.stages).to.have.all.keys("ingestRaw", "transform", "aggregate");
    const { events = [] } = await clients.stepFunctions.send(
      new GetExecutionHistoryCommand({ executionArn: arnOf(outputs, file.name), maxResults: 1000 }),
    );
    const states = events.flatMap(({ stateEnteredEventDetails: entered }) => entered?.name ?? []);
    expect(states).to.deep.equal([
      "Validate",
      ...["Ingest raw", "Transform", "Aggregate"].flatMap((stage) => [`${stage} StartJobRun`, `${stage} CheckJobRun`]),
      ...["NotifySucceeded", "Succeeded"],
    ]);
  });
});

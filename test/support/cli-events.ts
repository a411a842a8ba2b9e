import type { JobRun } from "@aws-sdk/client-glue";
import { Ledger } from "../../cli/run/ledger.ts";
import type { Upload } from "../../cli/run/records.ts";
import type { CloudEvent } from "../../local/events.ts";

export const ARN = "arn:aws:states:us-east-1:000000000000:execution:csv:orders-1";
export const RUN_ID = `jr_${"9c1e02ab".repeat(8)}`;

export const upload = (name = "orders.csv"): Upload => ({
  file: name,
  bucket: "landing",
  key: `incoming/${name}`,
  size: 1_200_000,
});

export const created = (name = "orders.csv"): CloudEvent => ({
  kind: "object-created",
  bucket: "landing",
  key: `incoming/${name}`,
  versionId: "v1",
  size: 1_200_000,
});

/** As S3 encodes keys in its notifications. */
export const invoked = (key = "incoming/orders.csv", requestId = "r1"): CloudEvent => ({
  kind: "function-invoked",
  functionName: "dispatcher",
  requestId,
  payload: {
    Records: [{ s3: { bucket: { name: "landing" }, object: { key: encodeURIComponent(key).replaceAll("%20", "+") } } }],
  },
});

export const started = (key = "incoming/orders.csv", name = "orders-1"): CloudEvent => ({
  kind: "execution-started",
  executionArn: ARN.replace("orders-1", name),
  name,
  input: { jobName: "process-csv", arguments: { bucket: "landing", key } },
});

export const ended = (
  more: Partial<Extract<CloudEvent, { kind: "execution-ended" }>> = {},
  name = "orders-1",
): CloudEvent => ({
  kind: "execution-ended",
  executionArn: ARN.replace("orders-1", name),
  name,
  status: "SUCCEEDED",
  ...more,
});

export const jobRun = (more: Partial<JobRun>, progress?: number): CloudEvent => ({
  kind: "job-run",
  run: { Id: RUN_ID, JobName: "process-csv", ...more },
  ...(progress === undefined ? {} : { progress }),
});

/** Numbers an execution's events in a row. */
export class History {
  #id = 0;

  add(type: string, details: Readonly<Record<string, unknown>> = {}, timestamp = 0): CloudEvent {
    const id = ++this.#id;
    return { kind: "history", executionArn: ARN, event: { id, previousEventId: id - 1, timestamp, type, details } };
  }
}

/** A ledger that has taken in all of these, a second apart. */
export const ledgerOf = (uploads: readonly Upload[], events: readonly CloudEvent[]): Ledger => {
  const ledger = new Ledger(uploads);
  events.forEach((event, index) => ledger.observe(event, index * 1000));
  return ledger;
};

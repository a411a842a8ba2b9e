import * as aws from "@pulumi/aws";
import { accountOf } from "../../components/account.ts";
import { ConfigReader } from "../../components/config/config-reader.ts";
import { LambdaFunction } from "../../components/lambda-function.ts";
import { PipelineMachine } from "../../components/pipeline-machine.ts";
import { tableToQueue } from "./machine.ts";
import { readSettings } from "./settings.ts";

const { entries, logRetentionDays } = readSettings(new ConfigReader("glue-pipeline"));

const table = new aws.dynamodb.Table("entries", {
  billingMode: "PAY_PER_REQUEST",
  hashKey: "id",
  attributes: [{ name: "id", type: "S" }],
  pointInTimeRecovery: { enabled: true },
});

const queue = new aws.sqs.Queue("entries", {
  // A name that is made from a prefix has the ending that SQS wants.
  namePrefix: "entries-",
  fifoQueue: true,
  // An entry is a group of its own: consumers need not wait for one another, and the queue takes thousands a second.
  deduplicationScope: "messageGroup",
  fifoThroughputLimit: "perMessageGroupId",
  messageRetentionSeconds: 14 * 24 * 60 * 60,
  sqsManagedSseEnabled: true,
});

const fill = new LambdaFunction(
  "fill-table",
  {
    entry: new URL("./functions/fill-table.ts", import.meta.url),
    description: "Fills the table with entries",
    statements: [{ sid: "PutEntries", actions: ["dynamodb:PutItem"], resources: [table.arn] }],
    environment: { TABLE_NAME: table.name },
    timeoutSeconds: 60,
    memoryMiB: 1024,
    logRetentionDays,
  },
  {},
);

const machine = new PipelineMachine(
  "table-to-queue",
  {
    comment: "Sends each entry of a table to a queue, once",
    graph: tableToQueue({ table, queue, fill: fill.function }),
    logLevel: "ERROR",
    logRetentionDays,
    account: accountOf(fill),
  },
  {},
);

export const stateMachineArn = machine.stateMachine.arn;
export const startInput = JSON.stringify({ entries });
export const tableName = table.name;
export const queueUrl = queue.url;

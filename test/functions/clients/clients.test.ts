import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { GlueClient } from "@aws-sdk/client-glue";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { createDynamoDb, createTransactions } from "../../../functions/clients/dynamodb.ts";
import { createEvents } from "../../../functions/clients/events.ts";
import { createLambda } from "../../../functions/clients/lambda.ts";
import { createGlueJobRuns } from "../../../functions/clients/glue.ts";
import { createSqs } from "../../../functions/clients/sqs.ts";
import {
  createExecutions,
  createPatientStepFunctions,
  createStepFunctions,
  createTasks,
} from "../../../functions/clients/step-functions.ts";
import { failureOf } from "../../support/jobs.ts";

interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Request {
  readonly target: string;
  readonly body: unknown;
}

describe("The SDK clients", () => {
  const requests: Request[] = [];
  let reply: Reply = { body: "{}" };
  let server: Server;
  let config: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
  };

  before(async () => {
    server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        requests.push({ target: String(request.headers["x-amz-target"] ?? request.url), body });
        response.writeHead(reply.status ?? 200, { "content-type": "application/x-amz-json-1.0", ...reply.headers });
        response.end(reply.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    config = {
      endpoint: `http://127.0.0.1:${port}`,
      region: "eu-central-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    };
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  beforeEach(() => {
    requests.length = 0;
    reply = { body: "{}" };
  });

  it("start an execution", async () => {
    reply = { body: '{"executionArn":"arn","startDate":1767603600}' };
    const input = { stateMachineArn: "machine", name: "a", input: "{}" };
    const answer = await createStepFunctions(() => new SFNClient(config)).startExecution(input);
    expect(answer).to.deep.include({ executionArn: "arn", startDate: new Date(1_767_603_600_000) });
    expect(requests).to.deep.equal([{ target: "AWSStepFunctions.StartExecution", body: input }]);
  });

  it("give errors the names that the handlers look for", async () => {
    reply = { status: 400, body: '{"__type":"ExecutionAlreadyExists","message":"it exists"}' };
    const start = createStepFunctions(() => new SFNClient(config)).startExecution({
      stateMachineArn: "machine",
      name: "a",
      input: "{}",
    });
    expect((await failureOf(() => start)).name).to.equal("ExecutionAlreadyExists");
    reply = { status: 400, body: '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}' };
    const put = createDynamoDb(() => new DynamoDBClient(config)).putItem({ TableName: "runs", Item: {} });
    expect((await failureOf(() => put)).name).to.equal("ConditionalCheckFailedException");
  });

  it("read and write a table", async () => {
    const dynamoDb = createDynamoDb(() => new DynamoDBClient(config));
    const Key = { Id: { S: "1" } };
    reply = { body: '{"Item":{"Id":{"S":"1"}}}' };
    expect((await dynamoDb.getItem({ TableName: "runs", Key })).Item).to.deep.equal(Key);
    reply = { body: "{}" };
    await dynamoDb.putItem({ TableName: "runs", Item: Key });
    await dynamoDb.updateItem({ TableName: "runs", Key, UpdateExpression: "REMOVE A" });
    await dynamoDb.deleteItem({ TableName: "runs", Key });
    reply = { body: '{"Items":[]}' };
    await dynamoDb.query({ TableName: "runs", KeyConditionExpression: "Id = :id" });
    expect(requests.map(({ target }) => target.replace("DynamoDB_20120810.", ""))).to.deep.equal([
      "GetItem",
      "PutItem",
      "UpdateItem",
      "DeleteItem",
      "Query",
    ]);
  });

  it("write to a table all or nothing, under a token by which a repetition is known", async () => {
    const TransactItems = [{ Put: { TableName: "ledger", Item: { Id: { S: "1" } } } }];
    await createTransactions(() => new DynamoDBClient(config)).transactWriteItems({ TransactItems });
    const [{ target, body } = { target: "", body: {} }] = requests;
    expect(target).to.equal("DynamoDB_20120810.TransactWriteItems");
    expect(body).to.deep.include({ TransactItems });
    expect(body).to.have.property("ClientRequestToken").that.is.a("string").and.not.empty;
  });

  it("start and follow executions, and tell of the ends of tasks that wait", async () => {
    const stepFunctions = createPatientStepFunctions(() => new SFNClient(config));
    const input = { stateMachineArn: "machine", name: "a", input: "{}" };
    await stepFunctions.startExecution(input);
    reply = { body: '{"executionArn":"arn","status":"RUNNING"}' };
    expect((await stepFunctions.describeExecution({ executionArn: "arn" })).status).to.equal("RUNNING");
    reply = { body: "{}" };
    await createTasks(() => new SFNClient(config)).sendTaskSuccess({ taskToken: "token", output: "{}" });
    expect(requests).to.deep.equal([
      { target: "AWSStepFunctions.StartExecution", body: input },
      { target: "AWSStepFunctions.DescribeExecution", body: { executionArn: "arn" } },
      { target: "AWSStepFunctions.SendTaskSuccess", body: { taskToken: "token", output: "{}" } },
    ]);
  });

  it("put events on the bus, and give what was not taken", async () => {
    reply = { body: '{"FailedEntryCount":1,"Entries":[{"ErrorCode":"InternalFailure"}]}' };
    const Entries = [{ Source: "glue-pipeline.simulation", DetailType: "Glue Job State Change", Detail: "{}" }];
    const answer = await createEvents(() => new EventBridgeClient(config)).putEvents({ Entries });
    expect(answer).to.deep.include({ FailedEntryCount: 1, Entries: [{ ErrorCode: "InternalFailure" }] });
    expect(requests).to.deep.equal([{ target: "AWSEvents.PutEvents", body: { Entries } }]);
  });

  it("read an execution's history, and find and stop job runs", async () => {
    reply = { body: '{"events":[{"id":1,"type":"ExecutionStarted","timestamp":1767603600}]}' };
    const history = await createExecutions(() => new SFNClient(config)).getExecutionHistory({ executionArn: "arn" });
    expect(history.events?.[0]).to.deep.include({ type: "ExecutionStarted" });
    const glue = createGlueJobRuns(() => new GlueClient(config));
    reply = { body: '{"JobRuns":[{"Id":"jr_1","StartedOn":1767603600}]}' };
    const { JobRuns } = await glue.getJobRuns({ JobName: "csv" });
    expect(JobRuns?.[0]?.StartedOn).to.deep.equal(new Date(1_767_603_600_000));
    await glue.batchStopJobRun({ JobName: "csv", JobRunIds: ["jr_1"] });
    expect(requests.slice(1)).to.deep.equal([
      { target: "AWSGlue.GetJobRuns", body: { JobName: "csv" } },
      { target: "AWSGlue.BatchStopJobRun", body: { JobName: "csv", JobRunIds: ["jr_1"] } },
    ]);
  });

  it("send a message to the queue, at the endpoint that an emulator has", async () => {
    const md5 = "900150983cd24fb0d6963f7d28e17f72";
    reply = { body: JSON.stringify({ MessageId: "1", MD5OfMessageBody: md5 }) };
    const QueueUrl = "https://sqs.eu-central-1.amazonaws.com/123456789012/failures";
    const client = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
    await createSqs(() => client).sendMessage({ QueueUrl, MessageBody: "abc" });
    expect(requests).to.deep.equal([{ target: "AmazonSQS.SendMessage", body: { QueueUrl, MessageBody: "abc" } }]);
  });

  it("invoke a function and tell its answer from its error", async () => {
    const lambda = createLambda(() => new LambdaClient(config));
    reply = { body: '{"rowsIn":3}' };
    const call = { FunctionName: "worker", Payload: '{"a":1}' };
    expect(await lambda.invoke(call)).to.deep.equal({ Payload: '{"rowsIn":3}' });
    expect(requests).to.deep.equal([{ target: "/2015-03-31/functions/worker/invocations", body: { a: 1 } }]);
    reply = { body: '{"errorType":"E"}', headers: { "x-amz-function-error": "Unhandled" } };
    expect(await lambda.invoke(call)).to.deep.equal({ Payload: '{"errorType":"E"}', FunctionError: "Unhandled" });
  });
});

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString() || "{}") as unknown;
}

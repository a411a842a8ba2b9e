import type { Dependencies } from "../../functions/lib/aws.ts";
import type { Api, Principal } from "./service.ts";

/** The handlers' AWS clients, calling this cloud's services as a role. */
export const createClients = (
  api: Api,
  principal: Principal,
): Pick<
  Dependencies,
  | "stepFunctions"
  | "dynamoDb"
  | "transactions"
  | "s3"
  | "lambda"
  | "glueCalls"
  | "executions"
  | "executionStatuses"
  | "tasks"
  | "events"
  | "glue"
  | "sqs"
  | "sns"
  | "kinesis"
> => {
  // The services answer in the API's shapes, which the clients' types describe.
  const call =
    <Client>(service: string) =>
    <Name extends keyof Client & string>(operation: Name): Client[Name] =>
      ((input: unknown) => api.call(principal, service, operation, input)) as Client[Name];
  const dynamoDb = call<Dependencies["dynamoDb"]>("dynamodb");
  const s3 = call<Dependencies["s3"]>("s3");
  const glueCalls = call<Dependencies["glueCalls"]>("glue");
  const glue = call<Dependencies["glue"]>("glue");
  const kinesis = call<Dependencies["kinesis"]>("kinesis");
  return {
    stepFunctions: { startExecution: call<Dependencies["stepFunctions"]>("states")("startExecution") },
    dynamoDb: {
      getItem: dynamoDb("getItem"),
      putItem: dynamoDb("putItem"),
      updateItem: dynamoDb("updateItem"),
      deleteItem: dynamoDb("deleteItem"),
      query: dynamoDb("query"),
    },
    transactions: {
      transactWriteItems: call<Dependencies["transactions"]>("dynamodb")("transactWriteItems"),
    },
    s3: {
      getObject: s3("getObject"),
      putObject: s3("putObject"),
      deleteObject: s3("deleteObject"),
      copyObject: s3("copyObject"),
      listObjectsV2: s3("listObjectsV2"),
    },
    lambda: { invoke: call<Dependencies["lambda"]>("lambda")("invoke") },
    executions: { getExecutionHistory: call<Dependencies["executions"]>("states")("getExecutionHistory") },
    executionStatuses: {
      describeExecution: call<Dependencies["executionStatuses"]>("states")("describeExecution"),
    },
    tasks: { sendTaskSuccess: call<Dependencies["tasks"]>("states")("sendTaskSuccess") },
    events: { putEvents: call<Dependencies["events"]>("events")("putEvents") },
    glue: { getJobRuns: glue("getJobRuns"), batchStopJobRun: glue("batchStopJobRun") },
    glueCalls: {
      startJobRun: glueCalls("startJobRun"),
      getJobRun: glueCalls("getJobRun"),
      getJobRuns: glueCalls("getJobRuns"),
      batchStopJobRun: glueCalls("batchStopJobRun"),
    },
    sqs: { sendMessage: call<Dependencies["sqs"]>("sqs")("sendMessage") },
    sns: { publish: call<Dependencies["sns"]>("sns")("publish") },
    kinesis: {
      putRecords: kinesis("putRecords"),
      listShards: kinesis("listShards"),
      getShardIterator: kinesis("getShardIterator"),
      getRecords: kinesis("getRecords"),
    },
  };
};

import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { once } from "../lib/environment.ts";
import type { DynamoDb } from "../lib/aws.ts";

/** DynamoDB by way of the SDK. The client is made at the first call: to import a handler is to do nothing yet. */
export function createDynamoDb(makeClient = (): DynamoDBClient => new DynamoDBClient()): DynamoDb {
  const client = once(makeClient);
  return {
    getItem: (input) => client().send(new GetItemCommand(input)),
    putItem: (input) => client().send(new PutItemCommand(input)),
    updateItem: (input) => client().send(new UpdateItemCommand(input)),
    deleteItem: (input) => client().send(new DeleteItemCommand(input)),
    query: (input) => client().send(new QueryCommand(input)),
  };
}

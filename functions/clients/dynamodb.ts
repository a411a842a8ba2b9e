import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { once } from "../lib/environment.ts";
import type { DynamoDb, Transactions } from "../lib/aws.ts";

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

/** Its transactions. Trying one again is safe: the SDK gives each a token by which DynamoDB knows it. */
export function createTransactions(makeClient = (): DynamoDBClient => new DynamoDBClient()): Transactions {
  const client = once(makeClient);
  return { transactWriteItems: (input) => client().send(new TransactWriteItemsCommand(input)) };
}

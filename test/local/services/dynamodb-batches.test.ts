import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { TransactionCanceled } from "../../../local/services/dynamodb-batches.ts";
import { role, roleArn, table, tableArn } from "../../support/graph.ts";
import { errorOf, testWorld, type TestWorld } from "../../support/world.ts";

const key = (Id: string): Record<string, AttributeValue> => ({ Id: { S: Id } });
const item = (Id: string, v: string): Record<string, AttributeValue> => ({ ...key(Id), v: { S: v } });

const world = (): Promise<TestWorld> =>
  testWorld([
    table("one"),
    table("two"),
    ...role("writer", "lambda.amazonaws.com", {
      Action: ["dynamodb:BatchWriteItem", "dynamodb:UpdateItem"],
      Resource: tableArn("one"),
    }),
  ]);

const call = (cloud: TestWorld, operation: string, input: object): Promise<unknown> =>
  cloud.api.callUnchecked("dynamodb", operation, input);

const refusal = async (cloud: TestWorld, operation: string, input: object): Promise<string> => {
  const { name, message } = await errorOf(() => call(cloud, operation, input));
  return `${name}: ${message}`;
};

describe("DynamoDbService, many items at once", () => {
  const puts = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ PutRequest: { Item: item(`i${index}`, "x") } }));

  it("puts and deletes up to 25 items in any tables", async () => {
    const cloud = await world();
    cloud.dynamoDb.putItem({ TableName: "two", Item: item("old", "x") });
    const RequestItems = { one: puts(24), [tableArn("two")]: [{ DeleteRequest: { Key: key("old") } }] };
    expect(await call(cloud, "batchWriteItem", { RequestItems })).to.deep.equal({ UnprocessedItems: {} });
    expect(cloud.dynamoDb.sizes()).to.deep.equal({ one: 24, two: 0 });
  });

  it("refuses a whole batch for what is wrong in one request", async () => {
    const cloud = await world();
    const write = (RequestItems: object) => refusal(cloud, "batchWriteItem", { RequestItems });
    expect(await write({ one: puts(26) })).to.contain("Too many items requested for the BatchWriteItem call");
    expect(await write({})).to.contain("ValidationException: 1 validation error");
    expect(await write({ one: [...puts(1), ...puts(1)] })).to.contain("duplicates");
    expect(await write({ one: [...puts(1), { PutRequest: { Item: { v: { S: "x" } } } }] })).to.contain("required keys");
    expect(await write({ one: [{}] })).to.contain("one of PutRequest and DeleteRequest");
    expect(await write({ ghost: puts(1) })).to.contain("ResourceNotFoundException");
    expect(cloud.dynamoDb.sizes()).to.deep.equal({ one: 0, two: 0 });
  });

  it("gets up to 100 items by their keys", async () => {
    const cloud = await world();
    for (const id of ["a", "b"]) cloud.dynamoDb.putItem({ TableName: "one", Item: item(id, id) });
    const RequestItems = {
      one: { Keys: [key("b"), key("ghost")], ProjectionExpression: "v" },
      two: { Keys: [key("a")] },
    };
    expect(await call(cloud, "batchGetItem", { RequestItems })).to.deep.equal({
      Responses: { one: [{ v: { S: "b" } }], two: [] },
      UnprocessedKeys: {},
    });
    const Keys = Array.from({ length: 101 }, (_, index) => key(`k${index}`));
    expect(await refusal(cloud, "batchGetItem", { RequestItems: { one: { Keys } } })).to.contain("Too many items");
    expect(await refusal(cloud, "batchGetItem", { RequestItems: { one: { Keys: [key("a"), key("a")] } } })).to.contain(
      "duplicates",
    );
  });

  it("leaves keys for another call once 16 MB have been found", async () => {
    const cloud = await world();
    const Keys = Array.from({ length: 50 }, (_, index) => key(`k${index}`));
    for (const [index] of Keys.entries()) {
      cloud.dynamoDb.putItem({ TableName: "one", Item: item(`k${index}`, "x".repeat(399_000)) });
    }
    const answer = await call(cloud, "batchGetItem", { RequestItems: { one: { Keys } } });
    expect(answer).to.have.nested.property("Responses.one.length", 42);
    expect(answer).to.have.nested.property("UnprocessedKeys.one.Keys.length", 8);
  });

  it("writes a transaction as a whole or not at all, and says why not", async () => {
    const cloud = await world();
    cloud.dynamoDb.putItem({ TableName: "two", Item: item("b", "old") });
    const Update = {
      TableName: "one",
      Key: key("a"),
      UpdateExpression: "SET v = :v",
      ExpressionAttributeValues: { ":v": { S: "new" } },
    };
    const Put = { TableName: "two", Item: item("b", "new"), ConditionExpression: "attribute_not_exists(Id)" };
    const error = await errorOf(() =>
      call(cloud, "transactWriteItems", {
        TransactItems: [{ Update }, { Put: { ...Put, ReturnValuesOnConditionCheckFailure: "ALL_OLD" } }],
      }),
    );
    expect(error).to.be.instanceOf(TransactionCanceled);
    expect(error.message).to.contain("specific reasons [None, ConditionalCheckFailed]");
    expect(error).to.have.nested.property("CancellationReasons[1].Item.v.S", "old");
    expect(cloud.dynamoDb.sizes()).to.deep.equal({ one: 0, two: 1 });
    const ConditionCheck = { TableName: "two", Key: key("b"), ConditionExpression: "attribute_exists(Id)" };
    await call(cloud, "transactWriteItems", { TransactItems: [{ Update }, { ConditionCheck }] });
    expect(cloud.dynamoDb.sizes()).to.deep.equal({ one: 1, two: 1 });
    const Delete = { TableName: "two", Key: key("b") };
    await call(cloud, "transactWriteItems", { TransactItems: [{ Delete }] });
    expect(cloud.dynamoDb.sizes()).to.deep.equal({ one: 1, two: 0 });
  });

  it("refuses transactions that DynamoDB refuses", async () => {
    const cloud = await world();
    const put = (id: string) => ({ Put: { TableName: "one", Item: item(id, "x") } });
    const transact = (TransactItems: object[], more = {}) =>
      refusal(cloud, "transactWriteItems", { TransactItems, ...more });
    expect(await transact([])).to.contain("from 1 to 100, got 0");
    expect(await transact([put("a"), put("a")])).to.contain("multiple operations on one item");
    expect(await transact([{}])).to.contain("only contain one of");
    expect(await transact([put("a")], { ClientRequestToken: "t" })).to.contain("not simulated");
    const large = Array.from({ length: 12 }, (_, index) => ({
      Put: { TableName: "one", Item: item(`i${index}`, "x".repeat(399_000)) },
    }));
    expect(await transact(large)).to.contain("4 MB");
  });

  it("needs the permission of each table, of each part of a transaction its own", async () => {
    const cloud = await world();
    const asWriter = (operation: string, input: object): Promise<unknown> =>
      cloud.api.call(roleArn("writer"), "dynamodb", operation, input);
    const Update = {
      TableName: "one",
      Key: key("a"),
      UpdateExpression: "SET v = :v",
      ExpressionAttributeValues: { ":v": { S: "x" } },
    };
    await asWriter("transactWriteItems", { TransactItems: [{ Update }] });
    await asWriter("batchWriteItem", { RequestItems: { one: puts(1) } });
    const Put = { TableName: "one", Item: item("b", "x") };
    for (const [operation, input, action] of [
      ["transactWriteItems", { TransactItems: [{ Update }, { Put }] }, "dynamodb:PutItem"],
      ["batchWriteItem", { RequestItems: { one: puts(1), two: puts(1) } }, "dynamodb:BatchWriteItem"],
    ] as const) {
      const error = await errorOf(() => asWriter(operation, input));
      expect(error.name).to.equal("AccessDeniedException");
      expect(error.message).to.contain(action);
    }
  });
});

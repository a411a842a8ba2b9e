import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import fc from "fast-check";
import { VirtualClock } from "../../../local/clock.ts";
import type { DynamoDbService } from "../../../local/services/dynamodb.ts";
import { ConditionalCheckFailed } from "../../../local/services/dynamodb-writes.ts";
import { table, tableArn } from "../../support/graph.ts";
import { errorOf, start, testWorld } from "../../support/world.ts";

type Item = Record<string, AttributeValue>;
const TableName = "runs";
const byId = (Id: string, Since = 1): Item => ({ Id: { S: Id }, Since: { N: String(Since) } });

const service = async (given: Readonly<Record<string, unknown>> = {}): Promise<DynamoDbService> =>
  (await testWorld([table(TableName, { rangeKey: "Since", ...given })])).dynamoDb;

describe("DynamoDbService", () => {
  it("gives back what was put, and nothing for other keys", async () => {
    const db = await service();
    const item = { ...byId("a"), Note: { S: "x" }, Ok: { BOOL: true } };
    expect(db.putItem({ TableName, Item: item })).to.deep.equal({});
    expect(db.getItem({ TableName, Key: byId("a") })).to.deep.equal({ Item: item });
    expect(db.getItem({ TableName: tableArn(TableName), Key: byId("a") }).Item).to.deep.equal(item);
    expect(db.getItem({ TableName, Key: byId("a", 2) })).to.deep.equal({});
  });

  it("writes numbers in their shortest form", async () => {
    const db = await service();
    const numbers = { L: [{ N: "1.50" }, { M: { a: { N: "+007" } } }, { NS: ["1e3", "-0.0"] }] };
    db.putItem({ TableName, Item: { ...byId("a"), N: { N: "1E-2" }, numbers } });
    expect(db.getItem({ TableName, Key: { Id: { S: "a" }, Since: { N: "1.0" } } }).Item).to.deep.equal({
      ...byId("a"),
      N: { N: "0.01" },
      numbers: { L: [{ N: "1.5" }, { M: { a: { N: "7" } } }, { NS: ["1000", "0"] }] },
    });
  });

  it("puts and deletes only where the condition holds", async () => {
    const db = await service();
    const put = { TableName, Item: { ...byId("a"), v: { N: "1" } }, ConditionExpression: "attribute_not_exists(Id)" };
    db.putItem(put);
    const error = await errorOf(() => db.putItem({ ...put, ReturnValuesOnConditionCheckFailure: "ALL_OLD" }));
    expect(error).to.be.instanceOf(ConditionalCheckFailed).with.property("name", "ConditionalCheckFailedException");
    expect(error).to.have.property("Item").that.deep.equal(put.Item);
    const remove = {
      TableName,
      Key: byId("a"),
      ConditionExpression: "v = :v",
      ReturnValues: "ALL_OLD",
    } as const;
    const refused = await errorOf(() => db.deleteItem({ ...remove, ExpressionAttributeValues: { ":v": { N: "2" } } }));
    expect(refused.name).to.equal("ConditionalCheckFailedException");
    expect(db.deleteItem({ ...remove, ExpressionAttributeValues: { ":v": { N: "1" } } })).to.deep.equal({
      Attributes: put.Item,
    });
    expect(db.deleteItem({ TableName, Key: byId("a") })).to.deep.equal({});
    expect(db.sizes()).to.deep.equal({ runs: 0 });
  });

  const item: Item = {
    ...byId("a", 5),
    title: { S: "hello" },
    n: { N: "10" },
    steps: { L: [{ S: "x" }, { N: "2" }] },
    doc: { M: { leaf: { S: "deep" }, "odd name": { N: "1" } } },
    tags: { SS: ["a", "b"] },
    bytes: { B: Buffer.from("abc") },
    nil: { NULL: true },
  };
  const values: Item = {
    ":hello": { S: "hello" },
    ":he": { S: "he" },
    ":ten": { N: "10.0" },
    ":nine": { N: "9" },
    ":five": { N: "5" },
    ":x": { S: "x" },
    ":a": { S: "a" },
    ":type": { S: "N" },
    ":ab": { B: Buffer.from("ab") },
    ":tags": { SS: ["b", "a"] },
    ":deep": { M: { "odd name": { N: "1" }, leaf: { S: "deep" } } },
    ":three": { N: "3" },
  };
  const conditions: readonly (readonly [string, boolean])[] = [
    ["title = :hello", true],
    ["title <> :hello", false],
    ["absent <> :hello", true],
    ["absent = :hello", false],
    ["absent < :hello", false],
    ["n = :ten", true],
    ["n > :nine AND n >= :ten", true],
    ["n < :nine OR n <= :ten", true],
    ["n = :hello", false],
    ["n < :hello", false],
    ["NOT n < :nine", true],
    ["not (n < :nine or title = :hello)", false],
    ["n BETWEEN :nine AND :ten", true],
    ["n between :ten and :nine", false],
    ["title IN (:x, :hello)", true],
    ["title IN (:x)", false],
    ["attribute_exists(doc.leaf) AND attribute_not_exists(doc.absent)", true],
    ["attribute_exists(steps[1]) AND attribute_not_exists(steps[2])", true],
    ["attribute_type(n, :type)", true],
    ["attribute_type(title, :type)", false],
    ["begins_with(title, :he)", true],
    ["begins_with(bytes, :ab)", true],
    ["begins_with(n, :he)", false],
    ["contains(title, :he)", true],
    ["contains(tags, :a)", true],
    ["contains(tags, :x)", false],
    ["contains(steps, :x)", true],
    ["contains(n, :ten)", false],
    ["size(title) = :five", true],
    ["size(bytes) = :three", true],
    ["size(steps) < :three AND size(doc) < :three AND size(tags) < :three", true],
    ["size(n) = :three", false],
    ["tags = :tags", true],
    ["doc = :deep", true],
    ["nil = :x", false],
    ["steps[0] = :x", true],
    ["#odd.#name = :ten", false],
  ];
  for (const [ConditionExpression, expected] of conditions) {
    it(`takes ${ConditionExpression} as ${String(expected)}`, async () => {
      const db = await service();
      db.putItem({ TableName, Item: item });
      const used = Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(ConditionExpression));
      const write = (): object =>
        db.putItem({
          TableName,
          Item: item,
          ConditionExpression,
          ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
          ...(ConditionExpression.includes("#") && {
            ExpressionAttributeNames: { "#odd": "doc", "#name": "odd name" },
          }),
        });
      if (expected) expect(write()).to.deep.equal({});
      else expect((await errorOf(write)).name).to.equal("ConditionalCheckFailedException");
    });
  }

  describe("updateItem", () => {
    const update = async (
      UpdateExpression: string,
      ExpressionAttributeValues?: Item,
      ReturnValues: "ALL_NEW" | "UPDATED_NEW" | "UPDATED_OLD" | "ALL_OLD" = "ALL_NEW",
    ): Promise<Item | undefined> => {
      const db = await service();
      const old = {
        ...byId("a"),
        n: { N: "1" },
        steps: { L: [{ S: "x" }, { S: "y" }, { S: "z" }] },
        doc: { M: { k: { S: "v" } } },
        tags: { SS: ["a", "b"] },
      };
      db.putItem({ TableName, Item: old });
      const input = { TableName, Key: byId("a"), UpdateExpression, ReturnValues };
      const { Attributes } = db.updateItem({
        ...input,
        ...(ExpressionAttributeValues && { ExpressionAttributeValues }),
      });
      expect(old.n, "the old item is left alone").to.deep.equal({ N: "1" });
      return Attributes;
    };

    it("sets values, sums and defaults, all from the item as it was", async () => {
      const updated = await update(
        "SET n = n + :one, m = n - :one, fresh = if_not_exists(absent, :one), kept = if_not_exists(n, :nine)",
        { ":one": { N: "1" }, ":nine": { N: "9" } },
      );
      expect(updated).to.deep.include({ n: { N: "2" }, m: { N: "0" }, fresh: { N: "1" }, kept: { N: "1" } });
    });

    it("writes inside of maps and lists", async () => {
      const updated = await update(
        "SET doc.#k2 = :v, steps[1] = :v, steps[9] = :v REMOVE steps[0], doc.k".replace("#k2", "k2"),
        { ":v": { S: "new" } },
      );
      expect(updated).to.deep.include({
        doc: { M: { k2: { S: "new" } } },
        steps: { L: [{ S: "new" }, { S: "z" }, { S: "new" }] },
      });
    });

    it("removes several positions of a steps by their old numbers", async () => {
      expect(await update("REMOVE steps[0], steps[2], n"))
        .to.deep.include({ steps: { L: [{ S: "y" }] } })
        .and.not.have.property("n");
    });

    it("appends lists", async () => {
      const updated = await update("SET steps = list_append(:more, steps)", { ":more": { L: [{ S: "w" }] } });
      expect(updated?.steps?.L?.map(({ S }) => S)).to.deep.equal(["w", "x", "y", "z"]);
    });

    it("adds to numbers and sets, and deletes from sets", async () => {
      expect(
        await update("ADD n :n, fresh :n, tags :t", { ":n": { N: "0.5" }, ":t": { SS: ["b", "c"] } }),
      ).to.deep.include({
        n: { N: "1.5" },
        fresh: { N: "0.5" },
        tags: { SS: ["a", "b", "c"] },
      });
      expect(await update("DELETE tags :t", { ":t": { SS: ["a"] } })).to.deep.include({ tags: { SS: ["b"] } });
      expect(await update("DELETE tags :t", { ":t": { SS: ["a", "b"] } })).not.to.have.property("tags");
    });

    it("creates the item if there is none", async () => {
      const db = await service();
      const input = {
        TableName,
        Key: byId("b"),
        UpdateExpression: "SET v = :v",
        ExpressionAttributeValues: { ":v": { S: "1" } },
      };
      expect(db.updateItem({ ...input, ReturnValues: "ALL_OLD" })).to.deep.equal({});
      expect(db.getItem({ TableName, Key: byId("b") }).Item).to.deep.equal({ ...byId("b"), v: { S: "1" } });
      expect(db.updateItem({ TableName, Key: byId("c") })).to.deep.equal({});
      expect(db.getItem({ TableName, Key: byId("c") }).Item).to.deep.equal(byId("c"));
    });

    it("answers with what was asked for", async () => {
      const expression = "SET n = :v, doc.k = :v";
      const values = { ":v": { N: "7" } };
      expect(await update(expression, values, "UPDATED_NEW")).to.deep.equal({
        n: { N: "7" },
        doc: { M: { k: { N: "7" } } },
      });
      expect(await update(expression, values, "UPDATED_OLD")).to.deep.equal({
        n: { N: "1" },
        doc: { M: { k: { S: "v" } } },
      });
      expect(await update(expression, values, "ALL_OLD")).to.include.keys("n", "doc", "steps", "tags");
    });

    const refusals: readonly (readonly [string, Item | undefined, string])[] = [
      ["SET Id = :v", { ":v": { S: "b" } }, "Cannot update attribute Id. This attribute is part of the key"],
      ["SET n = :v, n = :v", { ":v": { N: "1" } }, "Two document paths overlap"],
      ["SET doc = :v, doc.k = :v", { ":v": { N: "1" } }, "Two document paths overlap"],
      ["SET n = :v SET m = :v", { ":v": { N: "1" } }, 'The "SET" section can only be used once'],
      ["SET n = absent", undefined, "refers to an attribute that does not exist"],
      ["SET n = absent + :v", { ":v": { N: "1" } }, "refers to an attribute that does not exist"],
      ["SET n = n + :v", { ":v": { S: "1" } }, "incorrect data type"],
      ["SET n = list_append(n, :v)", { ":v": { L: [] } }, "list_append takes lists"],
      ["SET absent.leaf = :v", { ":v": { S: "1" } }, "document path provided in the update expression is invalid"],
      ["SET steps.leaf = :v", { ":v": { S: "1" } }, "document path provided in the update expression is invalid"],
      ["ADD steps :v", { ":v": { N: "1" } }, "incorrect data type for ADD"],
      ["DELETE n :v", { ":v": { SS: ["1"] } }, "incorrect data type for DELETE"],
      ["SET n :v", { ":v": { N: "1" } }, "Syntax error"],
      ["PUT n = :v", { ":v": { N: "1" } }, 'Syntax error; token: "PUT"'],
      ["SET n = :v, state = :v", { ":v": { N: "1" } }, "reserved keyword: state"],
      ["SET n = :v", { ":w": { N: "1" } }, ":v, which is not defined in ExpressionAttributeValues"],
      ["REMOVE n", { ":w": { N: "1" } }, "unused in expressions: keys: {:w}"],
      ["SET #n = :v", { ":v": { N: "1" } }, "#n, which is not defined in ExpressionAttributeNames"],
      ["SET n = :v", { ":v": { N: "1".repeat(39) } }, "more than 38 significant digits"],
      ["SET n = :v", { ":v": { N: "1e127" } }, "Number overflow"],
      ["SET n = :v", { ":v": { N: "1e-131" } }, "Number underflow"],
      ["SET n = :v", { ":v": { N: "many" } }, "cannot be converted to a numeric value: many"],
      ["SET n = :v", { ":v": { S: "x".repeat(400 * 1024) } }, "Item size has exceeded the maximum allowed size"],
      ["SET n = :v", { ":v": {} as AttributeValue }, "of no known type"],
      ["", undefined, "The expression can not be empty"],
      ["SET steps[x] = :v", { ":v": { N: "1" } }, "Syntax error"],
    ];
    for (const [expression, given, message] of refusals) {
      it(`refuses ${expression.slice(0, 40)}: ${message}`, async () => {
        const error = await errorOf(() => update(expression, given));
        expect(error.name).to.equal("ValidationException");
        expect(error.message).to.contain(message);
      });
    }
  });

  it("refuses keys that do not fit, and tables that are not there", async () => {
    const db = await service();
    const problem = async (Key: Item): Promise<string> => (await errorOf(() => db.getItem({ TableName, Key }))).message;
    expect(await problem({ Id: { S: "a" } })).to.contain("does not match the schema");
    expect(await problem({ ...byId("a"), More: { S: "" } })).to.contain("does not match the schema");
    expect(await problem({ Id: { N: "1" }, Since: { N: "1" } })).to.contain(
      "Type mismatch for key Id expected: S actual: N",
    );
    expect(await problem({ Id: { S: "" }, Since: { N: "1" } })).to.contain("empty value. Key: Id");
    expect(await problem({ Id: { S: "a" }, Elsewhere: { N: "1" } })).to.contain("not given a value: Since");
    expect(await problem({ Id: { S: "x".repeat(2049) }, Since: { N: "1" } })).to.contain("2048");
    expect((await errorOf(() => db.getItem({ TableName: "ghost", Key: byId("a") }))).name).to.equal(
      "ResourceNotFoundException",
    );
    expect(
      (await errorOf(() => db.putItem({ TableName, Item: byId("a"), ReturnValues: "ALL_NEW" }))).message,
    ).to.contain("ALL_NEW");
    expect((await errorOf(() => service({ hashKey: "Ghost" }))).message).to.contain(
      'one of the attributes (Id, Since), got "Ghost"',
    );
  });

  it("projects", async () => {
    const db = await service();
    db.putItem({ TableName, Item: item });
    const { Item: found } = db.getItem({
      TableName,
      Key: byId("a", 5),
      ProjectionExpression: "n, #m.leaf, steps[1], absent",
      ExpressionAttributeNames: { "#m": "doc" },
    });
    expect(found).to.deep.equal({ n: { N: "10" }, doc: { M: { leaf: { S: "deep" } } }, steps: { L: [{ N: "2" }] } });
  });

  describe("query", () => {
    const filled = async (): Promise<DynamoDbService> => {
      const db = await service();
      for (const Since of [5, -3, 10, 0, 2.5, 100, -20])
        db.putItem({ TableName, Item: { ...byId("a", Since), big: { BOOL: Since > 4 } } });
      db.putItem({ TableName, Item: byId("b", 7) });
      return db;
    };
    const at = (found: { Items?: readonly Item[] }): (string | undefined)[] | undefined =>
      found.Items?.map(({ Since }) => Since?.N);
    const ranges: readonly (readonly [string, string[], string[]])[] = [
      ["", [], ["-20", "-3", "0", "2.5", "5", "10", "100"]],
      [" AND Since = :x", ["5"], ["5"]],
      [" AND Since > :x", ["5"], ["10", "100"]],
      [" AND Since >= :x", ["5"], ["5", "10", "100"]],
      [" AND Since < :x", ["0"], ["-20", "-3"]],
      [" AND Since <= :x", ["0"], ["-20", "-3", "0"]],
      [" AND Since BETWEEN :x AND :y", ["-3", "5"], ["-3", "0", "2.5", "5"]],
    ];
    for (const [range, bounds, expected] of ranges) {
      it(`finds Id = :id${range} in order, forwards and backwards`, async () => {
        const db = await filled();
        const input = {
          TableName,
          KeyConditionExpression: `Id = :id${range}`,
          ExpressionAttributeValues: {
            ":id": { S: "a" },
            ...Object.fromEntries(bounds.map((bound, index) => [[":x", ":y"][index], { N: bound }])),
          } as Item,
        };
        expect(at(db.query(input))).to.deep.equal(expected);
        expect(at(db.query({ ...input, ScanIndexForward: false }))).to.deep.equal([...expected].reverse());
      });
    }

    it("goes from page to page in both directions", async () => {
      const db = await filled();
      for (const ScanIndexForward of [true, false]) {
        const found: (string | undefined)[] = [];
        let ExclusiveStartKey: Item | undefined;
        do {
          const page = db.query({
            TableName,
            KeyConditionExpression: "Id = :id",
            ExpressionAttributeValues: { ":id": { S: "a" } },
            Limit: 3,
            ScanIndexForward,
            ...(ExclusiveStartKey && { ExclusiveStartKey }),
          });
          found.push(...(at(page) ?? []));
          ExclusiveStartKey = page.LastEvaluatedKey;
        } while (ExclusiveStartKey !== undefined);
        const all = ["-20", "-3", "0", "2.5", "5", "10", "100"];
        expect(found).to.deep.equal(ScanIndexForward ? all : all.reverse());
      }
    });

    it("counts what it read, not what the filter let through, against the limit", async () => {
      const db = await filled();
      const input = {
        TableName,
        KeyConditionExpression: "(Id = :id)",
        FilterExpression: "big = :yes",
        ExpressionAttributeValues: { ":id": { S: "a" }, ":yes": { BOOL: true } },
        Limit: 5,
      };
      expect(db.query(input)).to.deep.equal({
        Items: [{ ...byId("a", 5), big: { BOOL: true } }],
        Count: 1,
        ScannedCount: 5,
        LastEvaluatedKey: byId("a", 5),
      });
      expect(db.query({ ...input, Select: "COUNT" })).not.to.have.property("Items");
    });

    it("finds by the beginning of a text key, in the order of its UTF-8 bytes", async () => {
      const db = await service({
        rangeKey: "Name",
        attributes: [
          { name: "Id", type: "S" },
          { name: "Name", type: "S" },
        ],
      });
      for (const name of ["run", "slot#1", "slot#2", "slot#", "slot\u{1F600}", "slot\uFFFD", "slou"]) {
        db.putItem({ TableName, Item: { Id: { S: "a" }, Name: { S: name } } });
      }
      const found = (prefix: string, ScanIndexForward = true): unknown =>
        db
          .query({
            TableName,
            KeyConditionExpression: "Id = :id AND begins_with(#n, :p)",
            ExpressionAttributeNames: { "#n": "Name" },
            ExpressionAttributeValues: { ":id": { S: "a" }, ":p": { S: prefix } },
            ProjectionExpression: "#n",
            ScanIndexForward,
          })
          .Items?.map(({ Name }) => Name?.S);
      expect(found("slot#")).to.deep.equal(["slot#", "slot#1", "slot#2"]);
      expect(found("slot")).to.deep.equal(["slot#", "slot#1", "slot#2", "slot\uFFFD", "slot\u{1F600}"]);
      expect(found("slot", false)).to.deep.equal(["slot\u{1F600}", "slot\uFFFD", "slot#2", "slot#1", "slot#"]);
    });

    it("refuses what DynamoDB has no query for", async () => {
      const db = await filled();
      const problem = async (input: object): Promise<string> => {
        const error = await errorOf(() =>
          db.query({ TableName, ExpressionAttributeValues: { ":id": { S: "a" } }, ...input }),
        );
        expect(error.name).to.equal("ValidationException");
        return error.message;
      };
      expect(await problem({ ExpressionAttributeValues: undefined })).to.contain("must be specified");
      expect(await problem({ KeyConditionExpression: "Since = :id" })).to.contain("missed key schema element: Id");
      expect(await problem({ KeyConditionExpression: "Id > :id" })).to.contain("missed key schema element: Id");
      expect(await problem({ KeyConditionExpression: "Id = :id AND Elsewhere = :id" })).to.contain("not supported");
      expect(await problem({ KeyConditionExpression: "Id = :id AND Since = :id" })).to.contain("Since is of type N");
      expect(await problem({ KeyConditionExpression: "Id <> :id" })).to.contain("Syntax error");
      expect(await problem({ KeyConditionExpression: "Id = :id", IndexName: "x" })).to.contain("specified index: x");
      expect(await problem({ KeyConditionExpression: "Id = :id", Limit: 0 })).to.contain(
        "Limit must be at least 1, got 0",
      );
    });
  });

  it("scans every item exactly once, page by page, with a filter", async () => {
    const db = await service();
    for (let index = 0; index < 1000; index++) db.putItem({ TableName, Item: byId(`i${index % 50}`, index) });
    const seen = new Set<string>();
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = db.scan({
        TableName,
        Limit: 37,
        FilterExpression: "Since >= :from",
        ExpressionAttributeValues: { ":from": { N: "500" } },
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      });
      for (const found of page.Items ?? []) seen.add(found.Since?.N ?? "");
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    expect(seen.size).to.equal(500);
  });

  it("scans in segments, which together are the table", async () => {
    const db = await service();
    const keys = Array.from({ length: 400 }, (_, index) => `i${index}`);
    for (const key of keys) db.putItem({ TableName, Item: byId(key) });
    const scan = (Segment: number, TotalSegments: number, more: object = {}) =>
      db.scan({ TableName, Segment, TotalSegments, ...more });
    const segments = Array.from({ length: 7 }, (_, index) => scan(index, 7).Items?.map(({ Id }) => Id?.S) ?? []);
    expect(segments.flat().toSorted()).to.deep.equal(keys.toSorted());
    expect(Math.min(...segments.map(({ length }) => length))).to.be.greaterThan(30);
    const { LastEvaluatedKey: ExclusiveStartKey } = scan(3, 7, { Limit: 5 });
    expect(scan(3, 7, { Limit: 1, ExclusiveStartKey }).Items?.[0]?.Id?.S).to.equal(segments[3]?.[5]);
    for (const wrong of [
      { TotalSegments: 2 },
      { Segment: 0 },
      { Segment: 2, TotalSegments: 2 },
      { Segment: 0, TotalSegments: 0 },
      { Segment: 4, TotalSegments: 7, ExclusiveStartKey },
    ]) {
      const error = await errorOf(() => db.scan({ TableName, ...wrong }));
      expect(error.name, JSON.stringify(wrong)).to.equal("ValidationException");
    }
  });

  it("ends a page after a megabyte", async () => {
    const db = await service();
    for (let index = 0; index < 5; index++)
      db.putItem({ TableName, Item: { ...byId("a", index), x: { S: "x".repeat(300_000) } } });
    expect(db.scan({ TableName })).to.include({ Count: 4 }).and.to.have.property("LastEvaluatedKey");
  });

  it("forgets items once their time has passed", async () => {
    const clock = new VirtualClock(start);
    const { dynamoDb } = await testWorld([table(TableName, { ttl: { attributeName: "ExpiresAt", enabled: true } })], {
      clock,
    });
    const expiring = (Id: string, seconds: number): Item => ({
      Id: { S: Id },
      ExpiresAt: { N: String(start / 1000 + seconds) },
    });
    for (let index = 0; index < 10; index++) dynamoDb.putItem({ TableName, Item: expiring(`i${index}`, 60) });
    dynamoDb.putItem({ TableName, Item: expiring("renewed", 60) });
    dynamoDb.putItem({ TableName, Item: expiring("renewed", 600) });
    dynamoDb.putItem({ TableName, Item: { Id: { S: "forever" } } });
    const get = (Id: string): unknown => dynamoDb.getItem({ TableName, Key: { Id: { S: Id } } }).Item;
    await clock.spawn(() => clock.sleep(60_000));
    expect(get("i1"), "on the second").not.to.equal(undefined);
    await clock.spawn(() => clock.sleep(60_000));
    expect(get("i1")).to.equal(undefined);
    expect(dynamoDb.scan({ TableName }).Count).to.equal(2);
    expect(dynamoDb.sizes()).to.deep.equal({ runs: 12 });
    dynamoDb.putItem({ TableName, Item: expiring("next", 900) });
    expect(dynamoDb.sizes(), "swept by the next write").to.deep.equal({ runs: 3 });
    expect(get("renewed")).not.to.equal(undefined);
  });

  it("orders any numbers as numbers are ordered", async () => {
    const db = await service();
    const numbers = fc.uniqueArray(
      fc.tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.integer({ min: -5, max: 5 })),
      {
        minLength: 1,
        maxLength: 30,
        selector: ([digits, exponent]) => digits * 10 ** exponent,
      },
    );
    let run = 0;
    fc.assert(
      fc.property(numbers, (pairs) => {
        const Id = `run${run++}`;
        for (const [digits, exponent] of pairs) {
          db.putItem({ TableName, Item: { Id: { S: Id }, Since: { N: `${digits}e${exponent}` } } });
        }
        const { Items = [] } = db.query({
          TableName,
          KeyConditionExpression: "Id = :id",
          ExpressionAttributeValues: { ":id": { S: Id } },
        });
        const found = Items.map(({ Since }) => Number(Since?.N));
        expect(found).to.deep.equal([...found].sort((a, b) => a - b));
        expect(found).to.have.length(pairs.length);
      }),
    );
  });

  it("keeps range keys in order whatever is put and deleted", async () => {
    const db = await service();
    const steps = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 2000 })), {
      minLength: 1,
      maxLength: 3000,
    });
    let run = 0;
    fc.assert(
      fc.property(steps, (done) => {
        const Id = `run${run++}`;
        const expected = new Set<number>();
        for (const [put, Since] of done) {
          if (put) db.putItem({ TableName, Item: byId(Id, Since) });
          else db.deleteItem({ TableName, Key: byId(Id, Since) });
          if (put) expected.add(Since);
          else expected.delete(Since);
        }
        const { Items = [] } = db.query({
          TableName,
          KeyConditionExpression: "Id = :id",
          ExpressionAttributeValues: { ":id": { S: Id } },
        });
        expect(Items.map(({ Since }) => Number(Since?.N))).to.deep.equal([...expected].sort((a, b) => a - b));
      }),
      { numRuns: 30 },
    );
  });

  it("adds decimals exactly", async () => {
    const db = await service();
    const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.integer({ min: 0, max: 8 }));
    fc.assert(
      fc.property(decimal, decimal, ([a, scaleA], [b, scaleB]) => {
        const Key = byId("sum");
        const number = (value: bigint, scale: number): AttributeValue => ({ N: `${value}e-${scale}` });
        db.putItem({ TableName, Item: { ...Key, v: number(a, scaleA) } });
        const { Attributes } = db.updateItem({
          TableName,
          Key,
          UpdateExpression: "SET v = v + :b",
          ExpressionAttributeValues: { ":b": number(b, scaleB) },
          ReturnValues: "ALL_NEW",
        });
        const [sign = "", whole = "", fraction = ""] =
          /^(-?)(\d+)\.?(\d*)$/.exec(Attributes?.v?.N ?? "")?.slice(1) ?? [];
        const scaled = BigInt(sign + whole + fraction.padEnd(8, "0"));
        expect(scaled).to.equal(a * 10n ** BigInt(8 - scaleA) + b * 10n ** BigInt(8 - scaleB));
      }),
    );
  });
});

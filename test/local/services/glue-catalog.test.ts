import { expect } from "chai";
import { ServiceApi } from "../../../local/services/api.ts";
import { glueCatalogOperations } from "../../../local/services/glue-catalog.ts";
import { VirtualClock } from "../../../local/clock.ts";
import { bucket, type Declared, graphOf, type PolicyStatement, role, roleArn } from "../../support/graph.ts";
import { failureOf, start } from "../../support/jobs.ts";
import { worldOf } from "../../support/world-of.ts";

const database: Declared = {
  type: "aws:glue/catalogDatabase:CatalogDatabase",
  name: "lake",
  given: { name: "lake", description: "All of it" },
};

const table = (given: Readonly<Record<string, unknown>> = {}): Declared => ({
  type: "aws:glue/catalogTable:CatalogTable",
  name: "orders",
  given: {
    name: "orders",
    databaseName: "lake",
    tableType: "EXTERNAL_TABLE",
    parameters: { classification: "parquet" },
    partitionKeys: [{ name: "day", type: "date" }],
    storageDescriptor: {
      location: "s3://output/orders/",
      columns: [{ name: "id", type: "bigint", comment: "once" }],
      inputFormat: "in",
      outputFormat: "out",
      serDeInfo: { serializationLibrary: "serde", parameters: { a: "b" } },
    },
    ...given,
  },
});

const storage = (given: Readonly<Record<string, unknown>>): Declared =>
  table({ storageDescriptor: { location: "s3://output/orders/", columns: [], ...given } });

const reader = roleArn("reader");

const catalog = (declared: readonly Declared[], ...may: readonly PolicyStatement[]): ServiceApi => {
  const graph = graphOf([bucket("output"), ...role("reader", "lambda.amazonaws.com", ...may), ...declared]);
  const world = worldOf(graph, new VirtualClock(start));
  world.api.connect({ glue: { operations: glueCatalogOperations(graph) } });
  return world.api;
};

const all: PolicyStatement = { Action: "glue:*", Resource: "*" };

describe("The Data Catalog in the embedded cloud", () => {
  it("tells of databases and tables as they were declared, in the shapes of the API", async () => {
    const api = catalog([database, table()], all);
    expect(await api.call(reader, "glue", "getTable", { DatabaseName: "lake", Name: "ORDERS" })).to.deep.equal({
      Table: {
        Name: "orders",
        DatabaseName: "lake",
        TableType: "EXTERNAL_TABLE",
        PartitionKeys: [{ Name: "day", Type: "date" }],
        Parameters: { classification: "parquet" },
        StorageDescriptor: {
          Location: "s3://output/orders/",
          Columns: [{ Name: "id", Type: "bigint", Comment: "once" }],
          InputFormat: "in",
          OutputFormat: "out",
          SerdeInfo: { SerializationLibrary: "serde", Parameters: { a: "b" } },
        },
      },
    });
    const Database = { Name: "lake", Description: "All of it", Parameters: {} };
    expect(await api.call(reader, "glue", "getDatabase", { Name: "lake" })).to.deep.equal({ Database });
    expect(await api.call(reader, "glue", "getDatabases", {})).to.deep.equal({ DatabaseList: [Database] });
    expect(await api.call(reader, "glue", "getTables", { DatabaseName: "lake" })).to.have.nested.property(
      "TableList[0].Name",
      "orders",
    );
  });

  it("says what there is not", async () => {
    const api = catalog([database, table()], all);
    for (const [operation, input] of [
      ["getDatabase", { Name: "sea" }],
      ["getTables", { DatabaseName: "sea" }],
      ["getTable", { DatabaseName: "sea", Name: "orders" }],
      ["getTable", { DatabaseName: "lake", Name: "fish" }],
    ] as const) {
      const error = await failureOf(() => api.call(reader, "glue", operation, input));
      expect(error.name, operation).to.equal("EntityNotFoundException");
    }
  });

  it("wants the action on the catalog, the database and the table", async () => {
    const arn = (what: string): string => `arn:aws:glue:eu-central-1:123456789012:${what}`;
    const needed = [arn("catalog"), arn("database/lake"), arn("table/lake/orders")];
    const ask = (resources: readonly string[]): Promise<unknown> =>
      catalog([database, table()], { Action: "glue:GetTable", Resource: resources }).call(reader, "glue", "getTable", {
        DatabaseName: "lake",
        Name: "orders",
      });
    await ask(needed);
    for (const missing of needed) {
      const error = await failureOf(() => ask(needed.filter((resource) => resource !== missing)));
      expect(error.message).to.contain("glue:GetTable").and.to.contain(missing);
    }
  });

  for (const [what, declared, message] of [
    ["a database that is not the program's", [table()], 'databaseName must be a database of the program, got "lake"'],
    ["a name with capitals", [database, table({ name: "Orders" })], 'name must be lower-case letters, digits and "_"'],
    [
      "a bucket that is not the program's",
      [database, storage({ location: "s3://elsewhere/orders/" })],
      "location must be s3://BUCKET/PREFIX/ with a bucket of the program",
    ],
    [
      "a location that is no folder",
      [database, storage({ location: "s3://output/orders" })],
      "location must be s3://BUCKET/PREFIX/",
    ],
    [
      "a type that Hive has not",
      [database, storage({ columns: [{ name: "id", type: "BIGINT UNSIGNED" }] })],
      "type must be a type of Hive",
    ],
    [
      "a partition key with the name of a column",
      [database, table({ partitionKeys: [{ name: "ID", type: "date" }] })],
      "partitionKeys must be columns that no other column has the name of",
    ],
  ] as const) {
    it(`refuses a table with ${what}`, () => {
      expect(() => catalog(declared, all)).to.throw(message);
    });
  }
});

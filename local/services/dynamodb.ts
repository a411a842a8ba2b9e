import type {
  BatchGetItemCommandInput,
  BatchWriteItemCommandInput,
  DeleteItemCommandInput,
  GetItemCommandInput,
  PutItemCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  TransactWriteItemsCommandInput,
  UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { actionsOf, batchGet, batchWrite, type FindTable, transactWrite } from "./dynamodb-batches.ts";
import { project, readExpressions } from "./dynamodb-expressions.ts";
import { queryTable, type ReadOutput, scanTable } from "./dynamodb-reads.ts";
import { invalid } from "./dynamodb-tokens.ts";
import type { Item } from "./dynamodb-values.ts";
import { carryOut, planDelete, planPut, planUpdate } from "./dynamodb-writes.ts";
import type { ResourceKinds } from "./kinds.ts";
import { Properties } from "./properties.ts";
import { type Operation, type Permission, type Service, ServiceError } from "./service.ts";
import { Table } from "./table.ts";
import type { World } from "./world.ts";

export const dynamoDbKinds: ResourceKinds = {
  "aws:dynamodb/table:Table": {
    honoured: ["name", "attributes", "hashKey", "rangeKey", "ttl", "serverSideEncryption"],
    ignored: {
      billingMode: "there is no limit on reads and writes here",
      readCapacity: "there is no limit on reads and writes here",
      writeCapacity: "there is no limit on reads and writes here",
      pointInTimeRecovery: "tables live as long as the run",
      deletionProtectionEnabled: "nothing is deleted here",
      globalSecondaryIndexes: "there are no indexes here: a query that names one is refused",
      localSecondaryIndexes: "there are no indexes here: a query that names one is refused",
      streamEnabled: "there are no streams here",
    },
  },
};

/** Tables and their items. */
export class DynamoDbService implements Service {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly #world: World;
  readonly #tables: ReadonlyMap<string, Table>;

  constructor(world: World) {
    this.#world = world;
    this.#tables = readTables(world);
    this.operations = {
      getItem: this.#operation("GetItem", (input: GetItemCommandInput) => this.getItem(input)),
      putItem: this.#operation("PutItem", (input: PutItemCommandInput) => this.putItem(input)),
      updateItem: this.#operation("UpdateItem", (input: UpdateItemCommandInput) => this.updateItem(input)),
      deleteItem: this.#operation("DeleteItem", (input: DeleteItemCommandInput) => this.deleteItem(input)),
      query: this.#operation("Query", (input: QueryCommandInput) => this.query(input)),
      scan: this.#operation("Scan", (input: ScanCommandInput) => this.scan(input)),
      batchWriteItem: {
        permissions: (input: BatchWriteItemCommandInput) => this.#onEach("BatchWriteItem", input),
        run: (input: BatchWriteItemCommandInput) => batchWrite(this.#find, input),
      },
      batchGetItem: {
        permissions: (input: BatchGetItemCommandInput) => this.#onEach("BatchGetItem", input),
        run: (input: BatchGetItemCommandInput) => batchGet(this.#find, input),
      },
      transactWriteItems: {
        permissions: (input: TransactWriteItemsCommandInput) =>
          actionsOf(input).map(({ action, table }) => this.#permission(action, table)),
        run: (input: TransactWriteItemsCommandInput) => transactWrite(this.#find, input),
      },
    };
  }

  /** The item with this key, unless there is no such table or item. */
  find(tableName: string, key: Item): Item | undefined {
    const table = this.#tables.get(tableName);
    return table?.get(table.placeOfKey(key));
  }

  /** How many items each table holds. */
  sizes(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#tables].map(([name, table]) => [name, table.size]));
  }

  getItem(input: GetItemCommandInput): { Item?: Item } {
    const table = this.#table(input.TableName);
    const expressions = readExpressions(input);
    const item = table.get(table.placeOfKey(input.Key));
    if (item === undefined) return {};
    const paths = expressions.projection?.map((path) => path(expressions));
    return { Item: paths === undefined ? item : project(item, paths) };
  }

  putItem(input: PutItemCommandInput): { Attributes?: Item } {
    const write = planPut(this.#table(input.TableName), input);
    carryOut(write);
    return oldAttributes(input.ReturnValues, write.old);
  }

  deleteItem(input: DeleteItemCommandInput): { Attributes?: Item } {
    const write = planDelete(this.#table(input.TableName), input);
    carryOut(write);
    return oldAttributes(input.ReturnValues, write.old);
  }

  updateItem(input: UpdateItemCommandInput): { Attributes?: Item } {
    const write = planUpdate(this.#table(input.TableName), input);
    carryOut(write);
    const { old, before, after = {}, paths } = write;
    switch (input.ReturnValues) {
      case undefined:
      case "NONE":
        return {};
      case "ALL_OLD":
        return oldAttributes("ALL_OLD", old);
      case "ALL_NEW":
        return { Attributes: after };
      case "UPDATED_OLD":
        return { Attributes: project(before, paths) };
      case "UPDATED_NEW":
        return { Attributes: project(after, paths) };
    }
  }

  query(input: QueryCommandInput): ReadOutput {
    return queryTable(this.#table(input.TableName), input);
  }

  scan(input: ScanCommandInput): ReadOutput {
    return scanTable(this.#table(input.TableName), input);
  }

  #operation(action: string, run: Operation["run"]): Operation {
    return {
      permissions: ({ TableName }: { readonly TableName?: string }) => [this.#permission(action, TableName)],
      run,
    };
  }

  #onEach(action: string, { RequestItems = {} }: { readonly RequestItems?: object | undefined }): Permission[] {
    return Object.keys(RequestItems).map((table) => this.#permission(action, table));
  }

  #permission(action: string, table: string | undefined): Permission {
    const { region, accountId } = this.#world.graph;
    return {
      action: `dynamodb:${action}`,
      resource:
        this.#tables.get(tableNameOf(table))?.arn ?? `arn:aws:dynamodb:${region}:${accountId}:table/${table ?? ""}`,
    };
  }

  readonly #find: FindTable = (nameOrArn) => this.#table(nameOrArn);

  #table(nameOrArn: string | undefined): Table {
    const table = this.#tables.get(tableNameOf(nameOrArn));
    if (table !== undefined) return table;
    throw new ServiceError(
      "ResourceNotFoundException",
      `Requested resource not found: Table: ${nameOrArn ?? ""} not found`,
    );
  }
}

const tableNameOf = (nameOrArn = ""): string => nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);

const readTables = ({ graph, clock }: World): ReadonlyMap<string, Table> =>
  new Map(
    graph.resources
      .filter(({ type }) => type === "aws:dynamodb/table:Table")
      .map((resource) => new Table(Properties.of(resource), () => clock.now()))
      .map((table) => [table.name, table]),
  );

const oldAttributes = (returnValues: string | undefined, old: Item | undefined): { Attributes?: Item } => {
  if (returnValues !== undefined && returnValues !== "NONE" && returnValues !== "ALL_OLD") {
    throw invalid(`Return values set to invalid value: ${returnValues}; NONE and ALL_OLD are allowed`);
  }
  return returnValues === "ALL_OLD" && old !== undefined ? { Attributes: old } : {};
};

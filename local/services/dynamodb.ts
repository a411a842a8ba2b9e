import type {
  DeleteItemCommandInput,
  GetItemCommandInput,
  PutItemCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { type Expressions, project, readExpressions } from "./dynamodb-expressions.ts";
import { queryTable, type ReadOutput, scanTable } from "./dynamodb-reads.ts";
import { invalid } from "./dynamodb-tokens.ts";
import { canonicalItem, equalValues, type Item } from "./dynamodb-values.ts";
import type { ResourceKinds } from "./kinds.ts";
import { Properties } from "./properties.ts";
import { type Operation, type Service, ServiceError } from "./service.ts";
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

/** A condition did not hold. `Item` is there if the request asked for it. */
export class ConditionalCheckFailed extends ServiceError {
  readonly Item: Item | undefined;

  constructor(item: Item | undefined) {
    super("ConditionalCheckFailedException", "The conditional request failed");
    this.Item = item;
  }
}

interface WriteInput {
  readonly ReturnValuesOnConditionCheckFailure?: string | undefined;
}

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
    const table = this.#table(input.TableName);
    const expressions = readExpressions(input);
    const item = canonicalItem(input.Item ?? {});
    const place = table.place(item);
    const old = table.get(place);
    requireCondition(expressions, old, input);
    table.put(place, item);
    return oldAttributes(input.ReturnValues, old);
  }

  deleteItem(input: DeleteItemCommandInput): { Attributes?: Item } {
    const table = this.#table(input.TableName);
    const expressions = readExpressions(input);
    const place = table.placeOfKey(input.Key);
    const old = table.get(place);
    requireCondition(expressions, old, input);
    table.delete(place);
    return oldAttributes(input.ReturnValues, old);
  }

  updateItem(input: UpdateItemCommandInput): { Attributes?: Item } {
    const table = this.#table(input.TableName);
    const expressions = readExpressions(input);
    const place = table.placeOfKey(input.Key);
    const old = table.get(place);
    requireCondition(expressions, old, input);
    const before = old ?? canonicalItem(input.Key ?? {});
    const { names, values, update } = expressions;
    const { item, paths } = update?.({ item: before, names, values }) ?? { item: before, paths: [] };
    requireSameKey(table, before, item);
    const after = canonicalItem(item);
    table.put(place, after);
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
    const { region, accountId } = this.#world.graph;
    return {
      permissions: ({ TableName }: { readonly TableName?: string }) => [
        {
          action: `dynamodb:${action}`,
          resource:
            this.#tables.get(tableNameOf(TableName))?.arn ??
            `arn:aws:dynamodb:${region}:${accountId}:table/${TableName ?? ""}`,
        },
      ],
      run,
    };
  }

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

const requireCondition = (
  { condition, names, values }: Expressions,
  old: Item | undefined,
  input: WriteInput,
): void => {
  if (condition === undefined || condition({ item: old ?? {}, names, values })) return;
  throw new ConditionalCheckFailed(input.ReturnValuesOnConditionCheckFailure === "ALL_OLD" ? old : undefined);
};

const requireSameKey = (table: Table, before: Item, after: Item): void => {
  for (const name of table.keyNames) {
    const [old, updated] = [before[name], after[name]];
    if (old === updated || (old !== undefined && updated !== undefined && equalValues(old, updated))) continue;
    throw invalid(
      `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
    );
  }
};

const oldAttributes = (returnValues: string | undefined, old: Item | undefined): { Attributes?: Item } => {
  if (returnValues !== undefined && returnValues !== "NONE" && returnValues !== "ALL_OLD") {
    throw invalid(`Return values set to invalid value: ${returnValues}; NONE and ALL_OLD are allowed`);
  }
  return returnValues === "ALL_OLD" && old !== undefined ? { Attributes: old } : {};
};

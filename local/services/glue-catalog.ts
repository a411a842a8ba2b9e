import type { Column, Database, StorageDescriptor, Table } from "@aws-sdk/client-glue";
import type { Resource, ResourceGraph } from "../resource-graph.ts";
import type { ResourceKinds } from "./kinds.ts";
import { Properties } from "./properties.ts";
import { type Operation, type Permission, ServiceError } from "./service.ts";

const databaseType = "aws:glue/catalogDatabase:CatalogDatabase";
const tableType = "aws:glue/catalogTable:CatalogTable";

export const glueCatalogKinds: ResourceKinds = {
  [databaseType]: { honoured: ["name", "description", "locationUri", "parameters"] },
  [tableType]: {
    honoured: [
      "name",
      "databaseName",
      "description",
      "tableType",
      "parameters",
      "partitionKeys",
      "storageDescriptor",
      "owner",
      "retention",
    ],
  },
};

/** The part of the Data Catalog that a program declares. Tables are looked up, and neither made nor changed, by calls. */
export const glueCatalogOperations = (graph: ResourceGraph): Readonly<Record<string, Operation>> => {
  const databases = new Map(
    graph.resources.filter(({ type }) => type === databaseType).map((resource) => databaseEntry(resource)),
  );
  const tables = graph.resources
    .filter(({ type }) => type === tableType)
    .map((resource) => tableOf(resource, databases, graph));
  const databaseNamed = (name: string): Database => {
    const found = databases.get(name);
    if (found === undefined) throw new ServiceError("EntityNotFoundException", `Database ${name} not found.`);
    return found;
  };
  const tablesOf = (database: string): readonly Table[] => tables.filter((table) => table.DatabaseName === database);
  const permissions = permissionsIn(graph);
  return {
    getDatabase: {
      permissions: ({ Name }: { readonly Name: string }) => permissions("GetDatabase", [`database/${Name}`]),
      run: ({ Name }: { readonly Name: string }) => ({ Database: databaseNamed(Name) }),
    },
    getDatabases: {
      permissions: () =>
        permissions(
          "GetDatabases",
          [...databases.keys()].map((name) => `database/${name}`),
        ),
      run: () => ({ DatabaseList: [...databases.values()] }),
    },
    getTable: {
      permissions: ({ DatabaseName: name, Name }: TableName) =>
        permissions("GetTable", [`database/${name}`, `table/${name}/${Name}`]),
      run: ({ DatabaseName, Name }: TableName) => {
        databaseNamed(DatabaseName);
        const table = tablesOf(DatabaseName).find((one) => one.Name === Name.toLowerCase());
        if (table === undefined) throw new ServiceError("EntityNotFoundException", `Table ${Name} not found.`);
        return { Table: table };
      },
    },
    getTables: {
      permissions: ({ DatabaseName: name }: Pick<TableName, "DatabaseName">) =>
        permissions("GetTables", [
          `database/${name}`,
          ...tablesOf(name).map(({ Name = "" }) => `table/${name}/${Name}`),
        ]),
      run: ({ DatabaseName }: Pick<TableName, "DatabaseName">) => {
        databaseNamed(DatabaseName);
        return { TableList: tablesOf(DatabaseName) };
      },
    },
  };
};

interface TableName {
  readonly DatabaseName: string;
  readonly Name: string;
}

/** A call needs its action on the catalog and on each thing in it that it tells of. */
const permissionsIn =
  ({ region, accountId }: ResourceGraph) =>
  (action: string, resources: readonly string[]): readonly Permission[] =>
    ["catalog", ...resources].map((resource) => ({
      action: `glue:${action}`,
      resource: `arn:aws:glue:${region}:${accountId}:${resource}`,
    }));

const databaseEntry = (resource: Resource): readonly [string, Database] => {
  const properties = Properties.of(resource);
  const Name = nameOf(properties);
  const Description = properties.optionalString("description");
  const LocationUri = properties.optionalString("locationUri");
  return [
    Name,
    {
      Name,
      ...(Description !== undefined && { Description }),
      ...(LocationUri !== undefined && { LocationUri }),
      Parameters: textsIn(properties, "parameters"),
    },
  ];
};

const tableOf = (resource: Resource, databases: ReadonlyMap<string, Database>, graph: ResourceGraph): Table => {
  const properties = Properties.of(resource);
  const DatabaseName = properties.string("databaseName");
  if (!databases.has(DatabaseName)) throw properties.error("databaseName", "a database of the program");
  const storage = properties.child("storageDescriptor");
  const PartitionKeys = columnsIn(properties, "partitionKeys");
  const Description = properties.optionalString("description");
  const TableType = properties.optionalString("tableType");
  const descriptor = storage && storageOf(storage, graph);
  refuseRepeatedNames(properties, [...(descriptor?.Columns ?? []), ...PartitionKeys]);
  return {
    Name: nameOf(properties),
    DatabaseName,
    ...(Description !== undefined && { Description }),
    ...(TableType !== undefined && { TableType }),
    PartitionKeys,
    Parameters: textsIn(properties, "parameters"),
    ...(descriptor && { StorageDescriptor: descriptor }),
  };
};

const storageOf = (storage: Properties, graph: ResourceGraph): StorageDescriptor => {
  const serDe = storage.child("serDeInfo");
  const library = serDe?.optionalString("serializationLibrary");
  const InputFormat = storage.optionalString("inputFormat");
  const OutputFormat = storage.optionalString("outputFormat");
  return {
    Columns: columnsIn(storage, "columns"),
    ...locationOf(storage, graph),
    ...(InputFormat !== undefined && { InputFormat }),
    ...(OutputFormat !== undefined && { OutputFormat }),
    ...(serDe && {
      SerdeInfo: {
        ...(library !== undefined && { SerializationLibrary: library }),
        Parameters: textsIn(serDe, "parameters"),
      },
    }),
  };
};

/** AWS takes any text, and no query finds anything: what is meant is a bucket of the program. */
const locationOf = (storage: Properties, { resources }: ResourceGraph): Pick<StorageDescriptor, "Location"> => {
  const Location = storage.optionalString("location");
  if (Location === undefined) return {};
  const [, bucket] = /^s3:\/\/([^/]+)\/(.*\/)?$/.exec(Location) ?? [];
  const isKnown = resources.some(
    ({ type, properties }) => type === "aws:s3/bucket:Bucket" && properties.bucket === bucket,
  );
  if (!isKnown) throw storage.error("location", "s3://BUCKET/PREFIX/ with a bucket of the program");
  return { Location };
};

/** Names are lower case in the catalog; Athena and Spark find no others. */
const nameOf = (properties: Properties): string => {
  const name = properties.string("name");
  if (/^[a-z0-9_]{1,255}$/.test(name)) return name;
  throw properties.error("name", 'lower-case letters, digits and "_"');
};

const columnsIn = (properties: Properties, name: string): Column[] =>
  properties.children(name).map((column) => {
    const Type = column.string("type");
    if (!columnType.test(Type)) throw column.error("type", "a type of Hive, for example bigint or decimal(18,2)");
    const Comment = column.optionalString("comment");
    return { Name: column.string("name"), Type, ...(Comment !== undefined && { Comment }) };
  });

const columnType =
  /^(boolean|tinyint|smallint|int|bigint|float|double|string|binary|date|timestamp|decimal\(\d+,\d+\)|(?:var)?char\(\d+\)|(?:array|map|struct)<.+>)$/;

const refuseRepeatedNames = (properties: Properties, columns: readonly Column[]): void => {
  const names = columns.map(({ Name = "" }) => Name.toLowerCase());
  if (new Set(names).size === names.length) return;
  throw properties.error("partitionKeys", "columns that no other column has the name of");
};

const textsIn = (properties: Properties, name: string): Record<string, string> => {
  const child = properties.child(name);
  const values = properties.optionalAny(name) ?? {};
  return Object.fromEntries(Object.keys(values).map((key) => [key, child?.string(key) ?? ""]));
};

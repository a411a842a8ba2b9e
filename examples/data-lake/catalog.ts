import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

type Columns = readonly (readonly [name: string, type: string])[];

interface TableArgs {
  readonly description: string;
  readonly columns: Columns;
  readonly partition: readonly [name: string, type: string];
  /** How Athena finds the partitions: by the values that there can be, or as the query gives them. */
  readonly projection: Readonly<Record<string, string>>;
}

const day = {
  partition: ["day", "date"],
  projection: { type: "date", format: "yyyy-MM-dd", range: "2020-01-01,NOW+1DAYS" },
} as const satisfies Partial<TableArgs>;

/** The tables of the lake by the folder that each has in the output bucket. */
const tables: Readonly<Record<string, TableArgs>> = {
  raw_orders: {
    description: "Orders as they landed, a partition for each file",
    columns: [
      ["order_id", "string"],
      ["ordered_at", "string"],
      ["updated_at", "string"],
      ["status", "string"],
      ["country", "string"],
      ["category", "string"],
      ["quantity", "string"],
      ["unit_price", "string"],
      ["source", "string"],
      ["line", "bigint"],
    ],
    partition: ["execution", "string"],
    projection: { type: "injected" },
  },
  orders: {
    description: "The latest version of each order, once",
    columns: [
      ["order_id", "string"],
      ["ordered_at", "timestamp"],
      ["updated_at", "timestamp"],
      ["status", "string"],
      ["country", "string"],
      ["region", "string"],
      ["category", "string"],
      ["quantity", "bigint"],
      ["unit_price_cents", "bigint"],
      ["revenue_cents", "bigint"],
    ],
    ...day,
  },
  daily_revenue: {
    description: "What was sold, by day, region and category; cancelled orders count for nothing",
    columns: [
      ["region", "string"],
      ["category", "string"],
      ["orders", "bigint"],
      ["quantity", "bigint"],
      ["revenue_cents", "bigint"],
    ],
    ...day,
  },
};

/** A database of the Data Catalog, with a table for each folder of the lake. Nobody has to register partitions. */
export const createCatalog = (
  name: string,
  database: string,
  bucket: pulumi.Output<string>,
): aws.glue.CatalogDatabase => {
  const catalog = new aws.glue.CatalogDatabase(name, { name: database, description: "Orders, raw to aggregated" });
  for (const [table, args] of Object.entries(tables)) createTable(table, args, catalog, bucket);
  return catalog;
};

const createTable = (
  name: string,
  { description, columns, partition: [key, keyType], projection }: TableArgs,
  catalog: aws.glue.CatalogDatabase,
  bucket: pulumi.Output<string>,
): aws.glue.CatalogTable => {
  const location = pulumi.interpolate`s3://${bucket}/${name}/`;
  return new aws.glue.CatalogTable(
    name.replaceAll("_", "-"),
    {
      name,
      databaseName: catalog.name,
      description,
      tableType: "EXTERNAL_TABLE",
      partitionKeys: [{ name: key, type: keyType }],
      parameters: {
        EXTERNAL: "TRUE",
        classification: "parquet",
        "projection.enabled": "true",
        "storage.location.template": pulumi.interpolate`${location}${key}=\${${key}}/`,
        ...Object.fromEntries(Object.entries(projection).map(([rule, value]) => [`projection.${key}.${rule}`, value])),
      },
      storageDescriptor: {
        location,
        columns: columns.map(([column, type]) => ({ name: column, type })),
        inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        serDeInfo: { serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
      },
    },
    { parent: catalog },
  );
};

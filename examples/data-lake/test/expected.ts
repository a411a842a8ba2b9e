import { ask, type File, type Row } from "./duckdb.ts";

/** The tables that the lake must come to, whatever way its files took, in SQL over the files as they landed. */
export interface Expected {
  readonly orders: readonly Row[];
  readonly revenue: readonly Row[];
}

export async function expectedOf(files: readonly File[]): Promise<Expected> {
  if (files.length === 0) return { orders: [], revenue: [] };
  const orders = (folder: string): string => `${landed(folder, files)} ${typed} ${latest}`;
  return {
    orders: await ask(files, (folder) => `${orders(folder)} SELECT ${orderColumns} FROM latest ORDER BY order_id`),
    revenue: await ask(
      files,
      (folder) => `${orders(folder)}
        SELECT day, region, category, count(*) AS orders, sum(quantity)::BIGINT AS quantity,
               sum(quantity * unit_price_cents)::BIGINT AS revenue_cents
        FROM latest WHERE status <> 'cancelled' GROUP BY ALL ORDER BY day, region, category`,
    ),
  };
}

export const orderColumns =
  "day, order_id, ordered_at, updated_at, status, country, region, category, quantity, unit_price_cents, " +
  "quantity * unit_price_cents AS revenue_cents";

const names = ["order_id", "ordered_at", "updated_at", "status", "country", "category", "quantity", "unit_price"];
const asText = `{${names.map((name) => `${name}: 'VARCHAR'`).join(", ")}}`;

const landed = (folder: string, files: readonly File[]): string => {
  const parts = files.map(({ name }) =>
    name.endsWith(".csv")
      ? `SELECT ${names.join(", ")} FROM read_csv('${folder}/${name}', header = true, delim = ',', quote = '"',
           columns = ${asText}, auto_detect = false, ignore_errors = true)`
      : `SELECT ${names.join(", ")} FROM read_json('${folder}/${name}', format = 'newline_delimited',
           columns = ${asText}, ignore_errors = true)`,
  );
  return `WITH landed AS (${parts.join(" UNION ALL ")}),`;
};

const typed = `
  typed AS (
    SELECT upper(trim(order_id)) AS order_id,
           try_cast(trim(ordered_at) AS TIMESTAMPTZ) AS ordered_at,
           try_cast(trim(updated_at) AS TIMESTAMPTZ) AS updated_at,
           lower(trim(status)) AS status, upper(trim(country)) AS country, lower(trim(category)) AS category,
           try_cast(quantity AS BIGINT) AS quantity,
           (try_cast(unit_price AS DECIMAL(18, 2)) * 100)::BIGINT AS unit_price_cents
    FROM landed
  ),
  valid AS (
    SELECT *, strftime(ordered_at, '%Y-%m-%d') AS day,
           CASE WHEN country IN ('DE', 'FR', 'IT') THEN 'emea' WHEN country IN ('US', 'CA', 'BR') THEN 'americas'
                WHEN country = 'JP' THEN 'apac' ELSE 'other' END AS region
    FROM typed
    WHERE order_id <> '' AND ordered_at IS NOT NULL AND updated_at IS NOT NULL AND quantity > 0
      AND unit_price_cents IS NOT NULL AND status IN ('paid', 'shipped', 'cancelled')
  ),`;

const latest = `
  latest AS (
    SELECT * FROM valid
    QUALIFY row_number() OVER (
      PARTITION BY order_id
      ORDER BY updated_at DESC, ordered_at DESC, status DESC, country DESC, region DESC, category DESC,
               quantity DESC, unit_price_cents DESC
    ) = 1
  )`;

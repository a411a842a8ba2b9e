"""Glue 5.x job: raw rows that no earlier run has read become orders, and are merged into the table of orders.

A table has each order once, in its latest version, in the partition of its day. What an order is and which version is the
latest is decided in the same way by the stand-in of the simulation (`stand-ins/lib/orders.ts`): a change here is a change
there. A run rests on what it finds in the table, so the job has one run at a time; a run that dies on the way has not moved
its bookmark, and the next one merges the same rows again and comes to the same table.
"""

from __future__ import annotations

import io
import json
import re
import sys
from typing import Any

# Beside the script in Glue: the job's extra Python files.
from process_csv import Rejection, S3Storage, as_json, parse_timestamp

STATUSES = ["paid", "shipped", "cancelled"]

# The latest version of an order is the greatest in these, one after the other.
COMPARED = ["updated_at", "ordered_at", "status", "country", "region", "category", "quantity", "unit_price_cents"]


def to_order(raw: dict[str, Any], regions: dict[str, str]) -> tuple[Any, ...] | Rejection:
    """A raw row with its types, cleaned and enriched, or why it is no order."""

    def rejected(reason: str) -> Rejection:
        return Rejection(raw["line"], reason, raw["order_id"])

    ordered_at = parse_timestamp(raw["ordered_at"].strip())
    if ordered_at is None:
        return rejected("ordered_at is not a timestamp")
    updated_at = parse_timestamp(raw["updated_at"].strip())
    if updated_at is None:
        return rejected("updated_at is not a timestamp")
    status = raw["status"].strip().lower()
    if status not in STATUSES:
        return rejected(f"status is none of {', '.join(STATUSES)}")
    country = raw["country"].strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", country):
        return rejected("country is not a code of two letters")
    category = raw["category"].strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9 &-]{0,39}", category):
        return rejected("category is not a name")
    quantity = raw["quantity"].strip()
    if not re.fullmatch(r"[1-9][0-9]{0,5}", quantity):
        return rejected("quantity is not a whole number from 1")
    price = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?", raw["unit_price"].strip())
    if price is None:
        return rejected("unit_price is not an amount")
    cents = int(price[1]) * 100 + int((price[2] or "").ljust(2, "0"))
    return (
        raw["order_id"].strip().upper(),
        ordered_at,
        updated_at,
        status,
        country,
        regions.get(country, "other"),
        category,
        int(quantity),
        cents,
        int(quantity) * cents,
        ordered_at.strftime("%Y-%m-%d"),
    )


def order_schema() -> Any:
    from pyspark.sql import types as t

    text, moment, whole = t.StringType(), t.TimestampType(), t.LongType()
    of = {
        "order_id": text,
        "ordered_at": moment,
        "updated_at": moment,
        "status": text,
        "country": text,
        "region": text,
        "category": text,
        "quantity": whole,
        "unit_price_cents": whole,
        "revenue_cents": whole,
        "day": text,
    }
    return t.StructType([t.StructField(name, kind) for name, kind in of.items()])


def latest(orders: Any) -> Any:
    """One version of each order."""
    from pyspark.sql import Window
    from pyspark.sql import functions as f

    newest_first = Window.partitionBy("order_id").orderBy(*[f.col(name).desc() for name in COMPARED])
    return orders.withColumn("rank", f.row_number().over(newest_first)).where("rank = 1").drop("rank")


def merge_into(spark: Any, storage: S3Storage, prefix: str, orders: Any) -> tuple[int, list[str]]:
    """Merges orders into the table. How many there were, and the days whose partitions were changed."""
    from pyspark.sql import functions as f

    table = storage.location(prefix)
    incoming = latest(orders).localCheckpoint()
    days = {row.day for row in incoming.select("day").distinct().collect()}
    kept = spark.createDataFrame([], order_schema())
    if days_of(storage, prefix):
        existing = spark.read.schema(order_schema()).parquet(table)
        ids = f.broadcast(incoming.select("order_id"))
        days |= {row.day for row in existing.join(ids, "order_id", "left_semi").select("day").distinct().collect()}
        kept = existing.where(f.col("day").isin(*days))
    # Computed before anything is overwritten that it is computed from.
    merged = latest(kept.unionByName(incoming)).localCheckpoint()
    merged.repartition("day").sortWithinPartitions("day", "order_id").write.mode("overwrite").partitionBy(
        "day"
    ).parquet(table)
    alive = {row.day for row in merged.select("day").distinct().collect()}
    for day in days - alive:
        for key in storage.sizes(f"{prefix}day={day}/"):
            storage.delete(key)
    return incoming.count(), sorted(days)


def days_of(storage: S3Storage, prefix: str) -> set[str]:
    """The days that a table has partitions of."""
    keys = storage.sizes(f"{prefix}day=")
    return {found[1] for found in (re.search(r"/day=(\d{4}-\d{2}-\d{2})/[^_.]", key) for key in keys) if found}


def rejected_csv(rejected: list[tuple[str, Rejection]]) -> bytes:
    def quoted(value: object) -> str:
        return '"' + str(value).replace('"', '""') + '"'

    rows = [[source, row.line, row.content, row.reason] for source, row in rejected]
    return "\n".join(["source,line,order_id,reason", *(",".join(map(quoted, row)) for row in rows), ""]).encode()


def main() -> None:
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext

    args = getResolvedOptions(sys.argv, ["JOB_NAME", "input", "output", "execution_name", "regions"])
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(args["JOB_NAME"], args)
    spark = context.spark_session
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    # Days are texts here; partitions that a run does not write stay as they are.
    spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")

    output_bucket, prefix = args["output"].removeprefix("s3://").split("/", 1)
    storage = S3Storage("", "", "null", output_bucket)
    regions = json.loads(args["regions"])
    frame = context.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={
            "paths": [re.sub(r"execution=[^/]+/\Z", "", args["input"])],
            "recurse": True,
            "exclusions": '["**/_*/**"]',
        },
        format="parquet",
        transformation_ctx="raw_orders",
    ).toDF()

    # Without anything new, the frame has no columns.
    raw = frame.rdd.map(lambda row: row.asDict()) if frame.columns else spark.sparkContext.emptyRDD()
    read = raw.map(lambda row: (row["source"], to_order(row, regions))).cache()
    rows_in = read.count()
    rejected = read.filter(lambda row: isinstance(row[1], Rejection)).collect()
    rows_written, days = 0, []
    if rows_in > len(rejected):
        orders = read.filter(lambda row: not isinstance(row[1], Rejection)).map(lambda row: row[1])
        rows_written, days = merge_into(
            spark, storage, prefix, spark.createDataFrame(orders, order_schema(), verifySchema=False)
        )

    folder = f"execution={args['execution_name']}/"
    if rejected:
        body = io.BytesIO(rejected_csv(sorted(rejected, key=lambda row: (row[0], row[1].line))))
        storage.write(f"{prefix}_rejected/{folder}rejected.csv", body, "text/csv; charset=utf-8")
    else:
        storage.delete(f"{prefix}_rejected/{folder}rejected.csv")
    summary = {"rowsIn": rows_in, "rowsWritten": rows_written, "rowsRejected": len(rejected), "days": days}
    body = io.BytesIO(as_json(summary).encode())
    storage.write(f"{prefix}_summary/{folder}summary.json", body, "application/json")
    print(as_json(summary))
    job.commit()


if __name__ == "__main__":
    main()

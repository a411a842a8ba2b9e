"""Glue 5.x job: the revenue of each day whose orders have changed is computed anew and replaces what was there.

The bookmark is on the files of the table of orders: what was written since the last run tells which days have changed. A
day that has lost its last order has no partition any more.
"""

from __future__ import annotations

import io
import re
import sys

# Beside the script in Glue: the job's extra Python files.
from process_csv import S3Storage, as_json


def days_of(storage: S3Storage, prefix: str) -> set[str]:
    """The days that a table has partitions of."""
    keys = storage.sizes(f"{prefix}day=")
    return {found[1] for found in (re.search(r"/day=(\d{4}-\d{2}-\d{2})/[^_.]", key) for key in keys) if found}


def main() -> None:
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext
    from pyspark.sql import functions as f
    from pyspark.sql import types as t

    args = getResolvedOptions(sys.argv, ["JOB_NAME", "input", "output", "execution_name"])
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(args["JOB_NAME"], args)
    spark = context.spark_session
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    # Days are texts here; partitions that a run does not write stay as they are.
    spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")

    bucket, prefix = args["output"].removeprefix("s3://").split("/", 1)
    storage = S3Storage("", "", "null", bucket)
    orders_prefix = args["input"].removeprefix(f"s3://{bucket}/")
    changed = context.create_dynamic_frame.from_options(
        connection_type="s3",
        connection_options={"paths": [args["input"]], "recurse": True, "exclusions": '["**/_*/**"]'},
        format="parquet",
        transformation_ctx="orders",
    ).toDF()
    # Without anything new, the frame has no columns.
    days = set()
    if changed.columns:
        day = f.date_format("ordered_at", "yyyy-MM-dd")
        days = {row.day for row in changed.select(day.alias("day")).distinct().collect()}
    alive = days_of(storage, orders_prefix)
    days |= days_of(storage, prefix) - alive

    rows_in, sold = 0, []
    if days & alive:
        columns = [("ordered_at", t.TimestampType()), ("status", t.StringType()), ("region", t.StringType())]
        columns += [("category", t.StringType()), ("quantity", t.LongType()), ("revenue_cents", t.LongType())]
        schema = t.StructType([t.StructField(name, kind) for name, kind in [*columns, ("day", t.StringType())]])
        orders = spark.read.schema(schema).parquet(args["input"]).where(f.col("day").isin(*days))
        rows_in = orders.count()
        revenue = (
            orders.where("status <> 'cancelled'")
            .groupBy("day", "region", "category")
            .agg(
                f.count("*").alias("orders"),
                f.sum("quantity").alias("quantity"),
                f.sum("revenue_cents").alias("revenue_cents"),
            )
            .localCheckpoint()
        )
        revenue.repartition("day").sortWithinPartitions("day", "region", "category").write.mode("overwrite").partitionBy(
            "day"
        ).parquet(args["output"])
        sold = [row.day for row in revenue.select("day").collect()]
    for day in days - set(sold):
        for key in storage.sizes(f"{prefix}day={day}/"):
            storage.delete(key)

    summary = {"rowsIn": rows_in, "rowsWritten": len(sold), "rowsRejected": 0, "days": sorted(days)}
    key = f"{prefix}_summary/execution={args['execution_name']}/summary.json"
    storage.write(key, io.BytesIO(as_json(summary).encode()), "application/json")
    print(as_json(summary))
    job.commit()


if __name__ == "__main__":
    main()

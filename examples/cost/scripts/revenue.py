"""Glue Spark job: the sum of the orders by product, in cents.

Arguments: --input, the landed CSV file; --output, a folder, written anew by each run.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def write_revenue(spark: SparkSession, source: str, output: str) -> None:
    """Sums up a CSV file. One without the columns of an order fails, and nothing is written."""
    from pyspark.sql import functions as f

    orders = spark.read.csv(source, header=True, multiLine=True, escape='"')
    cents = f.round(f.col("quantity").cast("double") * f.col("unit_price").cast("double") * 100).cast("bigint")
    revenue = (
        orders.select("product", cents.alias("cents"))
        .where(f.col("cents").isNotNull())
        .groupBy("product")
        .agg(f.sum("cents").alias("revenue_cents"))
        .orderBy("product")
    )
    # A quote in a value is doubled, as whoever reads CSV expects; Spark's own way is a backslash.
    revenue.coalesce(1).write.mode("overwrite").csv(output, header=True, escape='"')


def main() -> None:
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext

    args = getResolvedOptions(sys.argv, ["JOB_NAME", "input", "output"])
    glue = GlueContext(SparkContext.getOrCreate())
    job = Job(glue)
    job.init(args["JOB_NAME"], args)
    write_revenue(glue.spark_session, args["input"], args["output"])
    job.commit()


if __name__ == "__main__":
    main()

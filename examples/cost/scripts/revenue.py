"""Glue Spark job: the sum of the orders by product, in cents.

Arguments: --input, the landed CSV file; --output, a folder, written anew by each run.
"""

import sys

from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from pyspark.sql import functions as f


def main() -> None:
    args = getResolvedOptions(sys.argv, ["JOB_NAME", "input", "output"])
    glue = GlueContext(SparkContext.getOrCreate())
    job = Job(glue)
    job.init(args["JOB_NAME"], args)
    orders = glue.spark_session.read.csv(args["input"], header=True, multiLine=True, escape='"')
    cents = f.round(f.col("quantity").cast("double") * f.col("unit_price").cast("double") * 100).cast("bigint")
    revenue = (
        orders.select("product", cents.alias("cents"))
        .where(f.col("cents").isNotNull())
        .groupBy("product")
        .agg(f.sum("cents").alias("revenue_cents"))
        .orderBy("product")
    )
    revenue.coalesce(1).write.mode("overwrite").csv(args["output"], header=True, escape='"')
    job.commit()


if __name__ == "__main__":
    main()

"""Glue streaming job: gives each click its product's name, category and price, and sends it to the next stream.

What is no click, or of no product, is set aside with its reason. A batch that is repeated after a failure sends its clicks
twice: whoever reads the next stream knows them by their `eventId`.

Arguments, besides those of `click_events.run`:
  --output_stream_arn   the next stream
  --products            s3:// URI of a CSV file: productId, name, category, price in cents
  --rejected            s3://bucket/prefix/ of what is set aside
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click_events

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def enrich(records: DataFrame, products: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The clicks with their products, and the text and reason of what is set aside."""
    from pyspark.sql import functions as f

    clicks, wrong = click_events.parse(records, click_events.EVENT)
    names = ["eventId", "at", "userId", "productId", "action"]
    missing = f.coalesce(*[f.when(f.coalesce(f.col(n), f.lit("")) == "", f.lit(f"{n} must be a text")) for n in names])
    reason = f.coalesce(
        missing,
        f.when(f.expr("try_to_timestamp(at)").isNull(), f.lit("at must be a time in ISO 8601")),
        f.when(~f.col("action").isin(click_events.ACTIONS), f.lit("action must be one of view, cart, purchase")),
        f.when(f.coalesce(f.col("quantity"), f.lit(-1)) < 0, f.lit("quantity must be a whole number")),
        f.when(f.col("product").isNull(), f.concat(f.lit("there is no product "), f.col("productId"))),
    )
    known = products.select("productId", f.col("name").alias("product"), "category", f.col("price").cast("bigint"))
    judged = clicks.join(f.broadcast(known), "productId", "left").withColumn("reason", reason)
    amount = f.when(f.col("action") == "purchase", f.col("quantity") * f.col("price")).otherwise(f.lit(0))
    columns = ["eventId", "at", "userId", "productId", "action", "quantity", "product", "category", "amount"]
    enriched = judged.where("reason is null").withColumn("amount", amount.cast("bigint")).select(*columns)
    aside = judged.where("reason is not null").select("reason", "text")
    return enriched, aside.unionByName(wrong.select(f.lit("it is no JSON object").alias("reason"), "text"))


def main() -> None:
    from pyspark.sql import SparkSession

    args = click_events.arguments(["output_stream_arn", "products", "rejected"], ["max_records_per_shard"])
    stream = args["output_stream_arn"]

    def send(rows) -> None:  # noqa: ANN001
        import boto3

        client = boto3.client("kinesis")
        click_events.put_all(client, stream, (click_events.entry(row.asDict()) for row in rows))

    def process(batch: DataFrame, number: int) -> None:
        products = SparkSession.getActiveSession().read.csv(args["products"], header=True)
        batch = batch.persist()
        try:
            enriched, aside = enrich(batch, products)
            enriched.foreachPartition(send)
            if not aside.isEmpty():
                aside.write.mode("overwrite").json(f"{args['rejected'].rstrip('/')}/batch={number:010d}")
        finally:
            batch.unpersist()

    click_events.run(args, process)


if __name__ == "__main__":
    main()

"""Glue streaming job: counts enriched clicks by category in windows of their own time.

A window's folder is written anew with each batch that changes it, and for the last time when it is closed: when the newest
click seen by the batches before is older than its end by the allowed lateness. Clicks of closed windows are set aside. A
click that comes again while its window is open is dropped by its `eventId`.

The open windows' clicks lie beside the query's checkpoint, by batch. A batch reads what the one before has left and writes
its own, so one that is repeated after a failure comes to the same.

Arguments, besides those of `click_events.run`:
  --output                     s3://bucket/prefix/ of the windows
  --late                       s3://bucket/prefix/ of what came too late
  --window_seconds             (default: 60)
  --allowed_lateness_seconds   (default: 300)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click_events

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BEGINNING = -(2**53)


@dataclass(frozen=True)
class Places:
    output: str
    late: str
    state: str


@dataclass(frozen=True)
class Windowing:
    """In milliseconds."""

    window: int
    lateness: int


def count(
    clicks: DataFrame, opened: DataFrame | None, watermark: int, windowing: Windowing
) -> tuple[DataFrame, DataFrame, DataFrame, int]:
    """The totals of the windows that a batch changes or closes, the clicks of those still open, the late ones, the watermark."""
    from pyspark.sql import functions as f

    millis = f.unix_millis(f.to_timestamp("at"))
    start = (f.floor(millis / windowing.window) * windowing.window).cast("bigint")
    timed = clicks.withColumn("at_ms", millis).withColumn("start_ms", start)
    is_late = f.col("start_ms") + windowing.window <= f.lit(watermark)
    late, fresh = timed.where(is_late), timed.where(~is_late)
    newest = fresh.agg(f.max("at_ms")).first()[0]
    after = watermark if newest is None else max(watermark, newest - windowing.lateness)
    merged = fresh if opened is None else opened.unionByName(fresh)
    merged = merged.dropDuplicates(["eventId", "start_ms"])
    is_final = f.col("start_ms") + windowing.window <= f.lit(after)
    touched = fresh.select("start_ms").distinct()
    changed = merged.join(touched, "start_ms", "left_semi").unionByName(
        merged.join(touched, "start_ms", "left_anti").where(is_final)
    )

    def events(action: str):  # noqa: ANN202
        return f.count(f.when(f.col("action") == action, True))

    totals = (
        changed.groupBy("start_ms", "category")
        .agg(
            events("view").alias("views"),
            events("cart").alias("carts"),
            events("purchase").alias("purchases"),
            f.sum("amount").alias("revenue"),
        )
        .select(
            f.timestamp_millis("start_ms").alias("window_start"),
            f.timestamp_millis(f.col("start_ms") + windowing.window).alias("window_end"),
            "category",
            "views",
            "carts",
            "purchases",
            "revenue",
            is_final.alias("is_final"),
            f.date_format(f.timestamp_millis("start_ms"), "yyyy-MM-dd'T'HH-mm-ss'Z'").alias("start"),
        )
    )
    return totals, merged.where(~is_final), late, after


def process(spark: SparkSession, batch: DataFrame, number: int, places: Places, windowing: Windowing) -> None:
    """Does one batch, or does it again."""
    from pyspark.sql import functions as f

    opened, watermark = None, BEGINNING
    if number > 0:
        before = f"{places.state}/batch={number - 1:010d}"
        opened = spark.read.parquet(f"{before}/clicks")
        watermark = spark.read.parquet(f"{before}/watermark").first()[0]
    clicks, _ = click_events.parse(batch, click_events.ENRICHED)
    clicks = clicks.drop("text").persist()
    try:
        totals, still_open, late, after = count(clicks, opened, watermark, windowing)
        written = totals.write.mode("overwrite").option("partitionOverwriteMode", "dynamic")
        written.partitionBy("start").parquet(places.output)
        if not late.isEmpty():
            told = late.drop("at_ms", "start_ms").withColumn("watermark", f.timestamp_millis(f.lit(watermark)))
            told.write.mode("overwrite").json(f"{places.late}/batch={number:010d}")
        own = f"{places.state}/batch={number:010d}"
        still_open.write.mode("overwrite").parquet(f"{own}/clicks")
        spark.createDataFrame([(after,)], "watermark bigint").write.mode("overwrite").parquet(f"{own}/watermark")
    finally:
        clicks.unpersist()
    if number > 1:
        forget(spark, f"{places.state}/batch={number - 2:010d}")


def forget(spark: SparkSession, folder: str) -> None:
    path = spark._jvm.org.apache.hadoop.fs.Path(folder)
    path.getFileSystem(spark._jsc.hadoopConfiguration()).delete(path, True)


def main() -> None:
    from pyspark.sql import SparkSession

    optional = ["window_seconds", "allowed_lateness_seconds", "max_records_per_shard"]
    args = click_events.arguments(["output", "late"], optional)
    places = Places(
        output=args["output"].rstrip("/"),
        late=args["late"].rstrip("/"),
        state=f"{args['checkpoint_location'].rstrip('/')}/windows",
    )
    windowing = Windowing(
        window=int(args.get("window_seconds", "60")) * 1000,
        lateness=int(args.get("allowed_lateness_seconds", "300")) * 1000,
    )

    def on_batch(batch: DataFrame, number: int) -> None:
        spark = SparkSession.getActiveSession()
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        process(spark, batch, number, places, windowing)

    click_events.run(args, on_batch)


if __name__ == "__main__":
    main()

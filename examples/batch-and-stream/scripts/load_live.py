"""Glue streaming job: writes payments as they come, a file for each day and batch.

It neither knows nor asks which days are loaded: what it writes of such a day counts for nothing until its next load.

Payments that come again are known by their `payment_id`, those of the newest days, `--remembered_days` of them. What is
older is written to `--late`, and counts with its day's load. The ids lie beside the query's checkpoint, by batch: a batch
reads what the one before has left and writes its own, so one that is repeated after a failure comes to the same.

Arguments:
  --stream_arn, --checkpoint_location, --trigger, --stop_after_idle_minutes, --max_records_per_shard
  --live, --late, --rejected   s3://bucket/prefix/ of what counts, what waits for a load, and what is no payment
  --remembered_days            (default: 3)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PAYMENT = "payment_id string, paid_at string, shop string, amount_cents bigint"


@dataclass(frozen=True)
class Places:
    live: str
    late: str
    rejected: str
    state: str


def parse(records: DataFrame) -> tuple[DataFrame, DataFrame]:
    """The payments in a column `text`, each with its day, and the text and reason of what is none."""
    from pyspark.sql import functions as f

    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": "_wrong"}
    row = f.from_json("text", f"{PAYMENT}, _wrong string", options)
    parsed = records.select("text", row.alias("row")).select("text", "row.*")
    # Without an offset, a time is UTC, as it is for the whole session.
    paid_at = f.expr("try_to_timestamp(paid_at)")
    reason = f.coalesce(
        f.when(f.col("_wrong").isNotNull(), f.lit("it is no JSON object")),
        f.when(f.coalesce("payment_id", f.lit("")) == "", f.lit("payment_id must be a text")),
        f.when(paid_at.isNull(), f.lit("paid_at must be a time in ISO 8601")),
        f.when(f.coalesce("shop", f.lit("")) == "", f.lit("shop must be a text")),
        f.when(f.col("amount_cents").isNull(), f.lit("amount_cents must be a whole number")),
    )
    judged = parsed.withColumn("reason", reason).withColumn("paid_at", paid_at)
    payments = judged.where("reason is null").select("payment_id", "paid_at", "shop", "amount_cents")
    payments = payments.withColumn("day", f.date_format("paid_at", "yyyy-MM-dd"))
    return payments, judged.where("reason is not null").select("reason", "text")


def sort_out(payments: DataFrame, known: DataFrame, remembered_days: int) -> tuple[DataFrame, DataFrame, DataFrame]:
    """New payments, those of days whose ids are forgotten, and the ids that are known now."""
    from pyspark.sql import functions as f

    days = sorted(row.day for row in known.select("day").distinct().collect())
    oldest = "" if len(days) < remembered_days else days[0]
    late = payments.where(f.col("day") < oldest)
    live = payments.where(f.col("day") >= oldest).dropDuplicates(["day", "payment_id"])
    live = live.join(known, ["day", "payment_id"], "left_anti").persist()
    newest = sorted({*days, *(row.day for row in live.select("day").distinct().collect())})[-remembered_days:]
    left = known.unionByName(live.select("day", "payment_id")).where(f.col("day").isin(newest))
    return live, late, left


def process(spark: SparkSession, batch: DataFrame, number: int, places: Places, remembered_days: int) -> None:
    """Does one batch, or does it again."""
    from pyspark.sql import functions as f

    known = spark.createDataFrame([], "day string, payment_id string")
    if number > 0:
        known = spark.read.parquet(f"{places.state}/batch={number - 1:010d}")
    payments, wrong = parse(batch.persist())
    live, late, left = sort_out(payments, known, remembered_days)
    try:
        for table, rows in ((places.live, live), (places.late, late)):
            # A repetition replaces the batch's own folders, and no others.
            written = rows.withColumn("batch", f.lit(f"{number:010d}")).coalesce(1).write.mode("overwrite")
            written.option("partitionOverwriteMode", "dynamic").partitionBy("day", "batch").parquet(table)
        if not wrong.isEmpty():
            wrong.write.mode("overwrite").json(f"{places.rejected}/batch={number:010d}")
        left.coalesce(1).write.mode("overwrite").parquet(f"{places.state}/batch={number:010d}")
    finally:
        live.unpersist()
        batch.unpersist()
    if number > 1:
        forget(spark, f"{places.state}/batch={number - 2:010d}")


def forget(spark: SparkSession, folder: str) -> None:
    path = spark._jvm.org.apache.hadoop.fs.Path(folder)
    path.getFileSystem(spark._jsc.hadoopConfiguration()).delete(path, True)


def await_end(query: Any, idle_minutes: float, now: Callable[[], float] = time.monotonic) -> None:
    """Until the query fails, which fails the job, or has been quiet for so long; 0: for ever."""
    last_rows_at = now()
    last_batch = None
    while not query.awaitTermination(10):
        progress = query.lastProgress
        if progress is not None and progress["batchId"] != last_batch and progress["numInputRows"] > 0:
            last_batch, last_rows_at = progress["batchId"], now()
        is_idle = idle_minutes > 0 and now() - last_rows_at >= idle_minutes * 60
        # Between batches only: one that is stopped half-way would be done again.
        if is_idle and not query.status["isTriggerActive"]:
            query.stop()
            return


def main() -> None:
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as f

    optional = ["trigger", "stop_after_idle_minutes", "max_records_per_shard", "remembered_days"]
    given = [name for name in optional if any(word.split("=")[0] == f"--{name}" for word in sys.argv)]
    required = ["JOB_NAME", "stream_arn", "checkpoint_location", "live", "late", "rejected"]
    args = getResolvedOptions(sys.argv, [*required, *given])
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(args["JOB_NAME"], args)
    checkpoint = args["checkpoint_location"].rstrip("/")
    folders = {name: args[name].rstrip("/") for name in ("live", "late", "rejected")}
    places = Places(**folders, state=f"{checkpoint}/ids")

    def on_batch(batch: DataFrame, number: int) -> None:
        spark = SparkSession.getActiveSession()
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        process(spark, batch, number, places, int(args.get("remembered_days", "3")))

    options = {
        "streamARN": args["stream_arn"],
        "startingPosition": "trim_horizon",
        "classification": "json",
        "inferSchema": "true",
        "maxFetchRecordsPerShard": args.get("max_records_per_shard", "5000"),
    }
    frame = context.create_data_frame.from_options(connection_type="kinesis", connection_options=options)
    name = frame.columns[0].replace("`", "``")
    query = (
        frame.select(f.col(f"`{name}`").cast("string").alias("text"))
        .writeStream.foreachBatch(on_batch)
        .option("checkpointLocation", f"{checkpoint}/query")
        .trigger(processingTime=args.get("trigger", "60 seconds"))
        .start()
    )
    await_end(query, float(args.get("stop_after_idle_minutes", "0")))
    job.commit()


if __name__ == "__main__":
    main()

"""What the two streaming jobs of the clicks share. Upload it with their scripts and name it in `--extra-py-files`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

EVENT = "eventId string, at string, userId string, productId string, action string, quantity bigint"
ENRICHED = f"{EVENT}, product string, category string, amount bigint"
ACTIONS = ["view", "cart", "purchase"]

# What PutRecords takes at once is 500 records and 10 MiB; half of that leaves room for others.
MOST_RECORDS = 500
MOST_BYTES = 5 * 1024 * 1024
MOST_TRIES = 12


def chunks(entries: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Entries of PutRecords in calls that it takes."""
    chunk: list[dict[str, Any]] = []
    size = 0
    for entry in entries:
        bytes_ = len(entry["Data"]) + len(entry["PartitionKey"].encode())
        if chunk and (len(chunk) == MOST_RECORDS or size + bytes_ > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(entry)
        size += bytes_
    if chunk:
        yield chunk


def put_all(client: Any, stream: str, entries: Iterable[dict[str, Any]], sleep: Callable[[float], None] = time.sleep) -> int:
    """Puts all entries into a stream; those that a busy shard turns away are sent again. Returns how many were."""
    turned_away = 0
    for chunk in chunks(entries):
        for attempt in range(1, MOST_TRIES + 1):
            answer = client.put_records(StreamARN=stream, Records=chunk)
            failed = [(entry, result) for entry, result in zip(chunk, answer["Records"]) if "ErrorCode" in result]
            chunk = [entry for entry, _ in failed]
            turned_away += len(chunk)
            if not chunk:
                break
            if attempt == MOST_TRIES:
                raise RuntimeError(f"{failed[0][1]['ErrorCode']}: {failed[0][1].get('ErrorMessage', '')}")
            sleep(min(5.0, 0.2 * 2 ** (attempt - 1)))
    return turned_away


def is_idle(now: float, last_rows_at: float, idle_minutes: float) -> bool:
    """Whether a query has had nothing to read for so long that it is to end; 0: it never is."""
    return idle_minutes > 0 and now - last_rows_at >= idle_minutes * 60


def arguments(required: list[str], optional: list[str]) -> dict[str, str]:
    from awsglue.utils import getResolvedOptions

    own = ["JOB_NAME", "stream_arn", "checkpoint_location", *required]
    maybe = ["trigger", "stop_after_idle_minutes", *optional]
    given = [name for name in maybe if f"--{name}" in sys.argv or any(word.startswith(f"--{name}=") for word in sys.argv)]
    return getResolvedOptions(sys.argv, [*own, *given])


def run(args: dict[str, str], process: Callable[[DataFrame, int], None]) -> None:
    """Hands the stream's records, a column `text`, to `process` batch by batch, until the job is stopped or its stream is quiet."""
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from pyspark.context import SparkContext
    from pyspark.sql import functions as f

    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(args["JOB_NAME"], args)
    options = {
        "streamARN": args["stream_arn"],
        "startingPosition": "trim_horizon",
        "classification": "json",
        "inferSchema": "true",
        "maxFetchRecordsPerShard": args.get("max_records_per_shard", "5000"),
    }
    frame = context.create_data_frame.from_options(connection_type="kinesis", connection_options=options)
    name = frame.columns[0].replace("`", "``")
    records = frame.select(f.col(f"`{name}`").cast("string").alias("text"))
    query = (
        records.writeStream.foreachBatch(lambda batch, number: process(batch, number))
        .option("checkpointLocation", f"{args['checkpoint_location'].rstrip('/')}/query")
        .trigger(processingTime=args.get("trigger", "60 seconds"))
        .start()
    )
    await_end(query, float(args.get("stop_after_idle_minutes", "0")))
    job.commit()


def await_end(query: Any, idle_minutes: float, now: Callable[[], float] = time.monotonic) -> None:
    """Until the query fails, which fails the job, or has been quiet for so long."""
    last_rows_at = now()
    last_batch = None
    while not query.awaitTermination(10):
        progress = query.lastProgress
        if progress is not None and progress["batchId"] != last_batch and progress["numInputRows"] > 0:
            last_batch, last_rows_at = progress["batchId"], now()
        # Between batches only: one that is stopped half-way would be done again.
        if is_idle(now(), last_rows_at, idle_minutes) and not query.status["isTriggerActive"]:
            query.stop()
            return


def parse(records: DataFrame, schema: str) -> tuple[DataFrame, DataFrame]:
    """Records of a column `text` as a table with that text beside it, and those that are no such objects."""
    from pyspark.sql import functions as f

    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": "_wrong"}
    parsed = records.select("text", f.from_json("text", f"{schema}, _wrong string", options).alias("row"))
    is_wrong = f.col("row").isNull() | f.col("row._wrong").isNotNull()
    return parsed.where(~is_wrong).select("text", "row.*").drop("_wrong"), parsed.where(is_wrong).select("text")


def entry(row: dict[str, Any]) -> dict[str, Any]:
    """A row as PutRecords wants it, the user as its key."""
    return {"PartitionKey": row["userId"], "Data": json.dumps(row).encode()}

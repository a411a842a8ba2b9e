"""What the streaming jobs share: JSON records become Parquet, batch by batch, each record exactly once.

Glue gives the records of Kinesis and of Kafka in the same form, a frame whose first column is the record's text. What
becomes of them is decided by `transform` alone. A batch has a folder of its own, which is overwritten if the batch is run
again after a failure: with the checkpoint, which says what belongs to which batch, no record is lost or doubled. A folder
also names its query, so that a new checkpoint, which counts from 0 again, overwrites nothing.

Upload it with the jobs' scripts and name it in `--extra-py-files`.

Arguments:
  --output_location       s3://bucket/prefix/ of the folders `accepted` and `rejected`
  --checkpoint_location   s3://bucket/prefix/, of this job alone
  --columns               a JSON object from column to Spark's type, for example {"id":"bigint","at":"timestamp"}
  --trigger               the time between batches, or "available-now": read what is there and end (default: 60 seconds)
  --files                 s3://bucket/prefix/ of text files to read in place of the stream, one record a line
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.streaming import StreamingQuery

TYPES = ["string", "bigint", "double", "boolean", "date", "timestamp"]
TEXT = "_text"


def parse_columns(argument: str) -> dict[str, str]:
    """Reads the argument `--columns`."""
    try:
        columns = json.loads(argument)
    except ValueError:
        columns = None
    if not isinstance(columns, dict) or not columns:
        raise ValueError(f"--columns must be a JSON object from column to type, got {argument}")
    for name, type_ in columns.items():
        if type_ not in TYPES:
            raise ValueError(f"--columns: the type of {json.dumps(name)} must be one of {', '.join(TYPES)}, got {json.dumps(type_)}")
        if name == TEXT:
            raise ValueError(f"--columns: {TEXT} is what rejected records are called by")
    return columns


def transform(records: DataFrame, columns: dict[str, str]) -> tuple[DataFrame, DataFrame]:
    """The records that are JSON objects of the columns' types as a table, and the text of those that are not."""
    from pyspark.sql import functions as f

    quoted = ", ".join(f"`{name.replace('`', '``')}` {type_}" for name, type_ in columns.items())
    # What is not as the columns say lands in the last one, whole.
    schema = f"{quoted}, {TEXT} string"
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": TEXT}
    name = records.columns[0].replace("`", "``")
    parsed = records.select(f.col(f"`{name}`").cast("string").alias("text")).select(
        f.col("text"), f.from_json("text", schema, options).alias("row")
    )
    is_wrong = f.col("row").isNull() | f.col(f"row.{TEXT}").isNotNull()
    accepted = parsed.where(~is_wrong).select("row.*").drop(TEXT)
    return accepted, parsed.where(is_wrong).select(f.coalesce("text", f.lit("")).alias("text"))


def write_batch(batch: DataFrame, number: int, columns: dict[str, str], output: str) -> None:
    """Writes the folders of one batch, in place of what an earlier try may have left."""
    query = batch.sparkSession.sparkContext.getLocalProperty("sql.streaming.queryId") or "none"
    folder = f"query={query}/batch={number:010d}"
    batch = batch.persist()
    try:
        accepted, rejected = transform(batch, columns)
        accepted.write.mode("overwrite").parquet(f"{output.rstrip('/')}/accepted/{folder}")
        if not rejected.isEmpty():
            rejected.write.mode("overwrite").text(f"{output.rstrip('/')}/rejected/{folder}")
    finally:
        batch.unpersist()


def start(records: DataFrame, columns: dict[str, str], output: str, checkpoint: str, trigger: str) -> StreamingQuery:
    """Begins where the checkpoint says."""
    when: dict[str, Any] = {"availableNow": True} if trigger == "available-now" else {"processingTime": trigger}
    return (
        records.writeStream.foreachBatch(lambda batch, number: write_batch(batch, number, columns, output))
        .option("checkpointLocation", checkpoint)
        .trigger(**when)
        .start()
    )


def files(spark: SparkSession, location: str) -> DataFrame:
    """The lines of a folder's files as a stream."""
    return spark.readStream.option("maxFilesPerTrigger", 100).text(location)


def one_word_each(argv: list[str], names: list[str]) -> list[str]:
    """`--name value` as `--name=value`: a value that begins with a dash would be taken for an option."""
    words: list[str] = []
    rest = iter(argv)
    for word in rest:
        value = next(rest, None) if word.removeprefix("--") in names and word.startswith("--") else None
        words.append(word if value is None else f"{word}={value}")
    return words


def main(required: list[str], optional: list[str], source: Callable[[Any, dict[str, str]], DataFrame]) -> None:
    """Runs a streaming job until it is stopped. `source` makes the stream of a GlueContext and the job's arguments."""
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext

    own = ["output_location", "checkpoint_location", "columns"]
    maybe = ["trigger", "files", *optional]
    argv = one_word_each(sys.argv, [*own, *maybe, *required])
    given = [name for name in maybe if any(word.startswith(f"--{name}=") for word in argv)]
    # Where there are files there is no stream to name.
    needed = [name for name in required if "files" not in given or any(word.startswith(f"--{name}=") for word in argv)]
    args = getResolvedOptions(argv, ["JOB_NAME", *own, *needed, *given])

    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(args["JOB_NAME"], args)
    columns = parse_columns(args["columns"])
    records = files(context.spark_session, args["files"]) if "files" in args else source(context, args)
    trigger = args.get("trigger", "60 seconds")
    query = start(records, columns, args["output_location"], args["checkpoint_location"], trigger)
    query.awaitTermination()
    job.commit()

"""Glue job: the complete file of a day, what the stream has told of the day and what the load before has left become one
file, and a manifest has it count.

The manifest is written once and never again (`If-None-Match: *`). Where another load has taken its number, what was read
is no longer what counts, and this one begins anew.

What a payment is, is decided in the same way by the stand-in of the simulation (`stand-ins/load-day.ts`).

Arguments, besides those that all runs get:
  --load          the execution whose load this is
  --live, --late  s3://bucket/prefix/ of what the stream has told
"""

from __future__ import annotations

import io
import re
import sys
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

# Beside the script in Glue: the job's extra Python files.
from process_csv import (
    Rejection,
    S3Storage,
    UnreadableFileError,
    as_json,
    lines_of,
    read_header,
    records_of,
    to_row,
    utf8_text,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

COLUMNS = ["payment_id", "paid_at", "shop", "amount_cents"]
TYPES = {"paid_at": "timestamp", "amount_cents": "bigint"}
SCHEMA = "payment_id string, paid_at timestamp, shop string, amount_cents bigint"
MOST_TRIES = 10


def export_name(key: str) -> tuple[str, int]:
    """The day and the revision that the name of an export says."""
    found = re.search(r"(\d{4}-\d{2}-\d{2})(?:-r(\d+))?\.csv\Z", key, re.IGNORECASE)
    if found is None:
        raise UnreadableFileError(f"{key}: its name must end with the day, like 2026-01-05.csv or 2026-01-05-r2.csv")
    return found[1], int(found[2] or "1")


def read_export(chunks: Iterable[bytes], day: str) -> tuple[list[tuple[Any, ...]], list[Rejection]]:
    """The payments of the file, and the rows that are none of its day."""
    records = records_of(lines_of(utf8_text(chunks)))
    columns = [replace(column, type=TYPES.get(column.name, column.type)) for column in read_header(records, {})]
    names = [column.name for column in columns]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise UnreadableFileError(f"the file has no column {', '.join(missing)}")
    payments: dict[str, tuple[Any, ...]] = {}
    rejected = []
    for record in records:
        row = to_row(record, columns)
        if isinstance(row, Rejection):
            rejected.append(row)
            continue
        payment = tuple(dict(zip(names, row))[name] for name in COLUMNS)
        reason = problem_of(payment, day) or ("payment_id comes again" if payment[0] in payments else None)
        if reason is None:
            payments[payment[0]] = payment
        else:
            rejected.append(Rejection(record.line, reason, record.text))
    return list(payments.values()), rejected


def problem_of(payment: tuple[Any, ...], day: str) -> str | None:
    payment_id, paid_at, shop, amount_cents = payment
    if payment_id == "":
        return "payment_id must be a text"
    if paid_at is None:
        return "paid_at must be a time in ISO 8601"
    if shop == "":
        return "shop must be a text"
    if amount_cents is None:
        return "amount_cents must be a whole number"
    return None if paid_at.strftime("%Y-%m-%d") == day else f"paid_at is not of {day}"


def merge_day(loaded: DataFrame, exported: DataFrame | None, streamed: DataFrame) -> DataFrame:
    """All payments of a day, each once. What the export says holds; what only the stream has told stays."""
    from pyspark.sql import functions as f

    told = loaded.where("told_by <> 'export'").select(*COLUMNS, f.lit(0).alias("rank"))
    told = told.unionByName(streamed.select(*COLUMNS, f.lit(1).alias("rank")))
    told = told.groupBy("payment_id").agg(f.min_by(f.struct(*COLUMNS[1:]), "rank").alias("row"))
    told = told.select("payment_id", "row.*")
    if exported is None:
        exported = loaded.where("told_by <> 'stream'").select(*COLUMNS)
    ids = told.select("payment_id", f.lit("both").alias("told_by"))
    named = exported.join(ids, "payment_id", "left").withColumn("told_by", f.coalesce("told_by", f.lit("export")))
    alone = told.join(exported, "payment_id", "left_anti").withColumn("told_by", f.lit("stream"))
    return named.unionByName(alone)


class Store:
    """What is asked of S3 besides what Spark does."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def files(self, place: str) -> list[str]:
        """The objects under an `s3://` URI that are not hidden, in the order of their names."""
        bucket, prefix = place.removeprefix("s3://").split("/", 1)
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        return sorted(f"s3://{bucket}/{key}" for key in keys if not re.search(r"(^|/)[_.]|\$", key[len(prefix) :]))

    def read(self, uri: str) -> bytes:
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        return self.client.get_object(Bucket=bucket, Key=key)["Body"].read()

    def write_once(self, uri: str, content: bytes) -> bool:
        """False: somebody else has written it before, or is writing it."""
        from botocore.exceptions import ClientError

        bucket, key = uri.removeprefix("s3://").split("/", 1)
        # Set by hand: not every version of boto3 that Glue has knows the parameter.
        events = self.client.meta.events
        events.register("before-call.s3.PutObject", only_new, unique_id="only-new")
        try:
            self.client.put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/json")
            return True
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (409, 412):
                return False
            raise
        finally:
            events.unregister("before-call.s3.PutObject", unique_id="only-new")


def only_new(params: dict[str, Any], **_: Any) -> None:
    params["headers"]["If-None-Match"] = "*"


def load_day(spark: SparkSession, store: Store, table: str, sources: list[str], export: dict[str, Any]) -> DataFrame | None:
    """The rows of the day. None: another load has come in between."""
    import json

    day = export["day"]
    manifests = store.files(f"{table}manifests/day={day}/")
    before = json.loads(store.read(manifests[-1])) if manifests else None
    files = [file for source in sources for file in store.files(f"{source}day={day}/")]
    streamed = spark.read.schema(SCHEMA).parquet(*files) if files else spark.createDataFrame([], SCHEMA)
    schema = f"{SCHEMA}, told_by string"
    loaded = spark.read.schema(schema).parquet(before["file"]) if before else spark.createDataFrame([], schema)
    is_superseded = before is not None and before["revision"] > export["revision"]
    rows = merge_day(loaded, None if is_superseded else export["payments"], streamed)
    number = (before["number"] if before else 0) + 1
    # No two loads write one folder.
    folder = f"{table}days/day={day}/{number:010d}-{uuid.uuid4()}/"
    rows.coalesce(1).write.parquet(folder)
    [file] = store.files(folder)
    manifest = {
        "day": day,
        "number": number,
        "file": file,
        "revision": before["revision"] if is_superseded else export["revision"],
        "load": export["load"],
        "absorbed": [*files, *([before["file"]] if before else [])],
    }
    name = f"{table}manifests/day={day}/{number:010d}.json"
    if store.write_once(name, (as_json(manifest) + "\n").encode()):
        return spark.read.schema(schema).parquet(file)
    return None


def main() -> None:
    import boto3
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext

    names = ["JOB_NAME", "bucket", "key", "version_id", "output", "execution_name", "load", "live", "late"]
    args = getResolvedOptions(sys.argv, names)
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(args["JOB_NAME"], args)
    spark = context.spark_session
    spark.conf.set("spark.sql.session.timeZone", "UTC")

    output_bucket, prefix = args["output"].removeprefix("s3://").split("/", 1)
    storage = S3Storage(args["bucket"], args["key"], args["version_id"], output_bucket)
    day, revision = export_name(args["key"])
    payments, rejected = read_export(storage.read(), day)
    keep_rejected(storage, f"{prefix}_rejected/execution={args['load']}/rejected.csv", rejected)
    exported = spark.createDataFrame(payments, SCHEMA)
    export = {"day": day, "revision": revision, "payments": exported, "load": args["load"]}
    store = Store(boto3.client("s3"))
    for _ in range(MOST_TRIES):
        rows = load_day(spark, store, args["output"], [args["live"], args["late"]], export)
        if rows is not None:
            break
    else:
        raise RuntimeError(f"{MOST_TRIES} other loads of {day} have come in between")
    summary = {
        "rowsIn": len(payments) + len(rejected),
        "rowsWritten": rows.count(),
        "rowsRejected": len(rejected),
        "streamOnly": rows.where("told_by = 'stream'").count(),
    }
    name = f"{prefix}_summary/execution={args['execution_name']}/summary.json"
    storage.write(name, io.BytesIO(as_json(summary).encode()), "application/json")
    print(as_json(summary))
    job.commit()


def keep_rejected(storage: S3Storage, key: str, rejected: list[Rejection]) -> None:
    """Writes the rows that are none, or takes those away that an earlier try has left."""

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    if not rejected:
        storage.delete(key)
        return
    rows = [f"{row.line},{quoted(row.reason)},{quoted(row.content)}\n" for row in rejected]
    storage.write(key, io.BytesIO(("line,reason,content\n" + "".join(rows)).encode()), "text/csv; charset=utf-8")


if __name__ == "__main__":
    main()

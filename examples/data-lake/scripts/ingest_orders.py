"""Glue 5.x job: a landed file of orders, CSV or JSON with an object a line, becomes a partition of raw rows.

What a row is, is decided in the same way by the stand-in of the simulation (`stand-ins/lib/landed-rows.ts`): a change
here is a change there. One file is read by one task, streamed, twice: once for the rejected rows, once for the table.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

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

FIELDS = ["order_id", "ordered_at", "updated_at", "status", "country", "category", "quantity", "unit_price"]

RawRow = tuple[Any, ...]


def read_landed(key: str, chunks: Iterable[bytes]) -> Iterator[RawRow | Rejection]:
    """The rows of the file: the fields as they landed, the file and the line. Fields that are none of an order are left out."""
    found = read_json_lines(chunks) if re.search(r"\.jsonl?\Z", key, re.IGNORECASE) else read_csv(chunks)
    for line, values, text in found:
        if isinstance(values, str):
            yield Rejection(line, values, text)
        elif not values["order_id"].strip():
            yield Rejection(line, "order_id is empty", text)
        else:
            yield (*(values[name] for name in FIELDS), key, line)


def read_csv(chunks: Iterable[bytes]) -> Iterator[tuple[int, dict[str, str] | str, str]]:
    records = records_of(lines_of(utf8_text(chunks)))
    columns = read_header(records, {})
    names = [column.name for column in columns]
    missing = [name for name in FIELDS if name not in names]
    if missing:
        raise UnreadableFileError(f"the file has no column {', '.join(missing)}")
    for record in records:
        row = to_row(record, columns)
        if isinstance(row, Rejection):
            yield row.line, row.reason, row.content
        else:
            yield record.line, dict(zip(names, row)), record.text


def read_json_lines(chunks: Iterable[bytes]) -> Iterator[tuple[int, dict[str, str] | str, str]]:
    for number, text in enumerate(text_lines(chunks), start=1):
        if text.strip():
            yield number, values_of(text), text


def text_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines without their ends, LF or CRLF. A CR alone ends none: JSON takes it for a blank."""
    held = ""
    for text in utf8_text(chunks):
        *lines, held = (held + text).split("\n")
        yield from (line.removesuffix("\r") for line in lines)
    yield held


def values_of(text: str) -> dict[str, str] | str:
    """The values of an order, or what is wrong with the line."""
    try:
        found = json.loads(text, parse_constant=refuse)
    except ValueError:
        return "not JSON"
    if not isinstance(found, dict):
        return "not a JSON object"
    values = {}
    for name in FIELDS:
        value = found.get(name)
        if isinstance(value, str):
            values[name] = value
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            values[name] = str(int(value)) if value == int(value) else repr(value)
        else:
            return f"{name} is neither text nor number"
    return values


def refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def collect_rejected(spark: Any, storage: S3Storage) -> tuple[int, bytes]:
    """How many rows are rejected, and the CSV of them; reads the input to its end for that."""

    def problems(_: object) -> Iterator[tuple[int, str, str]]:
        try:
            for row in read_landed(storage.key, storage.read()):
                if isinstance(row, Rejection):
                    yield row.line, row.reason, row.content
        except UnreadableFileError as error:
            # Handed over, not raised: Spark would try the task again, and bury the message.
            yield 0, str(error), ""

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    found = spark.sparkContext.parallelize([0], 1).mapPartitions(problems).collect()
    for line, reason, _ in found:
        if line == 0:
            raise UnreadableFileError(reason)
    rows = [f"{line},{quoted(reason)},{quoted(content)}\n" for line, reason, content in found]
    return len(rows), ("line,reason,content\n" + "".join(rows)).encode()


def write_table(spark: Any, storage: S3Storage, output: str) -> int:
    from pyspark.sql import types as t

    def rows(_: object) -> Iterator[RawRow]:
        return (row for row in read_landed(storage.key, storage.read()) if not isinstance(row, Rejection))

    columns = [t.StructField(name, t.StringType()) for name in [*FIELDS, "source"]]
    schema = t.StructType([*columns, t.StructField("line", t.LongType())])
    table = spark.createDataFrame(spark.sparkContext.parallelize([0], 1).mapPartitions(rows), schema, verifySchema=False)
    table.write.mode("overwrite").parquet(output)
    return spark.read.schema(schema).parquet(output).count()


def main() -> None:
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext

    names = ["JOB_NAME", "bucket", "key", "version_id", "output"]
    args = getResolvedOptions(sys.argv, names)
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(args["JOB_NAME"], args)

    output_bucket, prefix = args["output"].removeprefix("s3://").split("/", 1)
    storage = S3Storage(args["bucket"], args["key"], args["version_id"], output_bucket)
    rows_rejected, rejected = collect_rejected(context.spark_session, storage)
    rows_written = write_table(context.spark_session, storage, args["output"])
    # Names that begin with "_" are hidden from all that reads the table.
    if rows_rejected:
        storage.write(f"{prefix}_rejected/rejected.csv", io.BytesIO(rejected), "text/csv; charset=utf-8")
    else:
        storage.delete(f"{prefix}_rejected/rejected.csv")
    summary = {
        "rowsIn": rows_written + rows_rejected,
        "rowsWritten": rows_written,
        "rowsRejected": rows_rejected,
    }
    storage.write(f"{prefix}_summary/summary.json", io.BytesIO(as_json(summary).encode()), "application/json")
    print(as_json(summary))
    job.commit()


if __name__ == "__main__":
    main()

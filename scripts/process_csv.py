"""Glue 5.x job: a CSV object becomes Parquet, a file of rejected rows and a summary.

What a row, a line and a value are is decided by the functions of the first half, and in the same way by the
stand-in of the simulation (`functions/lib/csv`): a change here is a change there.

Spark's own CSV reader is left out on purpose. It cannot tell line numbers, reads a row with too few fields as
one with nulls, drops bytes that are no UTF-8, and takes keys for path patterns. The price: quoted fields may
hold line ends, so one file is parsed by one task, streamed, twice (once for the rejected rows, once for the
table). Memory stays flat and writing is spread over the workers, but a single file is not parsed faster by
more of them. Parsing alone takes some 40 seconds of CPU for each GB and pass.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import json
import math
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import IO, TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

OPTIONS = ["--bucket", "--key", "--version_id", "--output_bucket", "--execution_name", "--column_types"]
FILE_BYTES = 128 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024


class UnreadableFileError(Exception):
    """The file as a whole cannot be read as CSV: the run fails, nothing is written."""


@dataclass(frozen=True)
class Record:
    """A record of the file; `text` is how it stands there, without its line end."""

    line: int
    fields: list[str]
    well_quoted: bool
    text: str


@dataclass(frozen=True)
class Column:
    name: str
    type: str


@dataclass(frozen=True)
class Rejection:
    line: int
    reason: str
    content: str


# --- bytes → lines → records -------------------------------------------------------------------------------


def utf8_text(chunks: Iterable[bytes]) -> Iterator[str]:
    """Decodes strictly and removes the byte order mark; says at which byte the text ends being text."""
    offset = 0
    carried = b""
    for chunk in chunks:
        data = carried + chunk
        nul = data.find(b"\0")
        try:
            text, used = codecs.utf_8_decode(data if nul < 0 else data[:nul], "strict", False)
        except UnicodeDecodeError as error:
            raise UnreadableFileError(
                f"the file is not UTF-8 text: bad byte at offset {offset + error.start}"
            ) from None
        if nul >= 0:
            raise UnreadableFileError(f"the file is not text: NUL byte at offset {offset + nul}")
        if text:
            yield text.removeprefix("\ufeff") if offset == 0 else text
        offset += used
        carried = data[used:]
    if carried:
        raise UnreadableFileError(f"the file is not UTF-8 text: bad byte at offset {offset}")
    if offset == 0:
        raise UnreadableFileError("the file is empty")


def lines_of(texts: Iterable[str]) -> Iterator[str]:
    """Lines with their ends, which are LF, CRLF or CR (`str.splitlines` knows eight more)."""
    parts: list[str] = []
    held = ""
    for text in texts:
        text = held + text
        # A CR at the end may be half of a CRLF.
        held = "\r" if text.endswith("\r") else ""
        for piece in io.StringIO(text[: len(text) - len(held)], newline=""):
            parts.append(piece)
            if piece.endswith(("\n", "\r")):
                yield "".join(parts)
                parts = []
    rest = "".join(parts) + held
    if rest:
        yield rest


class RememberedLines:
    """Lines that keep what was taken of them in `taken`, until it is emptied."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.taken: list[str] = []
        self.exhausted = False

    def __iter__(self) -> RememberedLines:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except StopIteration:
            self.exhausted = True
            raise
        self.taken.append(line)
        return line


def records_of(lines: Iterable[str]) -> Iterator[Record]:
    """The records of a CSV text; blank lines are none. A quote inside an unquoted field is text."""
    # Here and not at the top: a worker gets this function without the rest of the file.
    csv.field_size_limit(sys.maxsize)
    source = RememberedLines(lines)
    strict = csv.reader(source, strict=True)
    number = 1
    while True:
        source.taken = []
        well_quoted = True
        try:
            fields = next(strict)
        except StopIteration:
            return
        except csv.Error:
            well_quoted = False
            if not source.exhausted:
                # Read again, forgivingly, to find where the record ends.
                fields = next(csv.reader(itertools.chain(list(source.taken), source)))
            if source.exhausted:
                raise UnreadableFileError(
                    f"a quote in the record that starts on line {number} is never closed"
                ) from None
        if fields:
            text = re.sub(r"(\r\n|\n|\r)\Z", "", "".join(source.taken))
            yield Record(number, fields, well_quoted, text)
        number += len(source.taken)


# --- records → rows ----------------------------------------------------------------------------------------


def parse_bigint(text: str) -> int | None:
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        return None
    # Python refuses to convert thousands of digits.
    digits = text.lstrip("+-").lstrip("0")
    value = int(digits[:20] or "0") * (-1 if text.startswith("-") else 1)
    return value if -(2**63) <= value < 2**63 else None


def parse_double(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def parse_boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower()) if text.isascii() else None


def parse_date(text: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date(int(text[:4]), int(text[5:7]), int(text[8:]))
    except ValueError:
        return None


TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(?:\.([0-9]{1,6}))?"
    r"(Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?"
)


def parse_timestamp(text: str) -> datetime | None:
    match = TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    day, time, fraction, zone = match.groups()
    offset = "+00:00" if zone in (None, "Z") else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{time}.{(fraction or '').ljust(6, '0')}{offset}")
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


PARSERS: dict[str, Callable[[str], Any]] = {
    "bigint": parse_bigint,
    "double": parse_double,
    "boolean": parse_boolean,
    "date": parse_date,
    "timestamp": parse_timestamp,
}
COLUMN_TYPES = ["string", *PARSERS]


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parse_column_types(argument: str) -> dict[str, str]:
    """Reads the argument `--column_types`: a JSON object from column name to type."""
    try:
        types = json.loads(argument)
    except ValueError:
        types = None
    if not isinstance(types, dict):
        raise ValueError(f"--column_types must be a JSON object from column to type, got {argument}")
    for name, type_ in types.items():
        if type_ not in COLUMN_TYPES:
            raise ValueError(
                f"--column_types: the type of {as_json(name)} must be one of {', '.join(COLUMN_TYPES)}, "
                f"got {as_json(type_)}"
            )
    return types


def columns_of(header: Record, types: dict[str, str]) -> list[Column]:
    """The columns that the header names. Spark's names ignore case, so two that differ in case only are one."""
    where = f"line {header.line}: "
    if not header.well_quoted:
        raise UnreadableFileError(f"{where}the header has text after a closing quote")
    positions: dict[str, int] = {}
    for position, name in enumerate(header.fields, start=1):
        if not name.strip(" \t"):
            raise UnreadableFileError(f"{where}column {position} of the header has no name")
        earlier = positions.setdefault(name.lower(), position)
        if earlier != position:
            raise UnreadableFileError(
                f"{where}columns {earlier} and {position} of the header have the same name "
                f'(case is ignored): "{name}"'
            )
    for name in types:
        if name not in header.fields:
            there = ", ".join(f'"{field}"' for field in header.fields)
            raise UnreadableFileError(f'--column_types names the column "{name}", the file has: {there}')
    return [Column(name, types.get(name, "string")) for name in header.fields]


def to_row(record: Record, columns: list[Column]) -> tuple[Any, ...] | Rejection:
    """A row of the table, or why the record is none. An empty cell is null unless its column is text."""

    def rejected(reason: str) -> Rejection:
        return Rejection(record.line, reason, record.text)

    if not record.well_quoted:
        return rejected("text after a closing quote")
    if len(record.fields) != len(columns):
        expected = "1 field" if len(columns) == 1 else f"{len(columns)} fields"
        return rejected(f"expected {expected}, got {len(record.fields)}")
    cells: list[Any] = []
    for column, text in zip(columns, record.fields):
        if column.type == "string":
            cells.append(text)
        elif text == "":
            cells.append(None)
        else:
            value = PARSERS[column.type](text)
            if value is None:
                return rejected(f'column "{column.name}": not a {column.type}')
            cells.append(value)
    return tuple(cells)


def read_header(records: Iterator[Record], types: dict[str, str]) -> list[Column]:
    header = next(records, None)
    if header is None:
        raise UnreadableFileError("the file has no header row, only blank lines")
    return columns_of(header, types)


# --- storage -----------------------------------------------------------------------------------------------


class Storage(Protocol):
    """Where the file is and the results go. Sent to the workers, so it holds settings and no connections."""

    def size(self) -> int: ...

    def read(self) -> Iterator[bytes]: ...

    def write(self, key: str, body: IO[bytes], content_type: str) -> None: ...

    def delete(self, key: str) -> None: ...

    def sizes(self, prefix: str) -> dict[str, int]: ...

    def location(self, key: str) -> str: ...


@dataclass(frozen=True)
class S3Storage:
    """S3 through boto3: keys are taken as they are, where Hadoop would read patterns and escapes into them."""

    bucket: str
    key: str
    version_id: str
    output_bucket: str

    def size(self) -> int:
        return self._client().head_object(**self._input())["ContentLength"]

    def read(self) -> Iterator[bytes]:
        with contextlib.closing(self._client().get_object(**self._input())["Body"]) as body:
            yield from body.iter_chunks(CHUNK_BYTES)

    def write(self, key: str, body: IO[bytes], content_type: str) -> None:
        self._client().upload_fileobj(body, self.output_bucket, key, ExtraArgs={"ContentType": content_type})

    def delete(self, key: str) -> None:
        self._client().delete_object(Bucket=self.output_bucket, Key=key)

    def sizes(self, prefix: str) -> dict[str, int]:
        pages = self._client().get_paginator("list_objects_v2").paginate(Bucket=self.output_bucket, Prefix=prefix)
        return {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}

    def location(self, key: str) -> str:
        return f"s3://{self.output_bucket}/{key}"

    def _input(self) -> dict[str, str]:
        version = {} if self.version_id == "null" else {"VersionId": self.version_id}
        return {"Bucket": self.bucket, "Key": self.key, **version}

    @staticmethod
    def _client() -> Any:
        import boto3

        return boto3.client("s3")


# --- the job -----------------------------------------------------------------------------------------------


def spark_schema(columns: list[Column]) -> StructType:
    from pyspark.sql import types as t

    of = {
        "string": t.StringType(),
        "bigint": t.LongType(),
        "double": t.DoubleType(),
        "boolean": t.BooleanType(),
        "date": t.DateType(),
        "timestamp": t.TimestampType(),
    }
    return t.StructType([t.StructField(column.name, of[column.type], nullable=True) for column in columns])


def process(spark: SparkSession, storage: Storage, execution_name: str, column_types: str = "{}") -> dict[str, int]:
    """Does the job; the results go where the execution's name decides, so that running again overwrites."""
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,80}", execution_name):
        raise ValueError(
            'argument --execution_name must be 1 to 80 letters, digits, "-" and "_", '
            f"got {as_json(execution_name)}"
        )
    types = parse_column_types(column_types)
    size = storage.size()
    columns = read_header(read_records(storage), types)

    with tempfile.TemporaryFile() as rejected:
        rows_rejected = collect_rejected(spark, storage, columns, rejected)
        processed = f"processed/execution={execution_name}/"
        rows_written = write_table(spark, storage, columns, storage.location(processed), files=-(-size // FILE_BYTES))
        key = f"rejected/execution={execution_name}/rejected.csv"
        if rows_rejected:
            rejected.seek(0)
            storage.write(key, rejected, "text/csv; charset=utf-8")
        else:
            storage.delete(key)

    sizes = storage.sizes(processed)
    summary = {
        "rowsIn": rows_written + rows_rejected,
        "rowsWritten": rows_written,
        "rowsRejected": rows_rejected,
        "bytesIn": size,
        "bytesOut": sum(size for name, size in sizes.items() if name.endswith(".parquet")),
    }
    body = io.BytesIO(as_json(summary).encode())
    storage.write(f"summary/execution={execution_name}/summary.json", body, "application/json")
    return summary


def read_records(storage: Storage) -> Iterator[Record]:
    return records_of(lines_of(utf8_text(storage.read())))


def collect_rejected(spark: SparkSession, storage: Storage, columns: list[Column], file: IO[bytes]) -> int:
    """Writes line, reason and content of each rejected row to the file; reads the input to its end for that."""

    def problems(_: object) -> Iterator[tuple[int, str, str]]:
        records = itertools.islice(read_records(storage), 1, None)
        try:
            for record in records:
                row = to_row(record, columns)
                if isinstance(row, Rejection):
                    yield row.line, row.reason, row.content
        except UnreadableFileError as error:
            # Handed over, not raised: Spark would try the task again, and bury the message.
            yield 0, str(error), ""

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    count = 0
    file.write(b"line,reason,content\n")
    for line, reason, content in spark.sparkContext.parallelize([0], 1).mapPartitions(problems).toLocalIterator():
        if line == 0:
            raise UnreadableFileError(reason)
        file.write(f"{line},{quoted(reason)},{quoted(content)}\n".encode())
        count += 1
    return count


def write_table(spark: SparkSession, storage: Storage, columns: list[Column], location: str, files: int) -> int:
    """Writes the rows that are well-formed as Parquet, and counts what is there afterwards."""

    def rows(_: object) -> Iterator[tuple[Any, ...]]:
        for record in itertools.islice(read_records(storage), 1, None):
            row = to_row(record, columns)
            if not isinstance(row, Rejection):
                yield row

    # The types that every reader of Parquet knows, and times as they are written in the file.
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    spark.conf.set("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED")
    parsed = spark.sparkContext.parallelize([0], 1).mapPartitions(rows)
    table = spark.createDataFrame(parsed, spark_schema(columns), verifySchema=False)
    if files > 1:
        table = table.repartition(files)
    table.write.mode("overwrite").parquet(location)
    return spark.read.schema(table.schema).parquet(location).count()


def one_word_each(argv: list[str]) -> list[str]:
    """`--key value` as `--key=value`: a value that begins with a dash would be taken for an option."""
    words: list[str] = []
    rest = iter(argv)
    for word in rest:
        value = next(rest, None) if word in OPTIONS else None
        words.append(word if value is None else f"{word}={value}")
    return words


def main() -> None:
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from awsglue.utils import getResolvedOptions
    from pyspark.context import SparkContext

    argv = one_word_each(sys.argv)
    names = [name[2:] for name in OPTIONS if name != "--column_types"]
    if any(word.startswith("--column_types=") for word in argv):
        names.append("column_types")
    args = getResolvedOptions(argv, ["JOB_NAME", *names])

    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(args["JOB_NAME"], args)
    storage = S3Storage(args["bucket"], args["key"], args["version_id"], args["output_bucket"])
    summary = process(context.spark_session, storage, args["execution_name"], args.get("column_types", "{}"))
    print(as_json(summary))
    job.commit()


if __name__ == "__main__":
    main()

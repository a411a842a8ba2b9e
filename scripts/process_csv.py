"""Glue 5.x job: a CSV object becomes Parquet, a file of rejected rows and a summary.

What a row, a line and a value are is decided by the functions of the first half, and in the same way by the
stand-in of the simulation (`functions/lib/csv`): a change here is a change there.

Spark's own CSV reader is left out on purpose. It cannot tell line numbers, reads a row with too few fields as
one with nulls, drops bytes that are no UTF-8, and takes keys for path patterns. The price: quoted fields may
hold line ends, so one file is parsed by one task, streamed, twice (once for the rejected rows, once for the
table). Memory stays flat and writing is spread over the workers, but a single file is not parsed faster by
more of them. Parsing alone takes some 40 seconds of CPU for each GB and pass.

With `--manifest` the job takes every file of a manifest, spread over the workers by their sizes. A file that
cannot be read fails alone, and `files.jsonl` beside the summary tells what became of each.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import dataclasses
import heapq
import io
import itertools
import json
import math
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import IO, TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

OPTIONAL = ["--column_types", "--manifest"]
OPTIONS = ["--bucket", "--key", "--version_id", "--output_bucket", "--execution_name", *OPTIONAL]
FILE_BYTES = 128 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024


class UnreadableFileError(Exception):
    """The file as a whole cannot be read as CSV: it fails, and nothing is written of it."""


class ManifestError(Exception):
    """The manifest cannot be read: the run fails, since it does not know its files."""


class BatchFailedError(Exception):
    """Every file failed, and none of them is to blame: the run is worth another."""


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


def lines_of(texts: Iterable[str], longest: int | None = None) -> Iterator[str]:
    """
    Lines with their ends, which are LF, CRLF or CR (`str.splitlines` knows eight more). A line that is longer than so
    many characters comes in pieces.
    """
    parts: list[str] = []
    length = 0
    held = ""
    for text in texts:
        text = held + text
        # A CR at the end may be half of a CRLF.
        held = "\r" if text.endswith("\r") else ""
        for piece in io.StringIO(text[: len(text) - len(held)], newline=""):
            parts.append(piece)
            length += len(piece)
            if piece.endswith(("\n", "\r")) or (longest is not None and length > longest):
                yield "".join(parts)
                parts = []
                length = 0
    rest = "".join(parts) + held
    if rest:
        yield rest


class TooLongError(Exception):
    """A record takes more memory than a file of a batch may."""


class RememberedLines:
    """Lines that keep what was taken of them in `taken`, until it is forgotten: so many bytes at the most."""

    def __init__(self, lines: Iterable[str], longest: int | None) -> None:
        self._lines = iter(lines)
        self._longest = longest
        self._bytes = 0
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
        if self._longest is not None:
            self._bytes += len(line) if line.isascii() else len(line.encode())
            if self._bytes > self._longest:
                raise TooLongError
        return line

    def forget(self) -> None:
        self.taken = []
        self._bytes = 0


def records_of(lines: Iterable[str], longest: int | None = None) -> Iterator[Record]:
    """
    The records of a CSV text; blank lines are none. A quote inside an unquoted field is text. A record of more than so
    many bytes makes the file unreadable.
    """
    # Here and not at the top: a worker gets this function without the rest of the file.
    csv.field_size_limit(sys.maxsize)
    source = RememberedLines(lines, longest)
    strict = csv.reader(source, strict=True)
    number = 1
    while True:
        source.forget()
        well_quoted = True
        try:
            fields = next(strict)
        except StopIteration:
            return
        except TooLongError:
            raise too_long(number, longest) from None
        except csv.Error:
            well_quoted = False
            if not source.exhausted:
                # Read again, forgivingly, to find where the record ends.
                try:
                    fields = next(csv.reader(itertools.chain(list(source.taken), source)))
                except TooLongError:
                    raise too_long(number, longest) from None
            if source.exhausted:
                raise UnreadableFileError(
                    f"a quote in the record that starts on line {number} is never closed"
                ) from None
        if fields:
            text = re.sub(r"(\r\n|\n|\r)\Z", "", "".join(source.taken))
            yield Record(number, fields, well_quoted, text)
        number += len(source.taken)


def too_long(line: int, longest: int | None) -> UnreadableFileError:
    return UnreadableFileError(f"the record that starts on line {line} is longer than {longest} bytes")


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
    """Where the file is and the results go. Sent to the workers, so it holds settings and no open connections."""

    output_bucket: str

    def of(self, bucket: str, key: str, version_id: str) -> Storage: ...

    def size(self) -> int: ...

    def read(self) -> Iterator[bytes]: ...

    def write(self, key: str, body: IO[bytes], content_type: str) -> None: ...

    def delete(self, key: str) -> None: ...

    def sizes(self, prefix: str) -> dict[str, int]: ...

    def location(self, key: str) -> str: ...


class Connection:
    """A client of S3, made at its first use. What holds it can be sent to a worker, which makes its own."""

    def __init__(self) -> None:
        self._client: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), ()

    def client(self) -> Any:
        if self._client is None:
            import boto3

            self._client = boto3.client("s3")
        return self._client


@dataclass(frozen=True)
class S3Storage:
    """S3 through boto3: keys are taken as they are, where Hadoop would read patterns and escapes into them."""

    bucket: str
    key: str
    version_id: str
    output_bucket: str
    connection: Connection = dataclasses.field(default_factory=Connection, compare=False)

    def of(self, bucket: str, key: str, version_id: str) -> S3Storage:
        """The same for another file."""
        return dataclasses.replace(self, bucket=bucket, key=key, version_id=version_id)

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

    def _client(self) -> Any:
        return self.connection.client()


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


NAME = re.compile(r"[0-9A-Za-z_-]{1,80}")


def check_execution_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ValueError(f'argument --execution_name must be 1 to 80 letters, digits, "-" and "_", got {as_json(name)}')


def process(spark: SparkSession, storage: Storage, execution_name: str, column_types: str = "{}") -> dict[str, int]:
    """Does the job; the results go where the execution's name decides, so that running again overwrites."""
    check_execution_name(execution_name)
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


def read_bounded_records(chunks: Iterable[bytes]) -> Iterator[Record]:
    return records_of(lines_of(utf8_text(chunks), LONGEST_RECORD_BYTES), LONGEST_RECORD_BYTES)


REJECTED_HEADER = b"line,reason,content\n"


def rejected_line(line: int, reason: str, content: str) -> bytes:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    return f"{line},{quoted(reason)},{quoted(content)}\n".encode()


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

    count = 0
    file.write(REJECTED_HEADER)
    for line, reason, content in spark.sparkContext.parallelize([0], 1).mapPartitions(problems).toLocalIterator():
        if line == 0:
            raise UnreadableFileError(reason)
        file.write(rejected_line(line, reason, content))
        count += 1
    return count


def write_table(spark: SparkSession, storage: Storage, columns: list[Column], location: str, files: int) -> int:
    """Writes the rows that are well-formed as Parquet, and counts what is there afterwards."""

    def rows(_: object) -> Iterator[tuple[Any, ...]]:
        for record in itertools.islice(read_records(storage), 1, None):
            row = to_row(record, columns)
            if not isinstance(row, Rejection):
                yield row

    set_types_of_parquet(spark)
    parsed = spark.sparkContext.parallelize([0], 1).mapPartitions(rows)
    table = spark.createDataFrame(parsed, spark_schema(columns), verifySchema=False)
    if files > 1:
        table = table.repartition(files)
    table.write.mode("overwrite").parquet(location)
    return spark.read.schema(table.schema).parquet(location).count()


def set_types_of_parquet(spark: SparkSession) -> None:
    """The types that every reader of Parquet knows, and times as they are written in the file."""
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    spark.conf.set("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED")


# --- a batch of files --------------------------------------------------------------------------------------

FILES_PER_TASK = 16
ROW_GROUP_BYTES = 16 * 1024 * 1024
# What a file costs besides its bytes: requests to S3, as bytes that could be parsed meanwhile.
FILE_OVERHEAD_BYTES = 2 * 1024 * 1024
LONGEST_CAUSE = 2000
# One file must not take the memory of the others: a quote that is never closed makes a record of all that follows.
LONGEST_RECORD_BYTES = 32 * 1024 * 1024

# S3's answers that say something of one object: it is gone, or archived, or cannot be asked for. All others
# (access denied, too many requests, no answer) are about S3, the job's role, or the way between them.
ABOUT_THE_OBJECT = {
    "InvalidArgument",
    "InvalidObjectState",
    "KeyTooLongError",
    "MethodNotAllowed",
    "NoSuchKey",
    "NoSuchVersion",
}


@dataclass(frozen=True)
class BatchFile:
    """A file of a manifest; its output goes to a folder of its name."""

    name: str
    bucket: str
    key: str
    version_id: str
    size: int

    @property
    def folder(self) -> str:
        return f"file={self.name}/"


@dataclass(frozen=True)
class Finding:
    """What reading a file to its end has found: its table's columns and its counts, or why it failed."""

    file: BatchFile
    columns: tuple[Column, ...] = ()
    bytes_in: int = 0
    rows: int = 0
    rejected: int = 0
    error: str = ""
    cause: str = ""
    is_its_fault: bool = False


def read_manifest(storage: Storage, argument: str) -> list[BatchFile]:
    place = re.fullmatch(r"s3://([^/]+)/(.+)", argument, re.DOTALL)
    if place is None:
        raise ManifestError(f"argument --manifest must be s3://BUCKET/KEY, got {as_json(argument)}")
    content = b"".join(storage.of(place[1], place[2], "null").read())
    return files_of(content, f"the manifest {argument}")


def files_of(content: bytes, where: str) -> list[BatchFile]:
    try:
        manifest = json.loads(content)
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), list):
        raise ManifestError(f'{where} must be a JSON object with an array "files"')
    files = [file_of(fields, f"{where}: files[{index}]") for index, fields in enumerate(manifest["files"])]
    places: dict[str, int] = {}
    for index, file in enumerate(files):
        earlier = places.setdefault(file.name, index)
        if earlier != index:
            raise ManifestError(f'{where}: files[{earlier}] and files[{index}] have the same name: "{file.name}"')
    return files


def file_of(fields: object, where: str) -> BatchFile:
    given = fields if isinstance(fields, dict) else {}

    def text(field: str, allowed: str) -> str:
        value = given.get(field)
        if not isinstance(value, str) or value == "":
            raise ManifestError(f"{where}.{field} must be {allowed}")
        return value

    # The name decides where the file's output goes.
    name = given.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ManifestError(f'{where}.name must be 1 to 80 letters, digits, "-" and "_"')
    bucket = text("bucket", "a bucket's name")
    key = text("key", "an object's key")
    version_id = text("versionId", 'a version, or "null"')
    size = given.get("size")
    is_number = isinstance(size, (int, float)) and not isinstance(size, bool) and math.isfinite(size)
    if not is_number or size != int(size) or size < 0:
        raise ManifestError(f"{where}.size must be a number of bytes")
    return BatchFile(name, bucket, key, version_id, int(size))


def balanced(sizes: list[int], tasks: int) -> list[list[int]]:
    """Which files each task takes, by their places in the list: the largest first, each to the least loaded task."""
    count = max(1, min(len(sizes), max(tasks, -(-len(sizes) // FILES_PER_TASK))))
    taken: list[list[int]] = [[] for _ in range(count)]
    loads = [(0, task) for task in range(count)]
    for place in sorted(range(len(sizes)), key=lambda place: -sizes[place]):
        load, task = heapq.heappop(loads)
        taken[task].append(place)
        if len(taken[task]) < FILES_PER_TASK:
            heapq.heappush(loads, (load + sizes[place] + FILE_OVERHEAD_BYTES, task))
    return taken


def process_batch(
    spark: SparkSession, storage: Storage, manifest: str, execution_name: str, column_types: str = "{}"
) -> dict[str, int]:
    """Does the job for each file of a manifest. What an earlier run of the execution has left is deleted first."""
    check_execution_name(execution_name)
    types = parse_column_types(column_types)
    files = read_manifest(storage, manifest)
    # First of all what an earlier run said of its files: it is no longer true once their output is replaced.
    for folder in ("summary", "rejected", "processed"):
        delete_all(storage, f"{folder}/execution={execution_name}/")

    findings = examine(spark, storage, files, types, execution_name)
    require_one_to_blame(findings)
    processed = f"processed/execution={execution_name}/"
    written = write_tables(spark, storage, [finding for finding in findings if not finding.error], processed)
    lines = [as_json(outcome(storage, processed, finding, written)) + "\n" for finding in findings]
    told = io.BytesIO("".join(lines).encode())
    storage.write(f"summary/execution={execution_name}/files.jsonl", told, "application/x-ndjson")

    succeeded = [finding for finding in findings if not finding.error]
    sizes = storage.sizes(processed)
    rows_written, rows_rejected = sum(written.values()), sum(finding.rejected for finding in succeeded)
    summary = {
        "rowsIn": rows_written + rows_rejected,
        "rowsWritten": rows_written,
        "rowsRejected": rows_rejected,
        "bytesIn": sum(finding.bytes_in for finding in succeeded),
        "bytesOut": sum(size for name, size in sizes.items() if name.endswith(".parquet")),
        "filesIn": len(files),
        "filesSucceeded": len(succeeded),
        "filesFailed": len(files) - len(succeeded),
    }
    body = io.BytesIO(as_json(summary).encode())
    storage.write(f"summary/execution={execution_name}/summary.json", body, "application/json")
    return summary


def delete_all(storage: Storage, prefix: str) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(storage.delete, storage.sizes(prefix)))


def examine(
    spark: SparkSession, storage: Storage, files: list[BatchFile], types: dict[str, str], execution_name: str
) -> list[Finding]:
    """Reads each file to its end, and writes its rejected rows; the findings come in the files' order."""

    def findings(bins: Iterator[list[int]]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        for place in itertools.chain.from_iterable(bins):
            yield place, facts_of(storage, files[place], types, execution_name)

    # Workers answer with plain values: the classes are the driver's.
    bins = balanced([file.size for file in files], 4 * spark.sparkContext.defaultParallelism)
    found = dict(spark.sparkContext.parallelize(bins, len(bins)).mapPartitions(findings).collect())
    return [finding_of(file, *found[place]) for place, file in enumerate(files)]


def facts_of(storage: Storage, file: BatchFile, types: dict[str, str], execution_name: str) -> tuple[Any, ...]:
    try:
        own = storage.of(file.bucket, file.key, file.version_id)
        key = f"rejected/execution={execution_name}/{file.folder}rejected.csv"
        return ("", *read_through(own, types, key))
    except Exception as error:  # Whatever is wrong with a file must not stop the others.
        return failure(error)


def failure(error: Exception) -> tuple[str, str, bool]:
    """The error's name, what it says, and whether the file is to blame: a further run would find the same."""
    answer = getattr(error, "response", None)
    told = answer.get("Error", {}) if isinstance(answer, dict) else {}
    name = told.get("Code") or type(error).__name__
    cause = told.get("Message") or str(error)
    is_its_fault = isinstance(error, UnreadableFileError) or name in ABOUT_THE_OBJECT
    return name, cause[:LONGEST_CAUSE], is_its_fault


def finding_of(file: BatchFile, error: str, *facts: Any) -> Finding:
    if error:
        cause, is_its_fault = facts
        return Finding(file, error=error, cause=cause, is_its_fault=is_its_fault)
    columns, bytes_in, rows, rejected = facts
    return Finding(file, tuple(Column(*column) for column in columns), bytes_in, rows, rejected)


def read_through(
    storage: Storage, types: dict[str, str], rejected_key: str
) -> tuple[list[tuple[str, str]], int, int, int]:
    """A file's columns, bytes, rows that are well-formed and rows that are not, which are written to the key."""
    size = rows = rejected = 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        for chunk in storage.read():
            size += len(chunk)
            yield chunk

    records = read_bounded_records(chunks())
    columns = read_header(records, types)
    with tempfile.SpooledTemporaryFile(CHUNK_BYTES) as body:
        body.write(REJECTED_HEADER)
        for record in records:
            row = to_row(record, columns)
            if isinstance(row, Rejection):
                rejected += 1
                body.write(rejected_line(row.line, row.reason, row.content))
            else:
                rows += 1
        if rejected:
            body.seek(0)
            storage.write(rejected_key, body, "text/csv; charset=utf-8")
    return [(column.name, column.type) for column in columns], size, rows, rejected


def require_one_to_blame(findings: list[Finding]) -> None:
    if not findings or any(not finding.error or finding.is_its_fault for finding in findings):
        return
    first = findings[0]
    what = "the file" if len(findings) == 1 else f"all {len(findings)} files"
    raise BatchFailedError(
        f"{what} failed, which is not the fault of any; "
        f"s3://{first.file.bucket}/{first.file.key}: {first.error}: {first.cause}"
    )


def outcome(storage: Storage, processed: str, finding: Finding, written: dict[str, int]) -> dict[str, object]:
    name = finding.file.name
    if finding.error:
        return {"name": name, "outcome": "failed", "error": finding.error, "cause": finding.cause}
    return {
        "name": name,
        "outcome": "succeeded",
        "output": {"bucket": storage.output_bucket, "prefix": f"{processed}{finding.file.folder}"},
        "rowsIn": written[name] + finding.rejected,
        "rowsWritten": written[name],
        "rowsRejected": finding.rejected,
    }


def write_tables(spark: SparkSession, storage: Storage, findings: list[Finding], processed: str) -> dict[str, int]:
    """Writes each file's rows to the folder of its name; gives how many rows are there, by name."""
    together: dict[tuple[Column, ...], list[Finding]] = {}
    alone: list[Finding] = []
    for finding in findings:
        # Spark makes no folder where there are no rows, and could not tell a column "file" from the folders'.
        is_odd = finding.rows == 0 or any(column.name.lower() == "file" for column in finding.columns)
        if is_odd or finding.bytes_in > FILE_BYTES:
            alone.append(finding)
        else:
            together.setdefault(finding.columns, []).append(finding)
    # Not at once: writes into one folder would take each other's temporary files away.
    location = storage.location(processed)
    for columns, group in together.items():
        write_group(spark, storage, list(columns), [finding.file for finding in group], location)
    written = count_by_file(spark, location) if together else {}

    def write_alone(finding: Finding) -> int:
        file = finding.file
        own = storage.of(file.bucket, file.key, file.version_id)
        parts = -(-finding.bytes_in // FILE_BYTES)
        return write_table(spark, own, list(finding.columns), f"{location}{file.folder}", files=parts)

    # A single file is parsed by a single task: several at once keep the workers busy.
    with ThreadPoolExecutor(max(1, min(16, spark.sparkContext.defaultParallelism))) as pool:
        for finding, rows in zip(alone, pool.map(write_alone, alone)):
            written[finding.file.name] = rows
    return {finding.file.name: written.get(finding.file.name, 0) for finding in findings}


def write_group(
    spark: SparkSession, storage: Storage, columns: list[Column], files: list[BatchFile], location: str
) -> None:
    """Writes the rows of files that have the same columns, each file's in its own order."""
    from pyspark.sql import types as t

    def rows(bins: Iterator[list[int]]) -> Iterator[tuple[Any, ...]]:
        for place in itertools.chain.from_iterable(bins):
            file = files[place]
            own = storage.of(file.bucket, file.key, file.version_id)
            for record in itertools.islice(read_records(own), 1, None):
                row = to_row(record, columns)
                if not isinstance(row, Rejection):
                    yield (*row, file.name)

    set_types_of_parquet(spark)
    # Without it Spark would sort the rows by file, and files are not in each other's way as they are.
    spark.conf.set("spark.sql.maxConcurrentOutputFileWriters", str(FILES_PER_TASK))
    bins = balanced([file.size for file in files], 4 * spark.sparkContext.defaultParallelism)
    parsed = spark.sparkContext.parallelize(bins, len(bins)).mapPartitions(rows)
    schema = spark_schema(columns).add(t.StructField("file", t.StringType(), nullable=False))
    table = spark.createDataFrame(parsed, schema, verifySchema=False)
    # A task has that many files open, and holds a row group of each.
    table.write.mode("append").option("parquet.block.size", ROW_GROUP_BYTES).partitionBy("file").parquet(location)


def count_by_file(spark: SparkSession, location: str) -> dict[str, int]:
    from pyspark.sql import types as t

    schema = t.StructType([t.StructField("file", t.StringType())])
    counts = spark.read.schema(schema).parquet(location).groupBy("file").count()
    return {row["file"]: row["count"] for row in counts.collect()}


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
    given = [name for name in OPTIONAL if any(word.startswith(f"{name}=") for word in argv)]
    names = [name[2:] for name in OPTIONS if name not in OPTIONAL or name in given]
    args = getResolvedOptions(argv, ["JOB_NAME", *names])

    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(args["JOB_NAME"], args)
    storage = S3Storage(args["bucket"], args["key"], args["version_id"], args["output_bucket"])
    how = (args["execution_name"], args.get("column_types", "{}"))
    if "manifest" in args:
        summary = process_batch(context.spark_session, storage, args["manifest"], *how)
    else:
        summary = process(context.spark_session, storage, *how)
    print(as_json(summary))
    job.commit()


if __name__ == "__main__":
    main()

"""Glue Python shell job: says what is in a CSV object, column by column, as JSON and as a page to read.

Needs nothing but Python's library and boto3. The file is read once, as it comes; what is remembered of a column is
bounded, so that memory stays flat: distinct values are counted exactly up to DISTINCT_LIMIT.

Arguments: --bucket, --key, --version_id, --output_bucket, --execution_name, as the pipeline gives them to each job.
Writes profile/execution=NAME/profile.json and profile.md.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any, Optional

OPTIONS = ["bucket", "key", "version_id", "output_bucket", "execution_name"]
DISTINCT_LIMIT = 100_000
SHOWN_CHARACTERS = 200
CHUNK_BYTES = 1024 * 1024


# --- values ------------------------------------------------------------------------------------------------


def as_bigint(text: str) -> Optional[int]:
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", text):
        return None
    value = int(text)
    return value if -(2**63) <= value < 2**63 else None


def as_double(text: str) -> Optional[float]:
    if not re.fullmatch(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def as_boolean(text: str) -> Optional[bool]:
    return {"true": True, "false": False}.get(text.lower())


def as_date(text: str) -> Optional[date]:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def as_timestamp(text: str) -> Optional[str]:
    """The text itself, if it is a time: texts of one form sort as their times do."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z?", text):
        return None
    try:
        datetime.fromisoformat(text[:19])
    except ValueError:
        return None
    return text


# In the order of preference: what every value of a column is.
TYPES: dict[str, Callable[[str], Any]] = {
    "bigint": as_bigint,
    "double": as_double,
    "boolean": as_boolean,
    "date": as_date,
    "timestamp": as_timestamp,
    "string": lambda text: text,
}


class ColumnProfile:
    """What is known of a column so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values = 0
        self.empty = 0
        self.longest = 0
        self._ranges: dict[str, Optional[tuple[Any, Any]]] = dict.fromkeys(TYPES)
        self._distinct: set[bytes] = set()

    def add(self, text: str) -> None:
        if text == "":
            self.empty += 1
            return
        self.values += 1
        self.longest = max(self.longest, len(text))
        if len(self._distinct) < DISTINCT_LIMIT:
            self._distinct.add(hashlib.blake2b(text.encode(), digest_size=12).digest())
        for type_ in list(self._ranges):
            value = TYPES[type_](text)
            if value is None:
                del self._ranges[type_]
                continue
            range_ = self._ranges[type_]
            self._ranges[type_] = (value, value) if range_ is None else (min(range_[0], value), max(range_[1], value))

    def describe(self) -> dict[str, Any]:
        rows = self.values + self.empty
        type_ = next(iter(self._ranges)) if self.values else "string"
        range_ = self._ranges.get(type_)
        return {
            "name": self.name,
            "type": type_,
            "values": self.values,
            "empty": self.empty,
            "completeness": round(self.values / rows, 6) if rows else None,
            "distinct": len(self._distinct),
            # From the limit on there may be more.
            "distinctIsExact": len(self._distinct) < DISTINCT_LIMIT,
            "min": None if range_ is None else shown(range_[0]),
            "max": None if range_ is None else shown(range_[1]),
            "longest": self.longest,
        }


def shown(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value[:SHOWN_CHARACTERS] if isinstance(value, str) else value


# --- the file ----------------------------------------------------------------------------------------------


def texts(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("strict")
    for chunk in chunks:
        yield decoder.decode(chunk)
    yield decoder.decode(b"", True)


def lines(pieces: Iterable[str]) -> Iterator[str]:
    """Lines with their ends. A CR at a piece's end may be half of a CRLF."""
    held = ""
    for piece in pieces:
        found = list(io.StringIO(held + piece, newline=""))
        held = found.pop() if found else ""
        yield from found
    if held:
        yield from io.StringIO(held, newline="")


def profile(chunks: Iterable[bytes]) -> dict[str, Any]:
    """Reads a CSV file to its end. Rows with another number of fields than the header are counted and left out."""
    csv.field_size_limit(sys.maxsize)
    records = (record for record in csv.reader(lines(texts(chunks))) if record)
    header = next(records, None)
    if header is None:
        raise ValueError("the file has no header row")
    columns = [ColumnProfile(name) for name in header]
    rows = ragged = 0
    for record in records:
        rows += 1
        if len(record) != len(columns):
            ragged += 1
            continue
        for column, text in zip(columns, record):
            column.add(text)
    return {"rows": rows, "raggedRows": ragged, "columns": [column.describe() for column in columns]}


def markdown(title: str, found: dict[str, Any]) -> str:
    def cell(value: Any) -> str:
        text = "" if value is None else str(value)
        return re.sub(r"\s", " ", text).replace("\\", "\\\\").replace("|", "\\|")

    names = ["name", "type", "completeness", "distinct", "min", "max", "longest"]
    rows = [
        "| " + " | ".join(cell(column[name]) + at_least(column, name) for name in names) + " |"
        for column in found["columns"]
    ]
    head = f"| {' | '.join(names)} |\n|{' --- |' * len(names)}"
    return f"# {title}\n\n{found['rows']} rows, {found['raggedRows']} of them ragged\n\n{head}\n" + "\n".join(rows) + "\n"


def at_least(column: dict[str, Any], name: str) -> str:
    return " or more" if name == "distinct" and not column["distinctIsExact"] else ""


def one_word_each(argv: list[str]) -> list[str]:
    """`--key value` as `--key=value`: a value that begins with a dash would be taken for an option."""
    words: list[str] = []
    rest = iter(argv)
    for word in rest:
        value = next(rest, None) if word in [f"--{name}" for name in OPTIONS] else None
        words.append(word if value is None else f"{word}={value}")
    return words


def main() -> None:
    import boto3
    from awsglue.utils import getResolvedOptions

    args = getResolvedOptions(one_word_each(sys.argv), OPTIONS)
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,80}", args["execution_name"]):
        raise ValueError(f'argument --execution_name must be 1 to 80 letters, digits, "-" and "_", got {args["execution_name"]}')
    s3 = boto3.client("s3")
    version = {} if args["version_id"] == "null" else {"VersionId": args["version_id"]}
    body = s3.get_object(Bucket=args["bucket"], Key=args["key"], **version)["Body"]
    found = profile(body.iter_chunks(CHUNK_BYTES))
    folder = f"profile/execution={args['execution_name']}"
    for name, content, type_ in (
        ("profile.json", json.dumps(found, ensure_ascii=False, indent=2), "application/json"),
        ("profile.md", markdown(args["key"], found), "text/markdown; charset=utf-8"),
    ):
        s3.put_object(
            Bucket=args["output_bucket"], Key=f"{folder}/{name}", Body=content.encode(), ContentType=type_
        )
    print(json.dumps({"rows": found["rows"], "columns": len(found["columns"])}))


if __name__ == "__main__":
    main()

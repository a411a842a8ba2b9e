"""Glue Python shell job: says what is in a CSV object, column by column, and whether it keeps its data contract.

What a record is and what a value is are decided by `process_csv`, which Glue gets as an extra Python file. The file is
read once, as it comes, and what is remembered of a column is bounded, so memory stays flat. A file that is no CSV is a
finding and no failure: the profile says why it cannot be read. The stand-in of the simulation (`stand-ins/profile-quality.ts`)
finds the same; a change here is a change there.

Arguments, besides those that the pipeline gives to each run:
  --contract   the data contract as JSON: rules, masked columns, how many malformed rows are allowed
  --as_of      the time that freshness is measured against, ISO 8601
Writes profile.json and a summary.json to --output. Python 3.9.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timezone
from typing import Any, Optional

import process_csv as csv_file

OPTIONS = ["bucket", "key", "version_id", "output", "contract", "as_of"]
# Distinct values of a column that are counted one by one; with more, their number is estimated from a sample. A column
# whose uniqueness a rule asks for gets more room: an estimate would pass over a few duplicates.
TRACKED_VALUES = 10_000
TRACKED_FOR_RULES = 1_000_000
ABOUT_DISTINCT_VALUES = ["IsUnique", "IsPrimaryKey", "Uniqueness", "UniqueValueRatio", "DistinctValuesCount"]
SAMPLED_VALUES = 4096
TOP_VALUES = 5
EXAMPLES = 5
SHOWN_CHARACTERS = 60
WHOLE_CHARACTERS = 256
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


# --- distinct values -----------------------------------------------------------------------------------------


class DistinctValues:
    """How many values there are and how often: exact up to a bound, from there on by the smallest of their hashes."""

    def __init__(self, tracked: int, sampled: int = SAMPLED_VALUES) -> None:
        self._total = 0
        self._tracked = tracked
        self._sampled = sampled
        self._counts: dict[str, int] = {}
        self._sample: Optional[dict[int, int]] = None
        self._threshold = 2**64

    def add(self, text: str) -> None:
        self._total += 1
        key = text if len(text) <= WHOLE_CHARACTERS else text[:SHOWN_CHARACTERS] + sha256_hex(text)
        count = self._counts.get(key)
        if count is not None:
            self._counts[key] = count + 1
        elif len(self._counts) < self._tracked:
            self._counts[key] = 1
        elif self._sample is None:
            # From here on values are told apart by their hashes; those seen so far go first.
            self._sample = {}
            for known, times in self._counts.items():
                self._count_in_sample(known, times)
            self._count_in_sample(key, 1)
            return
        if self._sample is not None:
            self._count_in_sample(key, 1)

    def describe(self) -> tuple[int, int, bool]:
        """How many distinct values, how many of them occur once, and whether that is exact."""
        if self._sample is None:
            return len(self._counts), sum(1 for count in self._counts.values() if count == 1), True
        self._prune()
        size = len(self._sample)
        once = sum(1 for count in self._sample.values() if count == 1)
        if once == size:
            return self._total, self._total, False
        distinct = min(self._total, (size - 1) * 2**64 // max(self._sample))
        return distinct, once * distinct // size, False

    def top(self) -> list[tuple[str, int]]:
        """The most frequent of the values that are counted one by one; of equals the first seen."""
        return sorted(self._counts.items(), key=lambda item: -item[1])[:TOP_VALUES]

    def _count_in_sample(self, key: str, times: int) -> None:
        if self._sample is None:
            return
        value = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
        if value >= self._threshold:
            return
        self._sample[value] = self._sample.get(value, 0) + times
        if len(self._sample) >= 2 * self._sampled:
            self._prune()

    def _prune(self) -> None:
        if self._sample is None or len(self._sample) <= self._sampled:
            return
        kept = sorted(self._sample)[: self._sampled]
        self._sample = {value: self._sample[value] for value in kept}
        self._threshold = kept[-1] + 1


def sha256_hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# --- columns -------------------------------------------------------------------------------------------------


class Sum:
    """A sum of floating-point numbers that keeps what each addition loses (Neumaier's)."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._lost = 0.0

    def add(self, value: float) -> None:
        total = self._sum + value
        if abs(self._sum) >= abs(value):
            self._lost += (self._sum - total) + value
        else:
            self._lost += (value - total) + self._sum
        self._sum = total

    @property
    def total(self) -> float:
        return self._sum + self._lost


class Range:
    """The smallest and the largest value, as they stand in the file."""

    def __init__(self) -> None:
        self.min: Optional[tuple[Any, str]] = None
        self.max: Optional[tuple[Any, str]] = None

    def add(self, value: Any, text: str) -> None:
        if self.min is None or value < self.min[0]:
            self.min = (value, text)
        if self.max is None or value > self.max[0]:
            self.max = (value, text)


class ColumnProfile:
    """What is known of a column so far."""

    def __init__(self, name: str, masked: bool, tracked: int) -> None:
        self.name = name
        self.masked = masked
        self.values = 0
        self.empty = 0
        self.shortest: Optional[int] = None
        self.longest: Optional[int] = None
        self.sum = Sum()
        self.distinct = DistinctValues(tracked)
        # What all values are so far, in the order of preference.
        self.ranges = {type_: Range() for type_ in [*csv_file.PARSERS, "string"]}

    def add(self, text: str) -> None:
        if text == "":
            self.empty += 1
            return
        self.values += 1
        length = len(text)
        self.shortest = length if self.shortest is None else min(self.shortest, length)
        self.longest = length if self.longest is None else max(self.longest, length)
        self.distinct.add(text)
        for type_ in list(self.ranges):
            value = text if type_ == "string" else csv_file.PARSERS[type_](text)
            if value is None:
                del self.ranges[type_]
                continue
            self.ranges[type_].add(value, text)
            if type_ == "double":
                self.sum.add(value)

    @property
    def mean(self) -> Optional[float]:
        if self.values == 0 or "double" not in self.ranges:
            return None
        mean = self.sum.total / self.values
        return mean if abs(mean) < float("inf") else None

    def describe(self) -> dict[str, Any]:
        type_ = next(iter(self.ranges)) if self.values else None
        range_ = None if type_ in (None, "boolean") or self.masked else self.ranges[type_]
        distinct, once, exact = self.distinct.describe()
        return {
            "name": self.name,
            "type": type_,
            "values": self.values,
            "empty": self.empty,
            "distinct": distinct,
            "once": once,
            "distinctIsExact": exact,
            "min": None if range_ is None or range_.min is None else shown(range_.min[1]),
            "max": None if range_ is None or range_.max is None else shown(range_.max[1]),
            "mean": None if self.masked else self.mean,
            "shortest": self.shortest,
            "longest": self.longest,
            "top": [{"value": None if self.masked else shown(text), "count": count} for text, count in self.distinct.top()],
            "masked": self.masked,
        }


def shown(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


# --- rules ---------------------------------------------------------------------------------------------------


def micros(value: Any) -> int:
    """A date's or a timestamp's microseconds since the epoch."""
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    apart = moment - EPOCH
    return (apart.days * 86_400 + apart.seconds) * 1_000_000 + apart.microseconds


def moment_of(text: str) -> Optional[int]:
    value = csv_file.parse_date(text)
    if value is None:
        value = csv_file.parse_timestamp(text)
    return None if value is None else micros(value)


def compare(actual: Any, operator: str, expected: Any) -> bool:
    if operator == "=":
        return actual == expected
    if operator == "!=":
        return actual != expected
    if operator == ">":
        return actual > expected
    if operator == ">=":
        return actual >= expected
    if operator == "<":
        return actual < expected
    return actual <= expected


def number_holds(check: dict[str, Any], actual: Optional[float]) -> bool:
    """Whether a measured number is as the rule says; what could not be measured is not."""
    if actual is None:
        return False
    operator = check["operator"]
    if operator in ("between", "not between"):
        return (check["low"]["number"] < actual < check["high"]["number"]) == (operator == "between")
    if operator in ("in", "not in"):
        return any(actual == value["number"] for value in check["values"]) == (operator == "in")
    return compare(actual, operator, check["value"]["number"])


class Cells:
    """What cells are compared with: a value of the rule, read once."""

    def __init__(self, as_of: int) -> None:
        self._as_of = as_of

    def equals(self, value: dict[str, Any]) -> Callable[[str], bool]:
        if "number" in value:
            return lambda text: csv_file.parse_double(text) == value["number"]
        if "keyword" in value:
            if value["keyword"] == "WHITESPACES_ONLY":
                return lambda text: text != "" and text.strip(" \t") == ""
            return lambda text: text == ""
        if "secondsAgo" in value:
            return lambda text: moment_of(text) == self._moment(value)
        return lambda text: text == value["text"]

    def holds(self, operator: str, value: dict[str, Any]) -> Callable[[str], bool]:
        if operator in ("=", "!="):
            is_equal = self.equals(value)
            return lambda text: is_equal(text) == (operator == "=")
        if "number" in value:
            read: Callable[[str], Any] = csv_file.parse_double
            expected: Any = value["number"]
        else:
            read, expected = moment_of, self._moment(value)

        def is_on_its_side(text: str) -> bool:
            actual = read(text)
            return actual is not None and compare(actual, operator, expected)

        return is_on_its_side

    def _moment(self, value: dict[str, Any]) -> Any:
        return self._as_of - value["secondsAgo"] * 1_000_000 if "secondsAgo" in value else moment_of(value["text"])


def cell_check(check: dict[str, Any], cells: Cells) -> Callable[[str], bool]:
    """An expression of ColumnValues. Empty cells are null: they fail all but != and `not in`, unless those name null."""
    operator = check["operator"]
    if operator in ("between", "not between"):
        above, below = cells.holds(">", check["low"]), cells.holds("<", check["high"])
        at_least, at_most = cells.holds(">=", check["high"]), cells.holds("<=", check["low"])
        if operator == "between":
            return lambda text: above(text) and below(text)
        return lambda text: at_least(text) or at_most(text)
    if operator in ("in", "not in"):
        members = [cells.equals(value) for value in check["values"]]
        return lambda text: any(is_it(text) for is_it in members) == (operator == "in")
    if operator in ("matches", "not matches"):
        pattern = re.compile(check["pattern"], re.ASCII | re.DOTALL)
        return lambda text: text != "" and (pattern.fullmatch(text) is not None) == (operator == "matches")
    return cells.holds(operator, check["value"])


def row_check(rule: dict[str, Any], as_of: int) -> Optional[Callable[[str], bool]]:
    """What a rule says of each cell of its column; None: it is about the column or the table as a whole."""
    type_, check = rule["type"], rule.get("check")
    if type_ == "ColumnValues":
        return cell_check(check, Cells(as_of))
    if type_ == "ColumnLength":
        return lambda text: number_holds(check, len(text))
    if type_ == "ColumnDataType":
        parse = csv_file.PARSERS.get(rule["dataType"], lambda text: text)
        return lambda text: text == "" or parse(text) is not None
    if type_ == "DataFreshness":

        def is_fresh(text: str) -> bool:
            moment = moment_of(text)
            return moment is not None and number_holds(check, (as_of - moment) / 1_000_000)

        return is_fresh
    return None


class RowRule:
    """A rule about each cell of a column: how many break it, and the first of them."""

    def __init__(self, position: int, holds: Callable[[str], bool], masked: bool) -> None:
        self._position = position
        self._holds = holds
        self._masked = masked
        self.failed = 0
        self.examples: list[dict[str, Any]] = []

    def add(self, line: int, fields: list[str]) -> None:
        text = fields[self._position]
        if self._holds(text):
            return
        self.failed += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append({"line": line, "value": None if self._masked else shown(text)})


def measure(type_: str, column: Optional[ColumnProfile], rows: int, columns: int) -> Optional[float]:
    """The number that a rule about a column or the table as a whole looks at."""
    if type_ == "RowCount":
        return rows
    if type_ == "ColumnCount":
        return columns
    if column is None:
        return None
    if type_ == "Mean":
        return column.mean
    if type_ == "Completeness":
        return column.values / rows if rows else None
    distinct, once, _ = column.distinct.describe()
    if type_ == "DistinctValuesCount":
        return distinct
    if type_ == "Uniqueness":
        return once / column.values if column.values else None
    return once / distinct if distinct else None


def judge(rule: dict[str, Any], row_rule: Optional[RowRule], table: Table) -> dict[str, Any]:
    """What came of a rule."""
    type_, name, check = rule["type"], rule.get("column"), rule.get("check")
    column = next((column for column in table.columns if column.name == name), None)
    result: dict[str, Any] = {
        "rule": rule["text"],
        "type": type_,
        "column": name,
        "severity": rule["severity"],
        "passed": False,
        "problem": None,
        "actual": None,
        "exact": True,
        "failed": None,
        "examples": [],
    }
    if name is not None and column is None:
        return {**result, "problem": "missing column"}
    if row_rule is not None:
        share = (table.rows - row_rule.failed) / table.rows if table.rows else None
        passed = number_holds(rule["threshold"], share) if rule.get("threshold") and table.rows else row_rule.failed == 0
        return {**result, "passed": passed, "actual": share, "failed": row_rule.failed, "examples": row_rule.examples}
    if type_ == "ColumnExists":
        return {**result, "passed": True}
    if type_ in ABOUT_DISTINCT_VALUES:
        result["exact"] = column.distinct.describe()[2]
    if type_ in ("IsComplete", "IsUnique", "IsPrimaryKey"):
        once = column.distinct.describe()[1]
        failed = (0 if type_ == "IsUnique" else column.empty) + (0 if type_ == "IsComplete" else column.values - once)
        return {**result, "passed": failed == 0, "failed": failed}
    actual = measure(type_, column, table.rows, len(table.columns))
    return {**result, "passed": number_holds(check, actual), "actual": actual}


def malformed(table: Table, allowed: int) -> dict[str, Any]:
    return {
        "rule": f"MalformedRows <= {allowed}",
        "type": "MalformedRows",
        "column": None,
        "severity": "error",
        "passed": table.malformed <= allowed,
        "problem": None,
        "actual": table.malformed,
        "exact": True,
        "failed": table.malformed,
        "examples": [{"line": line, "value": None} for line in table.malformed_lines],
    }


# --- the file ------------------------------------------------------------------------------------------------


class Table:
    def __init__(self, columns: list[ColumnProfile]) -> None:
        self.columns = columns
        self.rows = 0
        self.malformed = 0
        self.malformed_lines: list[int] = []

    def leave_out(self, line: int) -> None:
        self.malformed += 1
        if len(self.malformed_lines) < EXAMPLES:
            self.malformed_lines.append(line)


class Bytes:
    """Counts and hashes what passes."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._hash = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            self._hash.update(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def profile(chunks: Iterable[bytes], contract: dict[str, Any], as_of: str) -> dict[str, Any]:
    """Reads a CSV file to its end."""
    content = Bytes(chunks)
    pieces = iter(content)
    try:
        found = read_table(csv_file.records_of(csv_file.lines_of(csv_file.utf8_text(pieces))), contract, as_of)
    except csv_file.UnreadableFileError as error:
        found = {"unreadable": str(error), "rows": 0, "malformedRows": 0, "columns": [], "rules": []}
        # The hash is that of the whole file.
        for _ in pieces:
            pass
    passed = found["unreadable"] is None and all(rule["passed"] or rule["severity"] == "warning" for rule in found["rules"])
    return {"dataset": contract["dataset"], "asOf": as_of, "bytes": content.size, "sha256": content.sha256, "passed": passed, **found}


def read_table(records: Iterator[csv_file.Record], contract: dict[str, Any], as_of: str) -> dict[str, Any]:
    masked = set(contract["masked"])
    names = [column.name for column in csv_file.read_header(records, {})]
    watched = {rule["column"] for rule in contract["rules"] if rule["type"] in ABOUT_DISTINCT_VALUES}
    table = Table(
        [ColumnProfile(name, name in masked, TRACKED_FOR_RULES if name in watched else TRACKED_VALUES) for name in names]
    )
    now = moment_of(as_of)
    if now is None:
        raise ValueError(f"argument --as_of must be a time like 2026-01-01T00:00:00Z, got {as_of}")
    row_rules: dict[int, RowRule] = {}
    for index, rule in enumerate(contract["rules"]):
        holds = row_check(rule, now)
        if holds is not None and rule["column"] in names:
            row_rules[index] = RowRule(names.index(rule["column"]), holds, rule["column"] in masked)
    for record in records:
        if not record.well_quoted or len(record.fields) != len(names):
            table.leave_out(record.line)
            continue
        table.rows += 1
        for column, text in zip(table.columns, record.fields):
            column.add(text)
        for row_rule in row_rules.values():
            row_rule.add(record.line, record.fields)
    rules = [judge(rule, row_rules.get(index), table) for index, rule in enumerate(contract["rules"])]
    return {
        "unreadable": None,
        "rows": table.rows,
        "malformedRows": table.malformed,
        "columns": [column.describe() for column in table.columns],
        "rules": [malformed(table, contract["maxMalformedRows"]), *rules],
    }


# --- the job -------------------------------------------------------------------------------------------------


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
    place = re.fullmatch(r"s3://([^/]+)/(.+/)", args["output"])
    if place is None:
        raise ValueError(f'argument --output must be s3://BUCKET/PREFIX/, got {args["output"]}')
    storage = csv_file.S3Storage(args["bucket"], args["key"], args["version_id"], place.group(1))
    found = profile(storage.read(), json.loads(args["contract"]), args["as_of"])
    summary = {"rowsWritten": found["rows"], "rowsRejected": found["malformedRows"], "passed": found["passed"]}
    for name, content in (("profile.json", found), ("summary.json", summary)):
        boto3.client("s3").put_object(
            Bucket=place.group(1),
            Key=f"{place.group(2)}{name}",
            Body=json.dumps(content, ensure_ascii=False).encode(),
            ContentType="application/json",
        )
    print(json.dumps(summary))


if __name__ == "__main__":
    main()

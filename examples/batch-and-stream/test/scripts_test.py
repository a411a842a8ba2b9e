"""Checks of the scripts: those with Spark need a Python that has PySpark, and are left out without it."""

import importlib.util
import json
import pathlib
import sys
import tempfile
import unittest

here = pathlib.Path(__file__)
sys.path[:0] = [str(here.parents[1] / "scripts"), str(here.parents[3] / "scripts"), str(here.parents[3] / "test" / "support")]
sys.dont_write_bytecode = True

import load_day  # noqa: E402
import load_live  # noqa: E402
from spark_tests import SparkTestCase  # noqa: E402

DAY = "2026-01-05"


def payment(id_: str, day: str = DAY, amount: int = 100) -> dict:
    return {"payment_id": id_, "paid_at": f"{day}T10:00:00Z", "shop": "lyon", "amount_cents": amount}


class Exports(unittest.TestCase):
    def test_names_say_the_day_and_the_revision(self) -> None:
        self.assertEqual(load_day.export_name(f"in/payments-{DAY}.csv"), (DAY, 1))
        self.assertEqual(load_day.export_name(f"in/payments-{DAY}-r12.CSV"), (DAY, 12))
        with self.assertRaisesRegex(load_day.UnreadableFileError, "must end with the day"):
            load_day.export_name("in/payments.csv")

    def test_rows_that_are_no_payments_of_the_day_are_told_with_their_reasons(self) -> None:
        lines = [
            "payment_id,paid_at,shop,amount_cents",
            f"p1,{DAY}T10:00:00Z,lyon,100",
            f"p2,{DAY}T10:00:00Z,lyon,much",
            "p3,2026-01-06T00:00:00Z,lyon,100",
            f"p1,{DAY}T10:00:00Z,lyon,100",
            f",{DAY}T10:00:00Z,lyon,100",
        ]
        payments, rejected = load_day.read_export(["\n".join(lines).encode()], DAY)
        self.assertEqual([row[0] for row in payments], ["p1"])
        self.assertEqual(
            [(row.line, row.reason) for row in rejected],
            [(3, 'column "amount_cents": not a bigint'), (4, f"paid_at is not of {DAY}"), (5, "payment_id comes again"), (6, "payment_id must be a text")],
        )

    def test_a_file_without_a_column_is_refused(self) -> None:
        with self.assertRaisesRegex(load_day.UnreadableFileError, "no column amount_cents"):
            load_day.read_export([b"payment_id,paid_at,shop\n"], DAY)


@unittest.skipUnless(importlib.util.find_spec("boto3"), "needs boto3")
class Writing(unittest.TestCase):
    def test_writes_a_manifest_once(self) -> None:
        import boto3
        from botocore.awsrequest import AWSResponse

        client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        sent = []

        def answer(request, **_):  # noqa: ANN001, ANN003, ANN202
            sent.append(dict(request.headers))
            response = AWSResponse(request.url, 200 if len(sent) == 1 else 412, {}, None)
            response._content = b"" if len(sent) == 1 else b"<Error><Code>PreconditionFailed</Code></Error>"
            return response

        client.meta.events.register("before-send.s3.PutObject", answer)
        store = load_day.Store(client)
        self.assertTrue(store.write_once("s3://bucket/key.json", b"{}"))
        self.assertFalse(store.write_once("s3://bucket/key.json", b"{}"))
        self.assertEqual({as_text(headers["If-None-Match"]) for headers in sent}, {"*"})
        self.assertIn("if-none-match", as_text(sent[0]["Authorization"]))


def as_text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class Disk(load_day.Store):
    """A folder in the place of S3."""

    def __init__(self) -> None:
        super().__init__(None)
        self.is_taken = False

    def files(self, place: str) -> list[str]:
        found = pathlib.Path(place).rglob("*")
        return sorted(str(file) for file in found if file.is_file() and file.name[0] not in "_.")

    def read(self, uri: str) -> bytes:
        return pathlib.Path(uri).read_bytes()

    def write_once(self, uri: str, content: bytes) -> bool:
        if self.is_taken or pathlib.Path(uri).exists():
            return False
        pathlib.Path(uri).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(uri).write_bytes(content)
        return True


class WithSpark(SparkTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def stream(self, number: int, rows: list, remembered_days: int = 2) -> None:
        names = {name: f"{self.folder}/{name}" for name in ("live", "late", "rejected", "state")}
        texts = [(row if isinstance(row, str) else json.dumps(row),) for row in rows]
        batch = self.spark.createDataFrame(texts, "text string")
        load_live.process(self.spark, batch, number, load_live.Places(**names), remembered_days)

    def ids(self, table: str) -> list[str]:
        return sorted(row.payment_id for row in self.spark.read.parquet(f"{self.folder}/{table}").collect())

    def load(self, rows: list, revision: int = 1, store: Disk | None = None) -> dict | None:
        names = ["payment_id", "paid_at", "shop", "amount_cents"]
        lines = [",".join(names), *(",".join(str(row[name]) for name in names) for row in rows)]
        payments, _ = load_day.read_export(["\n".join(lines).encode()], DAY)
        exported = self.spark.createDataFrame(payments, load_day.SCHEMA)
        export = {"day": DAY, "revision": revision, "payments": exported, "load": "e"}
        sources = [f"{self.folder}/live/", f"{self.folder}/late/"]
        table = load_day.load_day(self.spark, store or Disk(), f"{self.folder}/payments/", sources, export)
        return None if table is None else {row.payment_id: (row.told_by, row.amount_cents) for row in table.collect()}

    def test_writes_each_payment_once_and_a_repeated_batch_comes_to_the_same(self) -> None:
        for _ in range(2):
            self.stream(0, [payment("1"), payment("2"), payment("1"), payment("3", "2026-01-06"), '{"payment_id": "cut'])
        for _ in range(2):
            self.stream(1, [payment("2"), payment("4"), {**payment("5"), "paid_at": "yesterday"}, {**payment("6"), "shop": ""}])
        self.stream(2, [payment("7", "2026-01-07"), payment("8")])
        self.assertEqual(self.ids("live"), ["1", "2", "3", "4", "7", "8"])
        # The fifth is forgotten by now.
        self.stream(3, [payment("1"), payment("9"), payment("7", "2026-01-07")])
        self.assertEqual(self.ids("live"), ["1", "2", "3", "4", "7", "8"])
        self.assertEqual(self.ids("late"), ["1", "9"])
        reasons = [row.reason for row in self.spark.read.json(f"{self.folder}/rejected/*").collect()]
        self.assertEqual(sorted(reasons), ["it is no JSON object", "paid_at must be a time in ISO 8601", "shop must be a text"])
        left = sorted(path.name for path in pathlib.Path(f"{self.folder}/state").iterdir())
        self.assertEqual(left, ["batch=0000000002", "batch=0000000003"])

    def test_loads_a_day_with_what_the_stream_has_told_of_it(self) -> None:
        self.stream(0, [payment("1"), payment("2"), payment("9", "2026-01-06")])
        self.assertEqual(self.load([payment("2", amount=7), payment("3")]), {"1": ("stream", 100), "2": ("both", 7), "3": ("export", 100)})
        self.stream(1, [payment("4")])
        # A correction has no 2 and no 3: the stream has told of the one, and nobody else of the other.
        corrected = {"1": ("stream", 100), "2": ("stream", 7), "4": ("both", 5)}
        self.assertEqual(self.load([payment("4", amount=5)], 2), corrected)
        self.assertEqual(self.load([payment("2", amount=7), payment("3")], 1), corrected)
        manifests = [json.loads(path.read_text()) for path in sorted(pathlib.Path(f"{self.folder}/payments/manifests/day={DAY}").iterdir())]
        self.assertEqual([(one["number"], one["revision"]) for one in manifests], [(1, 1), (2, 2), (3, 2)])
        self.assertEqual([len(one["absorbed"]) for one in manifests], [1, 3, 3])
        self.assertIn(manifests[0]["file"], manifests[1]["absorbed"])

    def test_comes_to_nothing_where_another_load_was_first(self) -> None:
        store = Disk()
        store.is_taken = True
        self.assertIsNone(self.load([payment("1")], store=store))


if __name__ == "__main__":
    unittest.main()

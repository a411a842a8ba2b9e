"""Checks of the streaming scripts: those with Spark need a Python that has PySpark, and are left out without it."""

import json
import pathlib
import sys
import tempfile
import unittest

here = pathlib.Path(__file__)
sys.path[:0] = [str(here.parents[1] / "scripts"), str(here.parents[3] / "test" / "support")]
sys.dont_write_bytecode = True

import aggregate  # noqa: E402
import click_events  # noqa: E402
import enrich  # noqa: E402
from spark_tests import SparkTestCase  # noqa: E402


class BusyStream:
    """Turns away every third record until it has been sent twice."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.calls = 0

    def put_records(self, StreamARN: str, Records: list) -> dict:  # noqa: N803
        self.calls += 1
        results = []
        for index, entry in enumerate(Records):
            if self.calls % 2 == 1 and index % 3 == 0:
                results.append({"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "busy"})
            else:
                self.taken.append(entry["Data"])
                results.append({"SequenceNumber": "1", "ShardId": "s"})
        return {"Records": results}


def entries(count: int) -> list:
    return [click_events.entry({"userId": "u", "n": n}) for n in range(count)]


class Sending(unittest.TestCase):
    def test_sends_what_was_turned_away_again_and_nothing_twice(self) -> None:
        stream, slept = BusyStream(), []
        turned_away = click_events.put_all(stream, "arn", entries(1200), slept.append)
        self.assertEqual(sorted(json.loads(data)["n"] for data in stream.taken), list(range(1200)))
        self.assertEqual(turned_away, 167 + 167 + 67)
        self.assertEqual(slept, [0.2, 0.2, 0.2])

    def test_gives_up_with_the_reason_of_the_stream(self) -> None:
        class Full:
            def put_records(self, StreamARN: str, Records: list) -> dict:  # noqa: N803
                return {"Records": [{"ErrorCode": "Exceeded", "ErrorMessage": "full"} for _ in Records]}

        with self.assertRaisesRegex(RuntimeError, "Exceeded: full"):
            click_events.put_all(Full(), "arn", entries(1), lambda _: None)

    def test_a_call_has_at_most_what_the_api_takes(self) -> None:
        self.assertEqual([len(chunk) for chunk in click_events.chunks(entries(1001))], [500, 500, 1])
        large = [{"PartitionKey": "k", "Data": b"x" * 2 * 1024 * 1024}] * 5
        self.assertEqual([len(chunk) for chunk in click_events.chunks(large)], [2, 2, 1])


class Ending(unittest.TestCase):
    def test_a_query_ends_between_batches_once_its_stream_has_been_quiet(self) -> None:
        clock = iter(range(0, 10_000, 30))

        class Query:
            lastProgress = {"batchId": 0, "numInputRows": 3}  # noqa: N815
            looks = 0
            stopped = False

            def awaitTermination(self, _: int) -> bool:  # noqa: N802
                self.looks += 1
                return False

            @property
            def status(self) -> dict:
                return {"isTriggerActive": self.looks < 6}

            def stop(self) -> None:
                self.stopped = True

        query = Query()
        click_events.await_end(query, 1, lambda: next(clock))
        self.assertTrue(query.stopped)
        self.assertEqual(query.looks, 6)

    def test_nothing_is_idle_where_it_is_to_go_on_for_ever(self) -> None:
        self.assertFalse(click_events.is_idle(10**9, 0, 0))
        self.assertTrue(click_events.is_idle(60, 0, 1))
        self.assertFalse(click_events.is_idle(59, 0, 1))


class WithSpark(SparkTestCase):
    def texts(self, rows: list):  # noqa: ANN201
        return self.spark.createDataFrame([(row if isinstance(row, str) else json.dumps(row),) for row in rows], "text string")

    def test_gives_each_click_its_product_and_sets_the_others_aside(self) -> None:
        products = self.spark.createDataFrame([("p1", "Pan", "kitchen", "250")], "productId string, name string, category string, price string")
        click = {"eventId": "e1", "at": "2026-01-05T09:00:00.120Z", "userId": "u", "productId": "p1", "action": "purchase", "quantity": 2}
        wrong = [{**click, "productId": "p9"}, {**click, "action": "refund"}, {**click, "at": "yesterday"}, {**click, "eventId": ""}]
        enriched, aside = enrich.enrich(self.texts([click, *wrong, '{"eventId": "cut']), products)
        self.assertEqual([row.asDict() for row in enriched.collect()], [{**click, "product": "Pan", "category": "kitchen", "amount": 500}])
        self.assertEqual(
            sorted(row.reason for row in aside.collect()),
            ["action must be one of view, cart, purchase", "at must be a time in ISO 8601", "eventId must be a text", "it is no JSON object", "there is no product p9"],
        )

    def test_counts_in_windows_and_comes_to_the_same_when_a_batch_is_repeated(self) -> None:
        def click(id_: str, at: str, action: str = "view", amount: int = 0) -> dict:
            return {"eventId": id_, "at": f"2026-01-05T09:{at}Z", "userId": "u", "productId": "p", "action": action,
                    "quantity": 1, "product": "P", "category": "c", "amount": amount}

        batches = [
            [click("1", "00:10"), click("2", "00:50", "purchase", 700), click("1", "00:10"), click("3", "01:30")],
            [click("2", "00:50", "purchase", 700), click("4", "00:59"), click("5", "04:05", "cart")],
            [click("6", "00:58"), click("7", "04:10")],
        ]
        windowing = aggregate.Windowing(window=60_000, lateness=120_000)
        with tempfile.TemporaryDirectory() as folder:
            places = aggregate.Places(output=f"{folder}/windows", late=f"{folder}/late", state=f"{folder}/state")
            for number, rows in enumerate(batches):
                for _ in range(2):
                    aggregate.process(self.spark, self.texts(rows), number, places, windowing)
            rows = self.spark.read.parquet(places.output).orderBy("window_start").collect()
            told = [(row.start, row.views, row.carts, row.purchases, row.revenue, row.is_final) for row in rows]
            self.assertEqual(
                told,
                [
                    ("2026-01-05T09-00-00Z", 2, 0, 1, 700, True),
                    ("2026-01-05T09-01-00Z", 1, 0, 0, 0, True),
                    ("2026-01-05T09-04-00Z", 1, 1, 0, 0, False),
                ],
            )
            late = self.spark.read.json(f"{places.late}/batch=0000000002").collect()
            self.assertEqual([row.eventId for row in late], ["6"])
            left = sorted(path.name for path in pathlib.Path(places.state).iterdir())
            self.assertEqual(left, ["batch=0000000001", "batch=0000000002"])


if __name__ == "__main__":
    unittest.main()

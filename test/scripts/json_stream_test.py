"""Checks of the streaming scripts, with Spark: run with a Python that has PySpark."""

import json
import pathlib
import sys
import tempfile
import unittest

here = pathlib.Path(__file__)
sys.path[:0] = [str(here.parents[2] / "scripts"), str(here.parents[1] / "support")]
sys.dont_write_bytecode = True

import json_stream as job  # noqa: E402
import streaming_kafka  # noqa: E402
import streaming_kinesis  # noqa: E402
from spark_tests import SparkTestCase  # noqa: E402

COLUMNS = {"id": "bigint", "name": "string", "at": "timestamp"}


class Streams(SparkTestCase):
    def setUp(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        (self.folder / "in").mkdir()

    def tearDown(self) -> None:
        self._folder.cleanup()

    def drop(self, name: str, lines: list[str]) -> None:
        # Whole or not at all: a stream may look at any time.
        partial = self.folder / name
        partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        partial.rename(self.folder / "in" / name)

    def run_until_nothing_is_left(self, checkpoint: str = "checkpoint") -> None:
        records = job.files(self.spark, str(self.folder / "in"))
        query = job.start(records, COLUMNS, str(self.folder / "out"), str(self.folder / checkpoint), "available-now")
        query.awaitTermination()

    def accepted_ids(self) -> list[int]:
        table = self.spark.read.option("recursiveFileLookup", "true").parquet(str(self.folder / "out" / "accepted"))
        return sorted(row.id for row in table.select("id").collect())

    def test_records_become_rows_of_the_columns_types_and_others_are_kept_as_they_are(self) -> None:
        good = ['{"id": 1, "name": "\u00e9", "at": "2026-01-01T10:00:00Z", "more": 1}', '{"id": 2}']
        bad = ["no json", '{"id": "x"}', "[1]", "", '{"id": 3', '"text"', '{"id": 99999999999999999999}']
        frame = self.spark.createDataFrame([(text,) for text in good + bad], "`$json$data` string")
        accepted, rejected = job.transform(frame, COLUMNS)
        self.assertEqual(accepted.dtypes, list(COLUMNS.items()))
        rows = [(row.id, row.name, row["at"] and row["at"].isoformat()) for row in accepted.orderBy("id").collect()]
        self.assertEqual(rows, [(1, "\u00e9", "2026-01-01T10:00:00"), (2, None, None)])
        self.assertEqual(sorted(row.text for row in rejected.collect()), sorted(bad))

    def test_a_restart_goes_on_where_the_checkpoint_says(self) -> None:
        self.drop("a", [json.dumps({"id": number}) for number in range(100)] + ["bad"])
        self.run_until_nothing_is_left()
        self.assertEqual(self.accepted_ids(), list(range(100)))
        self.run_until_nothing_is_left()
        self.assertEqual(self.accepted_ids(), list(range(100)))
        self.drop("b", [json.dumps({"id": number}) for number in range(100, 150)])
        self.run_until_nothing_is_left()
        self.assertEqual(self.accepted_ids(), list(range(150)))
        rejected = list((self.folder / "out" / "rejected").rglob("*.txt"))
        self.assertEqual([path.read_text() for path in rejected], ["bad\n"])

    def test_a_batch_that_fails_halfway_is_run_again_and_neither_loses_nor_doubles_a_row(self) -> None:
        self.drop("a", [json.dumps({"id": number}) for number in range(50)])
        self.run_until_nothing_is_left()
        self.drop("b", [json.dumps({"id": number}) for number in range(50, 80)])
        write, failures = job.write_batch, []

        def write_and_fail(*args: object) -> None:
            write(*args)
            failures.append(args[1])
            raise RuntimeError("the power went after the rows were written and before the batch was done")

        job.write_batch = write_and_fail
        try:
            with self.assertRaises(Exception):
                self.run_until_nothing_is_left()
        finally:
            job.write_batch = write
        self.assertEqual(len(failures), 1)
        # More comes in meanwhile: it belongs to the next batch, not to the one that is run again.
        self.drop("c", [json.dumps({"id": number}) for number in range(80, 90)])
        self.run_until_nothing_is_left()
        self.assertEqual(self.accepted_ids(), list(range(90)))

    def test_a_new_checkpoint_begins_anew_beside_what_is_there(self) -> None:
        self.drop("a", ['{"id": 1}'])
        self.run_until_nothing_is_left()
        self.run_until_nothing_is_left("another")
        self.assertEqual(self.accepted_ids(), [1, 1])

    def test_the_sources_are_asked_for_as_glue_has_them(self) -> None:
        class Reader:
            def from_options(self, connection_type: str, connection_options: dict) -> tuple:
                return connection_type, connection_options

        class Context:
            create_data_frame = Reader()

        text = {"classification": "json", "inferSchema": "true"}
        self.assertEqual(
            streaming_kinesis.source(Context(), {"stream_arn": "arn"}),
            ("kinesis", {"streamARN": "arn", "startingPosition": "trim_horizon", **text}),
        )
        self.assertEqual(
            streaming_kafka.source(Context(), {"connection_name": "c", "topic": "t", "starting_offsets": "latest"}),
            ("kafka", {"connectionName": "c", "topicName": "t", "startingOffsets": "latest", **text}),
        )

    def test_columns_that_are_wrong_are_refused(self) -> None:
        for argument in ("[]", "{}", "x", '{"a":"integer"}', '{"_text":"string"}'):
            with self.assertRaises(ValueError):
                job.parse_columns(argument)


if __name__ == "__main__":
    unittest.main()

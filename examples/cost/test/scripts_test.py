"""Checks of the script with Spark: left out by a Python that has no PySpark."""

import csv
import decimal
import pathlib
import sys
import tempfile
import unittest

EXAMPLE = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(EXAMPLE / "scripts"), str(EXAMPLE.parents[1] / "test" / "support")]
sys.dont_write_bytecode = True

import revenue  # noqa: E402
from spark_tests import SparkTestCase  # noqa: E402


class WithSpark(SparkTestCase):
    def test_comes_to_the_sums_in_a_file_that_any_reader_of_csv_can_read(self) -> None:
        sums: dict[str, int] = {}
        with (EXAMPLE / "samples" / "orders.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                cents = decimal.Decimal(row["quantity"]) * decimal.Decimal(row["unit_price"]) * 100
                sums[row["product"]] = sums.get(row["product"], 0) + int(cents)
        with tempfile.TemporaryDirectory() as folder:
            revenue.write_revenue(self.spark, str(EXAMPLE / "samples" / "orders.csv"), f"{folder}/out")
            [part] = pathlib.Path(folder, "out").glob("part-*.csv")
            with part.open(encoding="utf-8", newline="") as file:
                [head, *rows] = csv.reader(file)
        self.assertEqual(head, ["product", "revenue_cents"])
        self.assertEqual({product: int(cents) for product, cents in rows}, sums)
        self.assertTrue(any('"' in product for product in sums))

    def test_fails_for_a_file_of_something_else_and_writes_nothing(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "poison.csv").write_text("name,colour\nCup,blue\n", encoding="utf-8")
            with self.assertRaisesRegex(Exception, "quantity"):
                revenue.write_revenue(self.spark, f"{folder}/poison.csv", f"{folder}/out")
            self.assertFalse(pathlib.Path(folder, "out").exists())


if __name__ == "__main__":
    unittest.main()

"""Checks of the profiling script that need Python alone: `python3 test/scripts/profile_csv_test.py`."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts"))
sys.dont_write_bytecode = True

import profile_csv as job  # noqa: E402


def profile(data: bytes, size: int = 3) -> dict:
    return job.profile(data[start : start + size] for start in range(0, len(data), size))


class Profile(unittest.TestCase):
    def test_tells_of_each_column_its_type_and_range_and_how_full_it_is(self) -> None:
        found = profile(b"id,price,day,name\n2,1.5,2026-02-01,b\n10,-3,2026-01-01,\n10,1e2,,a\n")
        self.assertEqual((found["rows"], found["raggedRows"]), (3, 0))
        self.assertEqual(
            [[column[name] for name in ("name", "type", "completeness", "distinct", "min", "max")] for column in found["columns"]],
            [
                ["id", "bigint", 1.0, 2, 2, 10],
                ["price", "double", 1.0, 3, -3.0, 100.0],
                ["day", "date", 0.666667, 2, "2026-01-01", "2026-02-01"],
                ["name", "string", 0.666667, 2, "a", "b"],
            ],
        )

    def test_a_column_is_what_all_its_values_are(self) -> None:
        for values, type_ in (
            ("1 2", "bigint"),
            ("1 2.0", "double"),
            ("9223372036854775807 9223372036854775808", "double"),
            ("true FALSE", "boolean"),
            ("true 1", "string"),
            ("2026-02-28 2026-02-29", "string"),
            ("2026-02-28T10:00:00Z 2026-02-28T10:00:00.5Z", "timestamp"),
            ("2026-02-28T10:61:00Z", "string"),
            ("NaN", "string"),
        ):
            text = "a\n" + values.replace(" ", "\n")
            self.assertEqual(profile(text.encode())["columns"][0]["type"], type_, values)

    def test_reads_quotes_line_ends_and_the_byte_order_mark_however_the_file_comes_in_pieces(self) -> None:
        data = b'\xef\xbb\xbfa,b\r\n"x\r\ny","say ""hi"""\r\n\r\nz\rq,\xc3\xa9\n'
        for size in (1, 2, 3, 99):
            found = profile(data, size)
            self.assertEqual((found["rows"], found["raggedRows"]), (3, 1))
            self.assertEqual([column["name"] for column in found["columns"]], ["a", "b"])
            self.assertEqual(found["columns"][0]["max"], "x\r\ny")
            self.assertEqual(found["columns"][1]["max"], "\u00e9")

    def test_counts_distinct_values_up_to_a_limit(self) -> None:
        limit, job.DISTINCT_LIMIT = job.DISTINCT_LIMIT, 10
        try:
            text = "a\n" + "\n".join(str(number) for number in range(50))
            found = profile(text.encode(), 99)
        finally:
            job.DISTINCT_LIMIT = limit
        self.assertEqual(found["columns"][0]["distinct"], 10)
        self.assertFalse(found["columns"][0]["distinctIsExact"])

        self.assertIn("10 or more", job.markdown("t", found))

    def test_a_file_without_a_header_is_an_error(self) -> None:
        with self.assertRaises(ValueError):
            profile(b"\n\n")

    def test_the_page_has_a_row_for_each_column_whatever_is_in_its_name(self) -> None:
        page = job.markdown("orders.csv", profile(b'"a|b","c\nd"\n1,x\n'))
        self.assertEqual(len(page.strip().split("\n")), 8)
        self.assertIn("| a\\|b | bigint | 1.0 |", page)
        self.assertIn("| c d | string | 1.0 |", page)


if __name__ == "__main__":
    unittest.main()

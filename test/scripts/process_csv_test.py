"""Checks of the Glue script that need Python alone: `python3 test/scripts/process_csv_test.py`."""

import datetime
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "scripts"))
sys.dont_write_bytecode = True

import process_csv as job  # noqa: E402


def pieces(data: bytes, size: int = 3) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def records(data: bytes, size: int = 3) -> list[job.Record]:
    return list(job.records_of(job.lines_of(job.utf8_text(pieces(data, size)))))


class Records(unittest.TestCase):
    def test_lines_end_with_lf_crlf_or_cr_in_quotes_too(self) -> None:
        for size in (1, 2, 3, 99):
            found = records(b'\xef\xbb\xbfa\r\n\r\n\n"x\r\ny\n\rz",2\rb', size)
            self.assertEqual(
                [(record.line, record.fields) for record in found],
                [(1, ["a"]), (4, ["x\r\ny\n\rz", "2"]), (8, ["b"])],
            )

    def test_text_after_a_closing_quote_spoils_its_record_only(self) -> None:
        found = records(b'"a"b,"c\nd"\n5" disk,"e"\n')
        self.assertEqual(
            [(record.line, record.well_quoted, record.text) for record in found],
            [(1, False, '"a"b,"c\nd"'), (3, True, '5" disk,"e"')],
        )

    def test_what_is_no_csv_text_is_an_error_that_says_where(self) -> None:
        for data, message in (
            (b"", "the file is empty"),
            (b"a\n\xff", "the file is not UTF-8 text: bad byte at offset 2"),
            (b"a\n\xe2\x82", "the file is not UTF-8 text: bad byte at offset 2"),
            (b"a\n1\0", "the file is not text: NUL byte at offset 3"),
            (b'a\n\n"b\nc', "a quote in the record that starts on line 3 is never closed"),
        ):
            with self.assertRaises(job.UnreadableFileError) as raised:
                records(data)
            self.assertEqual(str(raised.exception), message)


class Rows(unittest.TestCase):
    columns = [job.Column("n", "bigint"), job.Column("at", "timestamp")]

    def row(self, text: str) -> object:
        return job.to_row(records(text.encode())[0], self.columns)

    def test_cells_get_the_type_of_their_column(self) -> None:
        moment = datetime.datetime(2026, 2, 28, 23, 30, 0, 250_000, datetime.timezone.utc)
        self.assertEqual(self.row("-7,2026-03-01T01:30:00.25+02:00"), (-7, moment))
        self.assertEqual(self.row(","), (None, None))

    def test_other_rows_are_rejected_with_line_and_reason(self) -> None:
        self.assertEqual(self.row("1"), job.Rejection(1, "expected 2 fields, got 1", "1"))
        self.assertEqual(self.row("x,"), job.Rejection(1, 'column "n": not a bigint', "x,"))

    def test_a_header_names_each_column_once(self) -> None:
        for header in (b"a,,c", b"Id,b,ID", b'"a"x'):
            with self.assertRaises(job.UnreadableFileError):
                job.columns_of(records(header)[0], {})


class Arguments(unittest.TestCase):
    def test_a_value_may_begin_with_a_dash(self) -> None:
        self.assertEqual(
            job.one_word_each(["script", "--JOB_NAME", "j", "--key", "--bucket", "--bucket", "b"]),
            ["script", "--JOB_NAME", "j", "--key=--bucket", "--bucket=b"],
        )


if __name__ == "__main__":
    unittest.main()

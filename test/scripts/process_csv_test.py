"""Checks of the Glue script that need Python alone: `python3 test/scripts/process_csv_test.py`."""

import datetime
import json
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


    def test_a_record_may_be_so_many_bytes_of_any_number_of_lines(self) -> None:
        def bounded(data: bytes, size: int) -> list[list[str]]:
            texts = job.utf8_text(pieces(data, size))
            return [record.fields for record in job.records_of(job.lines_of(texts, 12), 12)]

        for size in (1, 5, 99):
            self.assertEqual(bounded('a\n"é2345\n78"\nb\n'.encode(), size), [["a"], ["é2345\n78"], ["b"]])
            for data in ('a\n\n"é2345\n789"\nb\n'.encode(), b"a\n\n" + b"x" * 40, b'a\n\n"b"c,"' + b"\n" * 9):
                with self.assertRaises(job.UnreadableFileError) as raised:
                    bounded(data, size)
                self.assertEqual(str(raised.exception), "the record that starts on line 3 is longer than 12 bytes")

    def test_a_long_record_of_many_lines_takes_time_by_its_bytes_only(self) -> None:
        longest = 4 * 1024 * 1024
        with self.assertRaises(job.UnreadableFileError):
            list(job.records_of(job.lines_of(['"' + "a\n" * longest], longest), longest))


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


class Manifests(unittest.TestCase):
    file = {"name": "a-1", "bucket": "b", "key": "k/é.csv", "versionId": "null", "size": 3, "sequencer": "0", "generation": 0}

    def files(self, *files: object) -> list[job.BatchFile]:
        return job.files_of(json.dumps({"files": files}).encode(), "the manifest")

    def test_lists_files(self) -> None:
        other = {**self.file, "name": "a-2", "versionId": "v2"}
        self.assertEqual(
            self.files(self.file, other),
            [job.BatchFile("a-1", "b", "k/é.csv", "null", 3), job.BatchFile("a-2", "b", "k/é.csv", "v2", 3)],
        )
        self.assertEqual(self.files(), [])

    def test_is_refused_with_what_is_wrong(self) -> None:
        for files, message in (
            ([self.file, self.file], 'the manifest: files[0] and files[1] have the same name: "a-1"'),
            ([{**self.file, "name": "../a"}], 'the manifest: files[0].name must be 1 to 80 letters, digits, "-" and "_"'),
            ([self.file, {**self.file, "key": ""}], "the manifest: files[1].key must be an object's key"),
            ([{**self.file, "size": True}], "the manifest: files[0].size must be a number of bytes"),
            ([7], 'the manifest: files[0].name must be 1 to 80 letters, digits, "-" and "_"'),
        ):
            with self.assertRaises(job.ManifestError) as raised:
                self.files(*files)
            self.assertEqual(str(raised.exception), message)
        for content in (b"", b"[]", b'{"files":{}}', b"\xff"):
            with self.assertRaises(job.ManifestError):
                job.files_of(content, "the manifest")


class S3Error(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(f"An error occurred ({code})")
        self.response = {"Error": {"Code": code, "Message": "so it is"}}


class Failures(unittest.TestCase):
    def test_name_the_error_and_whether_the_file_is_to_blame(self) -> None:
        self.assertEqual(job.failure(job.UnreadableFileError("empty")), ("UnreadableFileError", "empty", True))
        self.assertEqual(job.failure(S3Error("NoSuchKey")), ("NoSuchKey", "so it is", True))
        self.assertEqual(job.failure(S3Error("AccessDenied")), ("AccessDenied", "so it is", False))
        self.assertEqual(job.failure(ConnectionResetError("gone")), ("ConnectionResetError", "gone", False))
        self.assertEqual(len(job.failure(ValueError("😀" * 3000))[1]), 2000)

    def test_of_all_files_fail_the_run_where_none_is_to_blame(self) -> None:
        file = job.BatchFile("a", "b", "k.csv", "null", 1)
        denied = job.Finding(file, error="AccessDenied", cause="no")
        job.require_one_to_blame([])
        job.require_one_to_blame([denied, job.Finding(file)])
        job.require_one_to_blame([denied, job.Finding(file, error="NoSuchKey", cause="no", is_its_fault=True)])
        for findings, what in (([denied], "the file"), ([denied, denied], "all 2 files")):
            with self.assertRaises(job.BatchFailedError) as raised:
                job.require_one_to_blame(findings)
            self.assertEqual(
                str(raised.exception),
                f"{what} failed, which is not the fault of any; s3://b/k.csv: AccessDenied: no",
            )


class Balance(unittest.TestCase):
    def test_gives_each_task_about_as_much_to_read(self) -> None:
        mib = 1024 * 1024
        sizes = [1000 * mib, *[mib] * 100, 400 * mib, 500 * mib]
        tasks = job.balanced(sizes, 12)
        self.assertEqual(sorted(place for task in tasks for place in task), list(range(len(sizes))))
        self.assertEqual([[0], [102], [101]], tasks[:3])
        self.assertEqual({len(task) for task in tasks[3:]}, {11, 12})

    def test_opens_few_files_in_each_task(self) -> None:
        for count in (0, 1, 16, 17, 1000):
            tasks = job.balanced([0] * count, 4)
            self.assertLessEqual(max(len(task) for task in tasks), job.FILES_PER_TASK)
            self.assertEqual(sum(len(task) for task in tasks), count)


class Arguments(unittest.TestCase):
    def test_a_value_may_begin_with_a_dash(self) -> None:
        self.assertEqual(
            job.one_word_each(["script", "--JOB_NAME", "j", "--key", "--bucket", "--bucket", "b"]),
            ["script", "--JOB_NAME", "j", "--key=--bucket", "--bucket=b"],
        )


if __name__ == "__main__":
    unittest.main()

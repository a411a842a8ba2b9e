"""Runs the job of scripts/process_csv.py on many files in one Spark session: process_files.py SCRIPTS FOLDER

Each folder in FOLDER has `types.json` and either `input.csv` or, of a batch, `objects.json` (what is in S3, as
[BUCKET/KEY@VERSION, FILE or error] each; the manifest is `manifests/batch.json`). Its `output` gets what the job writes, and
`result.json` the job's summary, or the error that it ends with.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True

import process_csv as job  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402


class S3Error(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.response = {"Error": {"Code": code, "Message": message}}


@dataclass(frozen=True)
class FolderStorage:
    folder: str
    output_bucket: str = "output"

    def size(self) -> int:
        return (pathlib.Path(self.folder) / "input.csv").stat().st_size

    def read(self) -> Iterator[bytes]:
        with open(pathlib.Path(self.folder) / "input.csv", "rb") as file:
            while chunk := file.read(1024 * 1024):
                yield chunk

    def write(self, key: str, body: IO[bytes], content_type: str) -> None:
        path = pathlib.Path(self.folder) / "output" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            shutil.copyfileobj(body, file)

    def delete(self, key: str) -> None:
        (pathlib.Path(self.folder) / "output" / key).unlink(missing_ok=True)

    def sizes(self, prefix: str) -> dict[str, int]:
        root = pathlib.Path(self.folder) / "output"
        found = [path for path in (root / prefix).rglob("*") if path.is_file() and not path.name.endswith(".crc")]
        return {str(path.relative_to(root)): path.stat().st_size for path in found}

    def location(self, key: str) -> str:
        return f"file://{self.folder}/output/{key}"


@dataclass(frozen=True)
class BatchStorage(FolderStorage):
    name: str = ""

    def of(self, bucket: str, key: str, version_id: str) -> "BatchStorage":
        version = "" if version_id == "null" else f"@{version_id}"
        return dataclasses.replace(self, name=f"{bucket}/{key}{version}")

    def read(self) -> Iterator[bytes]:
        folder = pathlib.Path(self.folder)
        found = dict(json.loads((folder / "objects.json").read_text(encoding="utf-8"))).get(self.name)
        if found is None:
            raise S3Error("NoSuchKey", f"no {self.name}")
        if isinstance(found, dict):
            raise S3Error(found["name"], found["message"])
        with open(folder / "objects" / found, "rb") as file:
            while chunk := file.read(1024 * 1024):
                yield chunk


def run(spark: SparkSession, folder: pathlib.Path) -> dict[str, int]:
    types = (folder / "types.json").read_text(encoding="utf-8")
    if (folder / "objects.json").exists():
        return job.process_batch(spark, BatchStorage(str(folder)), "s3://output/manifests/batch.json", "test", types)
    return job.process(spark, FolderStorage(str(folder)), "test", types)


def main() -> None:
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "localhost").config("spark.driver.bindAddress", "127.0.0.1")
    spark = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    # Its workers get the job's functions by the file's name, as they do where the script is the main program.
    spark.sparkContext.addPyFile(str(pathlib.Path(sys.argv[1]) / "process_csv.py"))
    for folder in sorted(pathlib.Path(sys.argv[2]).iterdir()):
        result: dict[str, object]
        try:
            result = {"summary": run(spark, folder)}
        except Exception as error:  # noqa: BLE001
            result = {"error": {"name": type(error).__name__, "message": str(error)}}
        (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
    spark.stop()


if __name__ == "__main__":
    main()

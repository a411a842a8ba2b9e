"""Runs the job of scripts/process_csv.py on many files in one Spark session: process_files.py SCRIPTS FOLDER

Each folder in FOLDER has `input.csv` and `types.json`; its `output` gets what the job writes, and `result.json` the job's
summary, or the error that it ends with.
"""

from __future__ import annotations

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


@dataclass(frozen=True)
class FolderStorage:
    folder: str

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
        return {str(path.relative_to(root)): path.stat().st_size for path in (root / prefix).rglob("*.parquet")}

    def location(self, key: str) -> str:
        return f"file://{self.folder}/output/{key}"


def main() -> None:
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "localhost").config("spark.driver.bindAddress", "127.0.0.1")
    spark = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    # Its workers get the job's functions by the file's name, as they do where the script is the main program.
    spark.sparkContext.addPyFile(str(pathlib.Path(sys.argv[1]) / "process_csv.py"))
    for folder in sorted(pathlib.Path(sys.argv[2]).iterdir()):
        result: dict[str, object]
        try:
            types = (folder / "types.json").read_text(encoding="utf-8")
            result = {"summary": job.process(spark, FolderStorage(str(folder)), "test", types)}
        except Exception as error:  # noqa: BLE001
            result = {"error": {"name": type(error).__name__, "message": str(error)}}
        (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
    spark.stop()


if __name__ == "__main__":
    main()

"""The GlueContext: Spark's session, and frames read from S3 by their bookmarks."""

from __future__ import annotations

from typing import Any

from awsglue._bookmarks import bookmarks
from awsglue.dynamicframe import DynamicFrame
from pyspark.sql import SparkSession

# How a DynamicFrame's option is called in Spark's reader and writer.
OPTIONS = {"withHeader": "header", "separator": "sep", "quoteChar": "quote", "escaper": "escape", "multiLine": "multiLine"}
FORMATS = ("csv", "json", "parquet", "orc")


class GlueContext:
    def __init__(self, sparkContext: Any, **_: Any) -> None:
        self._sc = sparkContext
        self.spark_session = SparkSession(sparkContext)
        self.create_dynamic_frame = _Reader(self)
        self.write_dynamic_frame = _Writer(self)

    def getSource(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("GlueContext.getSource is there in Glue alone: use create_dynamic_frame.from_options")

    def get_logger(self) -> Any:
        return _Logger()

    def create_dynamic_frame_from_options(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        return self.create_dynamic_frame.from_options(*args, **kwargs)

    def write_dynamic_frame_from_options(self, *args: Any, **kwargs: Any) -> DynamicFrame:
        return self.write_dynamic_frame.from_options(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(f"GlueContext.{name} is there in Glue alone")


class _Reader:
    def __init__(self, context: GlueContext) -> None:
        self._context = context

    def from_options(
        self,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        format: str | None = None,
        format_options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
        **_: Any,
    ) -> DynamicFrame:
        spark = self._context.spark_session
        if connection_type != "s3" or format not in FORMATS:
            raise NotImplementedError(f"reading {format} from {connection_type} is there in Glue alone")
        options = connection_options or {}
        found = files_below(spark, options["paths"], recurse=bool(options.get("recurse", False)))
        paths = bookmarks.unread(transformation_ctx, found)
        if not paths:
            from pyspark.sql.types import StructType

            return DynamicFrame(spark.createDataFrame([], StructType([])), self._context, transformation_ctx)
        reader = spark.read.options(**spark_options(format_options))
        return DynamicFrame(reader.format(format).load(paths), self._context, transformation_ctx)

    def from_catalog(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("the data catalog is there in Glue alone: read from S3 with from_options")


class _Writer:
    def __init__(self, context: GlueContext) -> None:
        self._context = context

    def from_options(
        self,
        frame: DynamicFrame,
        connection_type: str,
        connection_options: dict[str, Any] | None = None,
        format: str | None = None,
        format_options: dict[str, Any] | None = None,
        transformation_ctx: str = "",
        **_: Any,
    ) -> DynamicFrame:
        if connection_type != "s3" or format not in (*FORMATS, "glueparquet"):
            raise NotImplementedError(f"writing {format} to {connection_type} is there in Glue alone")
        options = connection_options or {}
        writer = frame.toDF().write.mode("append").options(**spark_options(format_options))
        if options.get("partitionKeys"):
            writer = writer.partitionBy(*options["partitionKeys"])
        writer.format("parquet" if format == "glueparquet" else format).save(options["path"])
        return frame


class _Logger:
    def info(self, message: str) -> None:
        print(f"INFO {message}")

    def warn(self, message: str) -> None:
        print(f"WARN {message}")

    def error(self, message: str) -> None:
        print(f"ERROR {message}")


def spark_options(given: dict[str, Any] | None) -> dict[str, Any]:
    return {OPTIONS.get(name, name): value for name, value in (given or {}).items()}


def files_below(spark: SparkSession, paths: list[str], recurse: bool) -> dict[str, str]:
    """The files of folders, each with what tells its versions apart; hidden ones and those in hidden folders are left out."""
    found: dict[str, str] = {}
    hadoop = spark._jvm.org.apache.hadoop.fs.Path
    for path in paths:
        folder = hadoop(path)
        system = folder.getFileSystem(spark._jsc.hadoopConfiguration())
        # Named in full, as its files are.
        below = len(system.makeQualified(folder).toString())
        files = system.listFiles(folder, recurse)
        while files.hasNext():
            status = files.next()
            names = status.getPath().toString()[below:].split("/")
            if not any(name.startswith(("_", ".")) for name in names):
                found[status.getPath().toString()] = f"{status.getModificationTime()} {status.getLen()}"
    return found

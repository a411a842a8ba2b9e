"""A DynamicFrame that is a DataFrame: no choice types, no error records."""

from __future__ import annotations

from typing import Any


class DynamicFrame:
    def __init__(self, data: Any, glue_ctx: Any, name: str = "") -> None:
        self._data = data
        self.glue_ctx = glue_ctx
        self.name = name

    @classmethod
    def fromDF(cls, dataframe: Any, glue_ctx: Any, name: str) -> DynamicFrame:
        return cls(dataframe, glue_ctx, name)

    def toDF(self) -> Any:
        return self._data

    def count(self) -> int:
        return self._data.count()

    def schema(self) -> Any:
        return self._data.schema

    def printSchema(self) -> None:
        self._data.printSchema()

    def show(self, num_rows: int = 20) -> None:
        self._data.show(num_rows)

    def repartition(self, num_partitions: int) -> DynamicFrame:
        return DynamicFrame(self._data.repartition(num_partitions), self.glue_ctx, self.name)

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(f"DynamicFrame.{name} is there in Glue alone: use toDF() and Spark's own functions")

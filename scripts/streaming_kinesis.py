"""Glue streaming job: JSON records of a Kinesis data stream become Parquet. See `json_stream.py` for what all take.

Arguments of its own:
  --stream_arn          the stream
  --starting_position   without a checkpoint: latest, trim_horizon, earliest or a time (default: trim_horizon)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import json_stream

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def source(context: Any, args: dict[str, str]) -> DataFrame:
    options = {
        "streamARN": args["stream_arn"],
        "startingPosition": args.get("starting_position", "trim_horizon"),
        # With these two Glue hands the records over as text; their columns are this job's to say.
        "classification": "json",
        "inferSchema": "true",
    }
    return context.create_data_frame.from_options(connection_type="kinesis", connection_options=options)


if __name__ == "__main__":
    json_stream.main(["stream_arn"], ["starting_position"], source)

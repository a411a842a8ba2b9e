"""Glue streaming job: JSON records of a Kafka topic become Parquet. See `json_stream.py` for what all take.

Arguments of its own:
  --connection_name    Glue's connection, which knows the brokers, the network and how to log in
  --topic              the topic
  --starting_offsets   without a checkpoint: earliest, latest or JSON by partition (default: earliest)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import json_stream

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def source(context: Any, args: dict[str, str]) -> DataFrame:
    options = {
        "connectionName": args["connection_name"],
        "topicName": args["topic"],
        "startingOffsets": args.get("starting_offsets", "earliest"),
        # With these two Glue hands the records over as text; their columns are this job's to say.
        "classification": "json",
        "inferSchema": "true",
    }
    return context.create_data_frame.from_options(connection_type="kafka", connection_options=options)


if __name__ == "__main__":
    json_stream.main(["connection_name", "topic"], ["starting_offsets"], source)

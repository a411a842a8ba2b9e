"""The run itself: where it begins, and where what it has read counts as read."""

from __future__ import annotations

from typing import Any

from awsglue._bookmarks import bookmarks


class Job:
    def __init__(self, glue_context: Any) -> None:
        self.glue_context = glue_context

    def init(self, job_name: str, args: dict[str, str] | None = None) -> None:
        self.name = job_name

    def commit(self) -> None:
        bookmarks.commit()

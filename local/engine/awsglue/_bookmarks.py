"""What a job has read already, kept in a file of the job's.

As in Glue, an S3 source has a place of its own under its `transformation_ctx`, and what a run has read counts as read
once the run commits.
"""

from __future__ import annotations

import json
import os
import pathlib


class Bookmarks:
    def __init__(self, path: pathlib.Path | None, option: str) -> None:
        self._path = path
        self._reads = path is not None and option in ("job-bookmark-enable", "job-bookmark-pause")
        self._writes = path is not None and option == "job-bookmark-enable"
        self._known: dict[str, list[str]] = {}
        self._read: dict[str, list[str]] = {}
        if self._reads and path is not None and path.exists():
            self._known = json.loads(path.read_text(encoding="utf-8"))

    def unread(self, context: str, versions: dict[str, str]) -> list[str]:
        """The paths, of a source's paths and what tells their versions apart, that no earlier run has read."""
        if not self._reads or not context:
            return sorted(versions)
        known = set(self._known.get(context, []))
        marks = {path: f"{path} {version}" for path, version in versions.items()}
        self._read[context] = sorted(known | set(marks.values()))
        return sorted(path for path, mark in marks.items() if mark not in known)

    def commit(self) -> None:
        if not self._writes or self._path is None:
            return
        text = json.dumps({**self._known, **self._read}, indent=2, sort_keys=True)
        partial = self._path.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(self._path)


def _from_environment() -> Bookmarks:
    path = os.environ.get("GLUE_PIPELINE_BOOKMARKS")
    option = os.environ.get("GLUE_PIPELINE_BOOKMARK_OPTION", "job-bookmark-disable")
    return Bookmarks(None if path is None else pathlib.Path(path), option)


bookmarks = _from_environment()

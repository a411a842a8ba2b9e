"""Reads a run's arguments."""

from __future__ import annotations

import argparse

# Given by Glue whether a script asks for them or not.
OPTIONAL = ["job-bookmark-option", "job-bookmark-from", "job-bookmark-to", "JOB_ID", "JOB_RUN_ID", "TempDir"]


class GlueArgumentError(Exception):
    pass


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise GlueArgumentError(message)


def getResolvedOptions(args: list[str], options: list[str]) -> dict[str, str]:
    """The values of the named arguments, all of which must be there; other arguments are passed over."""
    parser = _Parser(add_help=False, allow_abbrev=False)
    for name in options:
        parser.add_argument(f"--{name}", required=True)
    for name in OPTIONAL:
        if name not in options:
            parser.add_argument(f"--{name}")
    found, _ = parser.parse_known_args(args[1:])
    return {name: value for name, value in vars(found).items() if value is not None}

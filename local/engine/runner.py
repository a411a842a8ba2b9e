"""Runs a Glue script as Glue would, and tells how it ended: runner.py RESULT SCRIPT [ARGUMENT…]

RESULT gets a JSON document: {"ok": true}, or {"ok": false, "message": "ErrorClass: what it says"}. The script's
traceback goes to standard error, as it goes to Glue's log.
"""

from __future__ import annotations

import json
import os
import pathlib
import runpy
import sys
import traceback

LONGEST_MESSAGE = 2048


def main(result: pathlib.Path, script: str, arguments: list[str]) -> int:
    sys.argv = [script, *arguments]
    sys.path.insert(0, os.path.dirname(script))
    outcome = run(script)
    # Whole or not at all: whoever reads it may come at any time.
    partial = result.with_suffix(".partial")
    partial.write_text(json.dumps(outcome), encoding="utf-8")
    partial.replace(result)
    return 0 if outcome["ok"] else 1


def run(script: str) -> dict[str, object]:
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        # None and 0 are how a script says that all is well.
        if end.code is None or end.code == 0:
            return {"ok": True}
        return {"ok": False, "message": f"SystemExit: {end.code}"}
    except BaseException as error:  # noqa: BLE001
        traceback.print_exc()
        return {"ok": False, "message": message_of(error)}
    return {"ok": True}


def message_of(error: BaseException) -> str:
    """The last words of the traceback: the error's class and message."""
    text = "".join(traceback.format_exception_only(type(error), error)).strip()
    if isinstance(error, SyntaxError):
        # Its place in the file comes first.
        text = text.split("\n")[-1]
    # A Java error brings Java's own stack along.
    return text.split("\n\tat ")[0][:LONGEST_MESSAGE]


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]))

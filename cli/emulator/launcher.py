"""Runs MiniStack with its faults that matter here mended: launcher.py --folder FOLDER [--no-mends] …

MiniStack itself is told by the environment what to do (GATEWAY_PORT, BIND_HOST, STATE_DIR …). As long as it runs, the
folder is locked and holds `emulator.json`, which says what runs.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib.metadata
import json
import os
import pathlib
import shutil
import signal
import sys
import threading

import mends

VERSION = "1.5.33"
ALREADY_RUNNING = 3


def main() -> int:
    options = read_options()
    if options.list_mends:
        for mend in mends.ALL:
            print(f"{mend.__name__}: {mends.summary(mend)}")
        return 0
    installed = importlib.metadata.version("ministack")
    if installed != VERSION:
        print(f"ministack must be {VERSION}, which the mends are written for, got {installed}", file=sys.stderr)
        return 2
    options.folder.mkdir(parents=True, exist_ok=True)
    with open(options.folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"an emulator runs in {options.folder} already", file=sys.stderr)
            return ALREADY_RUNNING
        return run(options)


def run(options: argparse.Namespace) -> int:
    # Functions killed with an earlier emulator have left their code here.
    temporary = pathlib.Path(os.environ["TMPDIR"])
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    # Otherwise a package.json above decides whether functions and MiniStack's own scripts are taken for modules.
    (temporary / "package.json").write_text("{}")

    from ministack import app
    from ministack.core import lambda_runtime

    applied = [] if options.no_mends else mends.apply(app, processes=options.processes)
    for mend in applied:
        print(f"mended {mend.__name__}: {mends.summary(mend)}", flush=True)
    if options.until_input_closes:
        threading.Thread(target=end_with_input, daemon=True).start()

    running = options.folder / "emulator.json"
    write(
        running,
        {
            "pid": os.getpid(),
            "version": VERSION,
            "host": os.environ["BIND_HOST"],
            "port": int(os.environ["GATEWAY_PORT"]),
            "persist": os.environ.get("PERSIST_STATE") == "1",
            "mends": [mend.__name__ for mend in applied],
        },
    )
    # MiniStack reads its own options from the command line.
    sys.argv = sys.argv[:1]
    try:
        app.main()
    finally:
        # Ends the processes of functions, and lets none of them stay behind as a zombie.
        lambda_runtime.reset()
        running.unlink(missing_ok=True)
    return 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("--processes", type=int, default=8, help="most processes of functions at once")
    parser.add_argument("--no-mends", action="store_true")
    parser.add_argument("--until-input-closes", action="store_true", help="end when standard input does")
    parser.add_argument("--list-mends", action="store_true")
    return parser.parse_args()


def end_with_input() -> None:
    """Whoever started this may be killed, and can then not stop it."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def write(path: pathlib.Path, document: dict[str, object]) -> None:
    """All at once, so that no reader sees half of it."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(document))
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main())

"""Profiles many files with the functions of the Glue script: profile_files.py MODULES FOLDER

MODULES are the folders of the script and of `process_csv`, separated by a colon. Each folder in FOLDER has `input.csv`
and `contract.json`; its `profile.json` gets what the script finds.
"""

import json
import pathlib
import sys

sys.path[:0] = sys.argv[1].split(":")
sys.dont_write_bytecode = True

import profile_quality as job  # noqa: E402


def chunks(path):
    with open(path, "rb") as file:
        while chunk := file.read(65_536):
            yield chunk


for folder in sorted(pathlib.Path(sys.argv[2]).iterdir()):
    contract = json.loads((folder / "contract.json").read_text(encoding="utf-8"))
    found = job.profile(chunks(folder / "input.csv"), contract, "2026-01-08T00:00:00Z")
    (folder / "profile.json").write_text(json.dumps(found), encoding="utf-8")

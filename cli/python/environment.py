"""Makes a virtual environment with what a requirements file asks for: environment.py FOLDER REQUIREMENTS

Several processes may ask for the same folder at once: one makes it, the others wait. The file `complete` is written
last, so that an environment whose making was cut short is made anew.
"""

from __future__ import annotations

import fcntl
import os
import pathlib
import shutil
import subprocess
import sys
import venv

# Settings that send packages elsewhere than into the environment.
ELSEWHERE = ["PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_DRY_RUN"]


def main(folder: pathlib.Path, requirements: pathlib.Path) -> int:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_name(f"{folder.name}.lock"), "w") as lock:
        # The system lets go of it when this process ends, however it ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / "complete").exists():
            return 0
        shutil.rmtree(folder, ignore_errors=True)
        # A copied interpreter does not find its own libraries everywhere.
        venv.create(folder, with_pip=True, symlinks=True)
        code = install(folder / "bin" / "python", requirements)
        if code == 0:
            (folder / "complete").touch()
        return code


def install(python: pathlib.Path, requirements: pathlib.Path) -> int:
    env = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    options = ["--disable-pip-version-check", "--no-input", "--quiet", "--requirement", str(requirements)]
    return subprocess.run([str(python), "-I", "-m", "pip", "install", *options], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))

"""What all processes of one test run need is made once."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]
) -> Path:
    """A copy of one's own of a folder that `make` filled, in one process for all of this run."""
    base = tmp_path_factory.getbasetemp()
    # A process of pytest-xdist has a folder of its own within the run's.
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made = run / f"made-{name}"
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            making = run / f"making-{name}"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            make(making)
            making.rename(made)
    return Path(shutil.copytree(made, tmp_path_factory.mktemp(name), dirs_exist_ok=True))

"""`add` as a process of its own that prints a line for every file, and that can kill itself.

    python -m tests.catalog.adding CATALOG DIE_AT PATH...

DIE_AT counts the calls that change the disk (and the database's commits, before and after): at
that one the process gets SIGKILL. 0: it lives.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from catalog.add import Progress, add
from catalog.catalog import Catalog
from catalog.errors import CatalogError
from tests.catalog.making import SPEC, BandsEncoder, settings_at

LIMIT = "NOWHEAR_TEST_FILE_BYTES"  # largest file that may be written: stands for a full disk


def die_at(count: int) -> None:
    """Send SIGKILL to this process at the `count`-th change of the disk."""
    calls = 0

    def counted() -> None:
        nonlocal calls
        calls += 1
        if calls == count:
            os.kill(os.getpid(), signal.SIGKILL)

    def wrapped(function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            counted()
            result = function(*args, **kwargs)
            counted()
            return result

        return call

    for name in ("fsync", "pwrite", "ftruncate", "rename", "replace", "mkdir", "unlink"):
        setattr(os, name, wrapped(getattr(os, name)))
    event.listen(Engine, "commit", lambda _connection: counted())


def main() -> int:
    """Add, and say how it went."""
    folder, count, *paths = sys.argv[1:]
    if int(count):
        die_at(int(count))
    if limit := os.environ.get(LIMIT):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))

    def show(progress: Progress) -> None:
        sys.stdout.write(f"{progress.done}\n")
        sys.stdout.flush()

    settings = settings_at(Path(folder), tail_songs=4, workers=2)
    try:
        with Catalog.open(settings, SPEC, create=True) as catalog:
            summary = add(map(Path, paths), catalog, BandsEncoder(), settings, on_progress=show)
    except CatalogError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(f"added {summary.added} unchanged {summary.unchanged}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

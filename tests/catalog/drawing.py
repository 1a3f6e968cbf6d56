"""Draws a map by principal axes as a process that is killed at every change of the disk in turn.

    python -m tests.catalog.drawing CATALOG

Prints the version of the map that stands after each kill, and at last that of the whole build.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from catalog.catalog import Catalog
from catalog.map_building import build_map
from catalog.map_file import map_folder, open_map
from catalog.settings import MapSettings
from tests.catalog.adding import die_at
from tests.catalog.making import SPEC, settings_at

MOST_KILLS = 200


def draw(folder: Path) -> None:
    """Draw the map of the catalog in `folder`."""
    with Catalog.open(settings_at(folder), SPEC) as catalog:
        build_map(catalog, MapSettings(method="pca"), anew=True)


def version(folder: Path) -> str:
    """That of the published map, "none" without one; raises when it is damaged."""
    stored = open_map(map_folder(settings_at(folder)))
    return "none" if stored is None else stored.facts.version


def main() -> int:
    """Kill at the first change, then at the second, until it comes to its end."""
    folder = Path(sys.argv[1])
    for count in range(1, MOST_KILLS):
        child = os.fork()  # of a process with one thread, and quicker than to start anew
        if child == 0:
            die_at(count)
            draw(folder)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{version(folder)}\n")
        if os.WIFEXITED(status):
            return os.WEXITSTATUS(status)
        assert os.WTERMSIG(status) == signal.SIGKILL
    return 1


if __name__ == "__main__":
    sys.exit(main())

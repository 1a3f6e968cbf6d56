"""Runs an import from its beginning to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from catalog.datasets import Datasets
from catalog.errors import DatasetError
from catalog.songs import path_text

from . import echonest, fma, lastfm, msd, spotify, tasteprofile
from .job import Job, in_tree, walked
from .report import Progress, Report
from .writing import Writer

_READERS: dict[str, tuple[str, Callable[[Job], None]]] = {
    "fma": (fma.NAME, fma.read),
    "msd": (msd.NAME, msd.read),
    "spotify": (spotify.NAME, spotify.read),
    "echonest": (echonest.NAME, echonest.read),
    "tasteprofile": (tasteprofile.NAME, tasteprofile.read),
    "lastfm": (lastfm.NAME, lastfm.read),
}

KINDS = tuple(_READERS)
"""What can be imported."""


def run_import(
    kind: str, paths: Sequence[Path], datasets: Datasets, *, on_progress: Progress | None = None
) -> Report:
    """Read what is at `paths` (files, or folders with all beneath them) into `datasets`.

    `kind` is one of `KINDS`. May be killed at any time and run again: what is stored stays whole,
    and is not stored twice. Raises `DatasetError`: there is nothing of that kind, or it has another
    layout. `MissingExtraError`, `StoreError`.
    """
    name, read = _READERS[kind]
    every = [path.absolute() for path in paths]
    for path in every:
        if not path.exists():
            raise DatasetError(f"{path}: no such file or folder")
    report = Report(name)
    files, in_trees = _found(every, report)
    source = ", ".join(path_text(path) for path in every)
    write = Writer(datasets, name, source, add_genres=kind == spotify.NAME)
    job = Job(every, files, in_trees, write, report, on_progress or (lambda *_: None))
    read(job)
    write.finish()
    return report


def _found(paths: Sequence[Path], report: Report) -> tuple[list[Path], Counter[str]]:
    """Files to look at, and how many there are of those in trees by the ends of their names."""
    files: list[Path] = []
    in_trees: Counter[str] = Counter()

    def unread(error: OSError) -> None:
        report.warn(Path(error.filename), f"cannot be looked into: {error.strerror}")

    for file in walked(paths, on_error=unread):
        if (end := in_tree(file)) is not None:
            in_trees[end] += 1
        elif file.is_file():
            files.append(file)
    return files, in_trees

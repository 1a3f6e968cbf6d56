"""One import as it runs: where rows go, what is reported, how far it is."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from catalog.errors import DatasetError
from catalog.walk import EXTENSIONS

from .lines import BOM, LONGEST_LINE, Line, Table, lines, text_of
from .msd_ids import TRACK
from .report import Progress, Report
from .writing import Writer

_OF_ONE_SONG = (".h5", ".json")
_COLUMNS = "SELECT m.name, p.name FROM sqlite_master AS m, pragma_table_info(m.name) AS p"
_LARGEST_JSON = 1 << 29
"""Bytes: such a file is in memory as a whole."""


@dataclass
class Job:
    """An import: `paths` were named, `files` are those found there, in order of their names, but
    for audio and the files of single songs, of which there may be a million: `tree` goes through
    those."""

    paths: Sequence[Path]
    files: Sequence[Path]
    in_trees: Counter[str]  # how many of those there are, by the ends of their names
    write: Writer
    report: Report
    on_progress: Progress
    _todo: int = field(init=False, default=0)
    _done: int = field(init=False, default=0)
    _reading: str = field(init=False, default="")

    def named(self, pattern: str) -> list[Path]:
        """Files whose whole name the regular expression matches, in any case."""
        return [file for file in self.files if re.fullmatch(pattern, file.name, re.IGNORECASE)]

    def tree(self, *ends: str) -> Iterator[Path]:
        """Files of single songs whose names have these ends, as `.h5`, in order of their names."""
        total = sum(self.in_trees[end] for end in ends)
        done = 0
        for file in walked(self.paths):
            if in_tree(file) in ends:
                yield file
                done += 1
                self.on_progress(done, total, file.name)

    def expect(self, files: Iterable[Path]) -> None:
        """These are going to be read: what progress is measured against."""
        self._todo = sum(_size(file) for file in files)

    def begin(self, file: Path) -> None:
        """This file is read now."""
        self._reading = file.name
        if file not in self.report.files[-1:]:
            self.report.files.append(file)

    def on_bytes(self, count: int) -> None:
        """So many bytes more were read."""
        self._done += count
        self.on_progress(self._done, self._todo or None, self._reading)

    def lines(self, file: Path) -> Iterator[Line]:
        """Its lines with their numbers; see `lines.lines`."""
        self.begin(file)
        return lines(file, self.report, self.on_bytes)

    def table(self, file: Path) -> Table:
        """Its rows; see `lines.Table`."""
        self.begin(file)
        return Table(file, self.report, self.on_bytes)

    def json(self, file: Path) -> Any:
        """What the file holds; None, and reported, when it is no JSON."""
        size = _size(file)
        try:
            if size > _LARGEST_JSON:
                raise ValueError(f"{size:,} bytes; expected at most {_LARGEST_JSON:,}")
            text, _ = text_of(file.read_bytes())
            return json.loads(text.removeprefix("\ufeff"))
        except RecursionError:
            self.report.bad(file, None, "no JSON that can be read: nested too deep")
        except (OSError, ValueError) as error:
            self.report.bad(file, None, f"no JSON that can be read: {error}")
        finally:
            self.on_bytes(size)
        return None

    def queried(self, file: Path, query: str) -> Iterator[tuple[Any, ...]]:
        """Rows of a query on an SQLite file; a file that is damaged ends them, and is reported.
        Text comes as bytes."""
        self.begin(file)
        size = _size(file)
        try:
            # immutable: a file on a medium that cannot be written needs no lock
            database = sqlite3.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True)
            try:
                database.text_factory = bytes
                yield from database.execute(query)
            finally:
                database.close()
        # The names within a damaged file need not be text either.
        except (sqlite3.Error, UnicodeError) as error:
            self.report.bad(file, None, f"the database cannot be read to its end: {error}")
        self.on_bytes(size)


def walked(
    paths: Iterable[Path], *, on_error: Callable[[OSError], None] | None = None
) -> Iterator[Path]:
    """The files at and beneath paths, in order of their names; hidden ones are left out. Links are
    followed, and a folder is walked once, so a loop of links ends."""
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path, onerror=on_error, followlinks=True):
            state = Path(folder).stat()
            if (state.st_dev, state.st_ino) in seen:
                folders.clear()
                continue
            seen.add((state.st_dev, state.st_ino))
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from (Path(folder, name) for name in sorted(names) if not name.startswith("."))


def in_tree(file: Path) -> str | None:
    """The end of the name of an audio file, or of a Million Song's own file; else None."""
    end = file.suffix.lower()
    if end in EXTENSIONS or (end in _OF_ONE_SONG and TRACK.fullmatch(file.stem)):
        return end
    return None


def starts(file: Path, count: int = 1) -> list[str]:
    """The first lines of a text file, to see what it is; none when it is no text."""
    found: list[str] = []
    try:
        with file.open("rb") as opened:
            for _ in range(count):
                data = opened.readline(LONGEST_LINE)
                found.append(text_of(data.removeprefix(BOM).rstrip(b"\r\n"))[0])
    except OSError as error:
        raise DatasetError(f"{file}: {error.strerror or error}") from error
    return found


def columns_of(file: Path) -> set[str]:
    """Names of an SQLite file's columns, as `table.column`; none when it is no such file, or
    damaged."""
    try:
        database = sqlite3.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True)
        try:
            database.text_factory = lambda data: data.decode("utf-8", "replace")
            rows = database.execute(_COLUMNS).fetchall()
        finally:
            database.close()
    except (sqlite3.Error, UnicodeError):
        return set()
    return {f"{table}.{column}" for table, column in rows}


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0

"""The Free Music Archive's `features.csv`: librosa's 518 figures of each track.

Its header has three lines (feature, statistic, number) and a fourth with `track_id` alone; see
Defferrard et al., "FMA: a dataset for music analysis", ISMIR 2017.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import DatasetError

HEADS = ("feature", "statistics", "number")
_KEY = "track_id"


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Rows of a table of features.

    - `keys`: track ids as the table writes them; `same_key` compares.
    - `values` (n, d), finite; `names`: of the columns, such as `mfcc mean 01`.
    - `skipped`: (line, reason) of rows that could not be read.
    """

    keys: list[str]
    values: NDArray[np.float32]
    names: tuple[str, ...]
    skipped: list[tuple[int, str]]

    @property
    def fingerprint(self) -> str:
        """64 hex digits that change with the columns: what a head is fitted to."""
        return hashlib.sha256("\n".join(self.names).encode()).hexdigest()


def same_key(key: str) -> str:
    """What two spellings of a track id have in common: FMA writes 2 in tables and 000002 in paths.

    >>> same_key("000002") == same_key("2")
    True
    """
    return key.strip().lstrip("0") or "0"


def read_features(path: Path, *, wanted: Collection[str] | None = None) -> FeatureTable:
    """The rows of `wanted` track ids (None: all) of the table at `path`, read line by line.

    A row that is torn, or holds something that is no finite number, is left out with its line.

    Raises `DatasetError`: the file cannot be read, or its header is another.
    """
    chosen = None if wanted is None else {same_key(key) for key in wanted}
    keys: list[str] = []
    rows: list[NDArray[np.float32]] = []
    skipped: list[tuple[int, str]] = []
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            lines = csv.reader(file)
            names = _names(lines, path)
            for cells in lines:
                if not cells or (chosen is not None and same_key(cells[0]) not in chosen):
                    continue
                row = _row(cells, len(names))
                if isinstance(row, str):
                    skipped.append((lines.line_num, row))
                    continue
                keys.append(cells[0].strip())
                rows.append(row)
    except (OSError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DatasetError(f"{path}: cannot be read: {reason}") from error
    values = np.stack(rows) if rows else np.zeros((0, len(names)), np.float32)
    return FeatureTable(keys, values, names, skipped)


def _names(lines: Iterator[list[str]], path: Path) -> tuple[str, ...]:
    head = [next(lines, []) for _ in range(len(HEADS) + 1)]
    begins = tuple(line[0].strip() if line else "" for line in head)
    width = {len(line) for line in head[: len(HEADS)]}
    if begins != (*HEADS, _KEY) or len(width) != 1:
        raise DatasetError(
            f"{path}: its first lines begin with {', '.join(map(repr, begins))}, expected "
            f"{', '.join((*HEADS, _KEY))}, as in the Free Music Archive's features.csv"
        )
    return tuple(" ".join(cells) for cells in zip(*(line[1:] for line in head[:3]), strict=True))


def _row(cells: list[str], width: int) -> NDArray[np.float32] | str:
    if len(cells) != width + 1:
        return f"{len(cells)} cells, expected {width + 1}"
    try:
        values = [float(cell) for cell in cells[1:]]
    except ValueError as error:
        return f"holds {str(error).partition(': ')[2]}, expected numbers"
    if not all(math.isfinite(value) for value in values):
        return "holds a number that is not finite"
    return np.array(values, np.float32)

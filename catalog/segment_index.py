"""The index of segments in a generation: candidates by few dimensions, to be scored exactly.

prints.annoy      an item for every segment that is searched and not silent
directions.npy    (D, d) the principal directions that the items are told in
segments.npy      (items,) the row of the print file behind each item
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .annoy_index import AnnoyFile, build_annoy_of
from .places import Places
from .prints import unit_prints
from .projection import principal_directions

ANNOY_NAME = "prints.annoy"
DIRECTIONS_NAME = "directions.npy"
ROWS_NAME = "segments.npy"
CHUNK_ROWS = 16_384


@dataclass(frozen=True, eq=False)
class SegmentIndex:
    """An open index of segments; its files stay readable after they are deleted."""

    annoy: AnnoyFile
    directions: NDArray[np.float32]  # (D, d)
    rows: NDArray[np.uint32] | NDArray[np.int64]  # (items,), mapped

    @classmethod
    def open(cls, folder: Path) -> SegmentIndex | None:
        """The index in `folder`, whose checksums were right; None when no segment was heard."""
        rows = np.load(folder / ROWS_NAME, mmap_mode="r", allow_pickle=False)
        directions = np.load(folder / DIRECTIONS_NAME, allow_pickle=False)
        if not len(rows):
            return None
        annoy = AnnoyFile(folder / ANNOY_NAME, dimension=directions.shape[1], items=len(rows))
        return cls(annoy, directions, rows)


def build_segment_index(
    prints: NDArray[np.int8],
    rows: NDArray[np.int64],
    folder: Path,
    *,
    dimension: int,
    trees: int,
) -> int:
    """Write the index of the stored prints `prints[rows]` into `folder`; gives its items.

    Rows that are all zeros (silence) get no item. Raises `StoreError`, `OSError`.
    """
    rows = np.concatenate([np.zeros(0, np.int64), *_heard(prints, rows)])
    directions = principal_directions(prints, rows, dimension=dimension)
    np.save(folder / DIRECTIONS_NAME, directions)
    np.save(folder / ROWS_NAME, rows.astype(np.uint32 if _fits(rows) else np.int64))
    if len(rows):
        narrow = (unit_prints(prints[part]) @ directions for part in _parts(rows))
        path = folder / ANNOY_NAME
        build_annoy_of(narrow, path, dimension=directions.shape[1], trees=trees)
    return len(rows)


def searched_rows(places: Places, *, every: int) -> NDArray[np.int64]:
    """Rows of the segments of ``places`` that are searched: of each song the first and then every
    ``every``-th; ascending when ``places`` is in the order of `Places.by_segment`."""
    counts = -(-places.segments // every)  # (n,) rounded up
    ends = np.cumsum(counts)
    number = np.arange(counts.sum()) - np.repeat(ends - counts, counts)  # 0, 1, ... in each song
    rows: NDArray[np.int64] = np.repeat(places.first_segments, counts) + number * every
    return rows


def _fits(rows: NDArray[np.int64]) -> bool:
    return int(rows.max(initial=0)) <= np.iinfo(np.uint32).max


def _heard(prints: NDArray[np.int8], rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for part in _parts(rows):
        yield part[prints[part].any(axis=1)]


def _parts(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for first in range(0, len(rows), CHUNK_ROWS):
        yield rows[first : first + CHUNK_ROWS]

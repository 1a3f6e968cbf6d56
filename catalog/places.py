"""Where in the vector files the songs stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray


class Place(NamedTuple):
    """One song's place: its row of styles and tags, and its rows of prints, one a segment."""

    row: int
    first_segment: int
    segments: int


def lines_of(ids: NDArray[Any], wanted: NDArray[Any]) -> NDArray[np.int64]:
    """The line of each of `wanted` (m,) in `ids` (n,), which ascend; -1 where it is none of them.

    >>> lines_of(np.array([5, 8]), np.array([8, 6, 9])).tolist()
    [1, -1, -1]
    """
    if not len(ids):
        return np.full(len(wanted), -1, np.int64)
    line = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[line] == wanted, line, -1)


@dataclass(frozen=True, eq=False)
class Places:
    """The places of many songs. ``table`` is ``(n, 4)`` int64: song id, then `Place`; ids ascend.

    >>> places = Places.of([(8, Place(0, 0, 3)), (5, Place(1, 3, 2))])
    >>> places.ids.tolist(), places.of_song(8), places.of_song(6)
    ([5, 8], Place(row=0, first_segment=0, segments=3), None)
    """

    table: NDArray[np.int64]

    @classmethod
    def of(cls, songs: Iterable[tuple[int, Place]]) -> Self:
        """From songs and their places, in any order."""
        rows = sorted((song, *place) for song, place in songs)
        return cls(np.array(rows, dtype=np.int64).reshape(-1, 4))

    def __len__(self) -> int:
        return len(self.table)

    @property
    def ids(self) -> NDArray[np.int64]:
        """(n,) song ids, ascending."""
        return self.table[:, 0]

    @property
    def rows(self) -> NDArray[np.int64]:
        """(n,) rows of the style and the tag file."""
        return self.table[:, 1]

    @property
    def first_segments(self) -> NDArray[np.int64]:
        """(n,) rows of the print file where the songs' segments begin."""
        return self.table[:, 2]

    @property
    def segments(self) -> NDArray[np.int64]:
        """(n,) how many segments the songs have."""
        return self.table[:, 3]

    @property
    def segment_count(self) -> int:
        """Segments of all songs."""
        return int(self.segments.sum())

    def item(self, song: int) -> int | None:
        """Where in the table a song stands."""
        item = int(np.searchsorted(self.ids, song))
        return item if item < len(self) and self.ids[item] == song else None

    def place(self, item: int) -> Place:
        """The place in line `item`."""
        return Place(*self.table[item, 1:].tolist())

    def of_song(self, song: int) -> Place | None:
        """The place of a song, None when it is not here."""
        item = self.item(song)
        return None if item is None else self.place(item)

    def where(self, keep: NDArray[np.bool_]) -> Places:
        """Only the songs with True in `keep` (n,)."""
        return Places(self.table[keep])

    def joined(self, other: Places) -> Places:
        """The songs of both."""
        table = np.concatenate([self.table, other.table])
        return Places(table[np.argsort(table[:, 0], kind="stable")])

    def by_segment(self) -> Places:
        """The same lines in order of their rows of prints: what `owners` searches. Songs without
        any segment are left out, so that no two lines begin at one row."""
        table = self.table[self.segments > 0]
        return Places(table[np.argsort(table[:, 2], kind="stable")])

    def owners(self, print_rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The line of `by_segment()` (to be called on that) that each row of prints belongs to,
        -1 for a row of no song here. Any shape."""
        if not len(self):
            return np.full(print_rows.shape, -1, dtype=np.int64)
        line = np.searchsorted(self.first_segments, print_rows, side="right") - 1
        end = self.first_segments[line] + self.segments[line]
        return np.where((line >= 0) & (print_rows < end), line, -1)

"""Hits among segments: which moment of which song a print is like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .places import Places
from .search import NO_SONG, Hits


@dataclass(frozen=True, eq=False)
class SegmentHits:
    """For every print searched the nearest segments, best first.

    - ``songs``: ``(n, k)`` song ids, `catalog.search.NO_SONG` where none.
    - ``segments``: ``(n, k)`` the segment's number in its song: it is the window that begins at
      sample ``number * hop`` of the song, where ``hop`` is `Catalog.print_hop_samples`.
    - ``scores``: ``(n, k)`` cosine, -1 to 1, `catalog.search.NO_SCORE` where none.
    """

    songs: NDArray[np.int64]
    segments: NDArray[np.int64]
    scores: NDArray[np.float32]


def hits_of_rows(hits: Hits, places: Places) -> SegmentHits:
    """Hits whose "songs" are rows of the print file as hits among segments; ``places`` is in the
    order of `Places.by_segment`."""
    line = places.owners(hits.songs)  # (n, k), -1 where there is no hit
    found = line >= 0
    return SegmentHits(
        songs=np.where(found, _at(places.ids, line), NO_SONG),
        segments=np.where(found, hits.songs - _at(places.first_segments, line), NO_SONG),
        scores=hits.scores,
    )


def _at(values: NDArray[np.int64], line: NDArray[np.int64]) -> NDArray[np.int64]:
    """``values[line]``, anything where ``line`` is -1."""
    return values[line] if len(values) else np.full(line.shape, NO_SONG, dtype=np.int64)

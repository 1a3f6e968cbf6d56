"""Hits among segments: which moment of which song a print is like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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

"""What matching asks of the catalog's songs, each once in a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Asked", "PeakRows", "Prints"]

Prints = NDArray[np.float32]
PeakRows = NDArray[np.uint16]


class Asked:
    """Answers about songs, remembered."""

    def __init__(
        self,
        prints_of: Callable[[int], Prints],
        peaks_of: Callable[[int], PeakRows],
        groups_of: Callable[[Sequence[int]], Mapping[int, int]],
    ) -> None:
        self._prints_of, self._peaks_of, self._groups_of = prints_of, peaks_of, groups_of
        self._prints: dict[int, Prints] = {}
        self._peaks: dict[int, PeakRows] = {}
        self._groups: dict[int, int | None] = {}  # None: there is no such song any more

    def prints(self, song: int) -> Prints:
        """The song's prints, one a segment."""
        if song not in self._prints:
            self._prints[song] = self._prints_of(song)
        return self._prints[song]

    def peaks(self, song: int) -> PeakRows:
        """The song's peaks, a row a segment."""
        if song not in self._peaks:
            self._peaks[song] = self._peaks_of(song)
        return self._peaks[song]

    def groups(self, songs: Sequence[int]) -> dict[int, int]:
        """The near-duplicate groups of those songs that are there."""
        if new := [song for song in dict.fromkeys(songs) if song not in self._groups]:
            found = self._groups_of(new)
            self._groups |= {song: found.get(song) for song in new}
        known = ((song, self._groups[song]) for song in songs)
        return {song: group for song, group in known if group is not None}

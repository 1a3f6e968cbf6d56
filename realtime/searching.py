"""Prints as they come, and the segments of songs that they are near to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.segments import SegmentHits
from encoder.embedding import PrintSpec

from .alignment import Floats, Hit
from .asked import Prints
from .heard import NO_FRAMES, Frames, Heard
from .sections import MatchSettings

__all__ = ["PrintSearch", "PrintStep", "SearchPrints"]

SearchPrints = Callable[[Prints, int], SegmentHits]


@dataclass(frozen=True, eq=False)
class PrintStep:
    """Prints `(P, D)`, the sample `(P,)` of the source at which the window of each begins, and the
    frames of the same sound; without them no peaks are laid."""

    prints: Prints
    starts: NDArray[np.int64]
    frames: Frames = NO_FRAMES

    @classmethod
    def of(
        cls, prints: Prints, starts: NDArray[np.int64], samples: NDArray[np.float32], *, start: int
    ) -> PrintStep:
        """The step of `samples` `(n,)` that the prints rest on; the first is sample `start`."""
        return cls(prints, starts, Frames.of(samples, start=start))


class PrintSearch:
    """Searches the prints of steps with `search`; `hop_samples` is the distance of a song's
    segments."""

    def __init__(
        self, spec: PrintSpec, search: SearchPrints, *, hop_samples: int, settings: MatchSettings
    ) -> None:
        self._dimension, self._middle = spec.dimension, spec.window_samples / 2
        self._search, self._hop, self._settings = search, hop_samples, settings

    def heard(self, steps: Sequence[PrintStep]) -> list[Heard]:
        """The steps with the hits of every `search_every`-th of their prints, from one search."""
        every = self._settings.search_every
        queries = [step.prints[::every] for step in steps]
        if not any(map(len, queries)):
            return [Heard.nothing(self._dimension) for _ in steps]
        found = self._search(np.concatenate(queries), self._settings.hits)
        heard, first = [], 0
        for step, query in zip(steps, queries, strict=True):
            rows = slice(first, first + len(query))
            first += len(query)
            middles = step.starts + self._middle
            hits = self._hits(found, rows, middles[::every])
            heard.append(Heard(step.prints, middles.astype(np.float64), hits, step.frames))
        return heard

    def _hits(self, found: SegmentHits, rows: slice, at: Floats) -> Hit:
        """The hits of some rows; they weigh by how far they stand out of the last one."""
        songs, scores = found.songs[rows], found.scores[rows]
        real = songs >= 0
        worst = np.where(real, scores, np.inf).min(axis=1, keepdims=True, initial=np.inf)
        row, _ = np.nonzero(real)
        return Hit(
            at=at[row],
            song=songs[real],
            there=found.segments[rows][real] * float(self._hop) + self._middle,
            weight=(scores - worst + self._settings.vote_floor)[real].astype(np.float64),
        )

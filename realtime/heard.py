"""What was heard lately: prints with their moments, and the hits of those that were searched."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .alignment import Floats, Hit

__all__ = ["Heard"]


@dataclass(frozen=True, eq=False)
class Heard:
    """Prints `(q, D)` with the middles `(q,)` of their windows, and the hits of those searched."""

    prints: NDArray[np.float32]
    middles: Floats
    hits: Hit

    @classmethod
    def nothing(cls, dimension: int) -> Heard:
        """No prints of this dimension."""
        none = np.zeros(0)
        return cls(
            np.zeros((0, dimension), np.float32), none, Hit(none, none.astype(np.int64), none, none)
        )

    def and_then(self, other: Heard) -> Heard:
        """Both, in order."""
        mine, theirs = self.hits, other.hits
        hits = Hit(
            np.concatenate([mine.at, theirs.at]),
            np.concatenate([mine.song, theirs.song]),
            np.concatenate([mine.there, theirs.there]),
            np.concatenate([mine.weight, theirs.weight]),
        )
        return Heard(
            np.concatenate([self.prints, other.prints]),
            np.concatenate([self.middles, other.middles]),
            hits,
        )

    def since(self, middle: float) -> Heard:
        """What stands at `middle` or later."""
        kept, found = self.middles >= middle, self.hits.at >= middle
        hits = self.hits
        return Heard(
            self.prints[kept],
            self.middles[kept],
            Hit(hits.at[found], hits.song[found], hits.there[found], hits.weight[found]),
        )

"""What was heard lately: prints with their moments, the hits of those that were searched, and the
log power that peaks are laid over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from encoder.peaks import BANDS, FRAME_HOP, FRAME_SAMPLES, SILENCE, bands_of, contrast

from .alignment import Floats, Hit

__all__ = ["NO_FRAMES", "Frames", "Heard"]


@dataclass(frozen=True, eq=False)
class Frames:
    """Log power `bands` `(BANDS, F)` of the source; frame `i` of these is centred on its sample
    `(first + i) * FRAME_HOP`, so that they join however they came."""

    first: int
    bands: NDArray[np.float32]

    @classmethod
    def of(cls, samples: NDArray[np.float32], *, start: int) -> Frames:
        """The frames that lie wholly in `samples` `(n,)`, the first of which is sample `start`."""
        first = -(-(start + FRAME_SAMPLES // 2) // FRAME_HOP)
        begin = first * FRAME_HOP - FRAME_SAMPLES // 2 - start
        return cls(first, bands_of(samples[begin:]))

    @cached_property
    def contrast(self) -> NDArray[np.float32]:
        """How far each place stands above its surroundings, `(BANDS, F)`, -2 to 2.5."""
        return contrast(self.bands)

    @property
    def end(self) -> int:
        """Number of the frame after the last."""
        return self.first + len(self.bands[0])

    def and_then(self, other: Frames) -> Frames:
        """Both, with silence between them where sound was lost; what is in both counts once."""
        if not self.bands.shape[1]:
            return other
        if not other.bands.shape[1] or other.end <= self.end:
            return self
        missing = max(0, other.first - self.end)
        lost = np.full((BANDS, missing), SILENCE, np.float32)
        new = other.bands[:, max(0, self.end - other.first) :]
        return Frames(self.first, np.concatenate([self.bands, lost, new], axis=1))

    def since(self, sample: float) -> Frames:
        """Those centred on `sample` or later."""
        skipped = min(max(0, int(np.ceil(sample / FRAME_HOP)) - self.first), self.bands.shape[1])
        return Frames(self.first + skipped, self.bands[:, skipped:])


NO_FRAMES = Frames(0, np.zeros((BANDS, 0), np.float32))


@dataclass(frozen=True, eq=False)
class Heard:
    """Prints `(q, D)` with the middles `(q,)` of their windows, the hits of those searched, and
    the frames of the same sound."""

    prints: NDArray[np.float32]
    middles: Floats
    hits: Hit
    frames: Frames

    @classmethod
    def nothing(cls, dimension: int) -> Heard:
        """No prints of this dimension."""
        none = np.zeros(0)
        hits = Hit(none, none.astype(np.int64), none, none)
        return cls(np.zeros((0, dimension), np.float32), none, hits, NO_FRAMES)

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
            self.frames.and_then(other.frames),
        )

    def since(self, middle: float, *, half_window: float) -> Heard:
        """What stands at `middle` or later, and the sound of the windows that it rests on."""
        kept, found = self.middles >= middle, self.hits.at >= middle
        hits = self.hits
        return Heard(
            self.prints[kept],
            self.middles[kept],
            Hit(hits.at[found], hits.song[found], hits.there[found], hits.weight[found]),
            self.frames.since(middle - half_window),
        )

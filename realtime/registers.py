"""What a song's peaks meet in each register, low, middle and high notes apart. Pure.

Rooms swallow the highs, much noise fills the lows, a telephone cuts both: peaks in a register that
is drowned meet nothing, and in a mean over all peaks they thin out what the others prove. So each
register tells by itself how far its peaks are ahead of what they meet when they are moved, and
these leads are put together as the length of a vector: one that is drowned adds nothing to it, and
takes nothing away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoder.peaks import BANDS

from .alignment import Floats

__all__ = ["REGISTERS", "Met", "leads", "members"]

Member = NDArray[np.float32]

REGISTERS = 3
"""An octave and a half each. Two or six tell less, and so do stretches of time (halves, quarters):
measured on songs held out of training, in noise and in rooms that swallow the highs."""

_BANDS = math.ceil(BANDS / REGISTERS)
_LEAST_SPREAD = math.sqrt(0.02)  # of means of contrast: a few peaks may agree by chance


@dataclass(frozen=True, eq=False)
class Met:
    """Contrast that peaks meet, lying in each of `n` ways: `sums` and how many are heard, `counts`,
    both `(REGISTERS, n)`."""

    sums: Floats
    counts: Floats

    @classmethod
    def of(cls, member: Member, contrast: NDArray[np.float32], heard: NDArray[np.bool_]) -> Met:
        """What `p` peaks meet, `contrast` `(p, n)`, 0 where they are not `heard` `(p, n)`;
        `member` is that of their registers (`members`)."""
        sums, counts = member @ contrast, member @ heard.astype(np.float32)
        return cls(sums.astype(np.float64), counts.astype(np.float64))

    def among(self, chosen: NDArray[np.bool_]) -> Met:
        """Only the `chosen` `(n,)` of the ways."""
        return Met(self.sums[:, chosen], self.counts[:, chosen])

    @property
    def means(self) -> Floats:
        """By register, `(REGISTERS, n)`, 0 where none is heard."""
        means: Floats = self.sums / np.maximum(self.counts, 1)
        return means

    @property
    def mean(self) -> Floats:
        """By register over all ways, `(REGISTERS,)`, 0 where none is heard."""
        mean: Floats = self.sums.sum(axis=1) / np.maximum(self.counts.sum(axis=1), 1)
        return mean

    @property
    def whole(self) -> Floats:
        """Of all registers together, for each way in which any peak is heard; where there is none,
        a single 0."""
        counts = self.counts.sum(axis=0)
        whole: Floats = self.sums.sum(axis=0)[counts > 0] / counts[counts > 0]
        return whole if len(whole) else np.zeros(1)


def members(bands: NDArray[np.int64]) -> Member:
    """Which register each of `bands` `(p,)` is in: 1 there, `(REGISTERS, p)`, and 0 elsewhere. What
    lies beyond the bands is of the nearest.

    >>> members(np.array([-3, 53, 54, 160])).tolist()
    [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    """
    register = np.clip(bands // _BANDS, 0, REGISTERS - 1)
    member: Member = (register == np.arange(REGISTERS)[:, None]).astype(np.float32)
    return member


def leads(own: Met, in_time: Met, in_pitch: Met) -> tuple[float, float]:
    """How far peaks are ahead of themselves when they are moved, 0 or more, in two ways.

    `own` is what they meet where they lie, one way; `in_time` and `in_pitch` what they meet moved.

    - Ahead of the mean of what is moved, in standard deviations of what is moved in time: tells
      what is there from what is there by chance.
    - Ahead of the highest of what is moved in time, times the root of the number of peaks: tells
      the place from those a beat away.
    """
    means, counts, pitch = own.means[:, 0], own.counts[:, 0], in_pitch.mean
    moved = in_time.means if in_time.counts.shape[1] else np.zeros((REGISTERS, 1))
    spread = np.maximum(moved.std(axis=1), _LEAST_SPREAD)
    of_mean = (means - np.maximum(in_time.mean, pitch)) / spread
    highest = np.maximum(moved.max(axis=1), np.maximum(pitch, 0.0))
    return _length(of_mean), _length((means - highest) * np.sqrt(counts))


def _length(leads: Floats) -> float:
    """Of a vector, with nothing where others lead."""
    return float(np.linalg.norm(np.maximum(leads, 0.0)))

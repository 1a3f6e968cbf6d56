"""Landmarks: pairs of spectral peaks, by which a song is found that no print finds. Pure.

In loud noise, in a room, through a small loudspeaker a print may be like that of another song more
than like its own. Two peaks of a song, though, still stand where they stood, and what they are as
a pair (pitch, rise, gap) is rare enough to be looked up. Pairs of peaks as what is looked up are
from Wang, "An Industrial-Strength Audio Search Algorithm" (ISMIR 2003), section 2.2. What differs
here: bands are those of `encoder.peaks`, even in octaves, so that a record that plays faster shifts
all pitches alike and is looked up by a shift; and a song keeps few pairs, each peak with the next
one, while what is heard is paired richly, since between two peaks of a song noise has its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .peaks import BANDS, frames_and_bands

__all__ = ["LANDMARK_FORMAT", "LANDMARK_KEYS", "Landmarks", "heard_landmarks", "song_landmarks"]

Integers = NDArray[np.int64]

LANDMARK_FORMAT = 1
"""Version of what stored landmarks rest on; those of another one are looked up in vain."""

_GAP = (2, 32)  # frames, 31 to 500 ms, between the peaks of a pair
_RISE = 30  # bands, five sixths of an octave up or down, at most
_GAPS, _RISES = _GAP[1] - _GAP[0] + 1, 2 * _RISE + 1
LANDMARK_KEYS = BANDS * _RISES * _GAPS
"""Keys are numbers from 0 to this less 1."""

_SONG_PEAKS = 12  # of a segment, the strongest
_SONG_PARTNERS = 1  # 3 find 2 songs of 100 more in noise as loud, for 2.7 times the bytes
_HEARD_PARTNERS = 8
_GAP_SLACK = (-1, 0, 1)  # frames by which a peak may have moved


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Pairs of peaks, all `(n,)`: `frame` and `band` of the first one, and by how many bands and
    frames the second one stands higher and later."""

    frame: Integers
    band: Integers
    rise: Integers
    gap: Integers

    def keys(self) -> Integers:
        """Their keys `(n,)`; every pair must have one (`_paired` makes no others)."""
        return (self.band * _RISES + self.rise + _RISE) * _GAPS + self.gap - _GAP[0]

    def looked_up(self, *, rate: float, shift: int) -> tuple[Integers, Integers]:
        """The keys `(m,)` of a song that would be heard as these when it is played `rate` times
        as fast and `shift` bands higher, and which `(m,)` of these each key is of."""
        band = self.band - shift
        gap = np.rint(self.gap * rate).astype(np.int64) + np.array(_GAP_SLACK)[:, None]  # (3, n)
        fits = (band >= 0) & (band < BANDS) & (gap >= _GAP[0]) & (gap <= _GAP[1])
        number = np.nonzero(fits)[1]
        moved = Landmarks(self.frame[number], band[number], self.rise[number], gap[fits])
        return moved.keys(), number


def song_landmarks(rows: NDArray[np.uint16]) -> Landmarks:
    """Those of a song's stored peaks `rows` `(m, PEAKS_PER_SEGMENT)`; frames count from its first
    segment's first one."""
    return _paired(rows[:, :_SONG_PEAKS], _SONG_PARTNERS)


def heard_landmarks(rows: NDArray[np.uint16]) -> Landmarks:
    """Those of what is heard, whose peaks are `rows` as `encoder.peaks.peaks_heard` gives them."""
    return _paired(rows, _HEARD_PARTNERS)


def _paired(rows: NDArray[np.uint16], partners: int) -> Landmarks:
    """Each peak with the next `partners` in reach."""
    frames, bands = frames_and_bands(rows)
    order = np.lexsort((bands, frames))
    frames, bands = frames[order], bands[order]
    paired = np.zeros(len(frames), np.int64)
    first: list[Integers] = [np.zeros(0, np.int64)]
    second = list(first)
    for step in range(1, len(frames)):
        gap = frames[step:] - frames[:-step]
        if gap.min() > _GAP[1]:
            break
        near = (gap >= _GAP[0]) & (gap <= _GAP[1])
        near &= (np.abs(bands[step:] - bands[:-step]) <= _RISE) & (paired[:-step] < partners)
        chosen = np.flatnonzero(near)
        paired[chosen] += 1
        first.append(chosen)
        second.append(chosen + step)
    one, other = np.concatenate(first), np.concatenate(second)
    return Landmarks(
        frames[one], bands[one], bands[other] - bands[one], frames[other] - frames[one]
    )
